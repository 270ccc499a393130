"""Recipes: steps that clean and shape a table, learnt once and replayed on new rows."""
