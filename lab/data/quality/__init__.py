"""Data contracts: what a table promises, and how its rows are held to it.

Conventions: a promise about a row is broken by rows, which are turned away with line and reason
and leave the others alone; a promise about the table (completeness, freshness, uniqueness, number
of rows, drift) is broken by the table, and the contract's policy says whether that blocks it.
"""
