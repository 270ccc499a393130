"""A first honest model of sales."""
