"""Load metrics and prove that every sample landed."""
