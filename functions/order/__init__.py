"""TMF622 product order: the contract, from the cart or directly, and its cancellation."""
