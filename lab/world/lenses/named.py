"""Columns of few different words, kept as numbers."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray


def named(codes: "NDArray[np.int64]", names: Sequence[str]) -> "pd.Categorical[str]":
    """Return a column of words from their places in a list.

    Args:
        codes: Places, whole numbers, shape (n,).
        names: The words, each once.

    >>> named(np.array([1, 0]), ("no", "yes")).tolist()
    ['yes', 'no']
    """
    words: pd.Categorical[str] = pd.Categorical.from_codes(codes, list(names))  # type: ignore[call-overload]
    return words
