"""Several of a kind in one row: which row each belongs to, and its number there."""

import numpy as np
from numpy.typing import NDArray

Whole = NDArray[np.int64]


def numbered(counts: Whole) -> tuple[Whole, Whole]:
    """Return the row of every item, and its running number within the row.

    Args:
        counts: Items in each row, whole numbers from 0, shape (n,).

    >>> rows, numbers = numbered(np.array([2, 0, 3]))
    >>> rows.tolist(), numbers.tolist()
    ([0, 0, 2, 2, 2], [0, 1, 0, 1, 2])
    """
    rows = np.repeat(np.arange(len(counts)), counts)
    return rows, np.arange(len(rows)) - np.repeat(np.cumsum(counts) - counts, counts)
