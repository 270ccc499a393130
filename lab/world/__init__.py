"""The simulated shop: seeded hosts and sales, each with its sealed truth and a fault-free twin.

Everything here is a pure function of its arguments: a seed gives the same numbers on every
machine, times are UTC, intervals are half-open, and no clock is read.
"""
