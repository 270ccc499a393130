"""A pipeline you can run twice: clean sales, with the bad rows set aside."""
