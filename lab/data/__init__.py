"""Data in: where it comes from, what the bundled sets are, and whether it can be trusted."""
