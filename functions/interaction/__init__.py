"""TMF683 party interaction: one timeline per customer across every channel."""
