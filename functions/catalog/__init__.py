"""TMF620 product catalog: what is sold, where, when and at which price."""
