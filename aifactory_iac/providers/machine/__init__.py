"""One machine: what is wanted, what is seen, and the steps between, each ended by a look."""
