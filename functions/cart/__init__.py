"""TMF663 shopping cart: what a customer has decided so far, in whatever channel."""
