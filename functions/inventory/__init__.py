"""TMF637 product inventory: the installed base, with the terms each product was sold on."""
