"""Regression over time: features without a look ahead, honest splits, models beside a baseline.

Conventions: a table becomes a design (rows, features, target, baseline) by a ``Recipe``; every
feature of a row was known ``horizon`` steps before it; windows are half-open; errors are in the
unit of the target and lower is better; the same table, recipe and seed give the same score.
"""
