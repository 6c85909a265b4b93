"""The shape of the data, asserted on every row and event; and the tables of docs/, held equal to the code."""
