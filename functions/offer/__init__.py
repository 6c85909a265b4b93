"""What is on offer in a sale: who may have it, at which price, and which promotions there are or nearly are."""
