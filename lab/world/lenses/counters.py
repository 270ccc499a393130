"""Counters as processes keep them: they grow, and begin again when the process does."""

from collections.abc import Hashable

import numpy as np

from lab.world.signals import Array, Flags


class Totals:
    """How far every counter has come, carried from one stretch to the next."""

    def __init__(self) -> None:
        """Begin with every counter at zero."""
        self._reached: dict[Hashable, float] = {}

    def counted(self, key: Hashable, growth: Array, begins: Flags) -> Array:
        """Go on with a counter.

        Args:
            key: Which counter.
            growth: What each minute adds, shape (T,).
            begins: Whether the process began again in that minute, shape (T,).

        Returns:
            The counter at the end of each minute, shape (T,).

        >>> totals = Totals()
        >>> totals.counted("a", np.ones(3), np.array([False, False, True])).tolist()
        [1.0, 2.0, 1.0]
        >>> totals.counted("a", np.ones(2), np.array([False, False])).tolist()
        [2.0, 3.0]
        """
        reached = np.empty(len(growth))
        total = self._reached.get(key, 0.0)
        edges = [0, *np.flatnonzero(begins).tolist(), len(growth)]
        for place in range(len(edges) - 1):
            part = slice(edges[place], edges[place + 1])
            if place:
                total = 0.0
            # One sum from left to right, so that parts of a stretch add up to the same bits.
            steps = np.cumsum(np.concatenate([[total], growth[part]]))
            reached[part], total = steps[1:], float(steps[-1])
        self._reached[key] = total
        return reached

    def latest(self, key: Hashable, values: Array, marks: Flags, first: float) -> Array:
        """Return the value at the latest mark at each minute.

        Args:
            key: Which memory.
            values: Shape (T,).
            marks: Where a value is taken over, shape (T,).
            first: What holds before any mark.

        Returns:
            Shape (T,).
        """
        before = self._reached.get(key, first)
        last = np.maximum.accumulate(np.where(marks, np.arange(len(values)), -1))
        held = np.where(last < 0, before, values[np.maximum(last, 0)])
        self._reached[key] = float(held[-1])
        return held
