"""How a column spreads over bins or categories in both windows, for pictures."""

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from lab.core.words import grouped
from lab.mlops.drift.columns import Pair
from lab.mlops.drift.result import Shares

if TYPE_CHECKING:
    import pandas as pd

BINS = 30
CATEGORIES = 12


def shares(pair: Pair) -> Shares:
    """Count a column out into bins or categories.

    Args:
        pair: The column on both sides. Numbers go into 30 bins of one width between the 0.5 %
            and 99.5 % quantile, the outer bins taking the rest; of categories the twelve most
            frequent are kept.

    Returns:
        Shares of both windows, each summing to 1.
    """
    return _of_numbers(pair) if pair.kind == "numeric" else _of_categories(pair)


def _of_numbers(pair: Pair) -> Shares:
    import numpy as np

    reference, current = (side.dropna().to_numpy() for side in (pair.reference, pair.current))
    low, high = np.quantile(np.concatenate([reference, current]), [0.005, 0.995])
    if low == high:
        low, high = low - 0.5, high + 0.5
    edges = np.linspace(low, high, BINS + 1)
    counts = [
        np.histogram(np.clip(side, low, high), edges)[0] / len(side)
        for side in (reference, current)
    ]
    labels = [f"{grouped(a, '.4g')} to {grouped(b, '.4g')}" for a, b in pairwise(edges)]
    return _shares(pair.column, labels, edges.tolist(), counts[0].tolist(), counts[1].tolist())


def _of_categories(pair: Pair) -> Shares:
    reference, current = (
        side.value_counts(normalize=True) for side in (pair.reference, pair.current)
    )
    both = reference.add(current, fill_value=0).sort_values(ascending=False)
    kept = [str(label) for label in both.index[:CATEGORIES]]
    sides = [_kept(side, kept) for side in (reference, current)]
    more = len(both) > CATEGORIES
    labels = [*kept, f"{len(both) - CATEGORIES} others"] if more else kept
    return _shares(pair.column, labels, (), *(side[: len(labels)] for side in sides))


def _kept(side: "pd.Series", labels: Sequence[str]) -> list[float]:
    found = [float(side.get(label, 0.0)) for label in labels]
    return [*found, max(0.0, 1.0 - sum(found))]


def _shares(
    column: str,
    labels: Sequence[str],
    edges: Sequence[float],
    reference: Sequence[float],
    current: Sequence[float],
) -> Shares:
    return Shares(column, tuple(labels), tuple(edges), tuple(reference), tuple(current))
