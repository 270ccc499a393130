"""The methods on offer, each with its threshold and its distance as a function of a split.

Evidently gives the number that is reported. The distances are repeated here because the verdict
also needs them on shuffled data, thousands of times (see ``noise``). Evidently's ``ed`` and
``empirical_mmd`` are left out on purpose: on 10,000 rows they need gigabytes and many minutes.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from lab.core.errors import unknown
from lab.mlops.drift.result import Kind

if TYPE_CHECKING:
    import numpy.typing as npt

Values: TypeAlias = "npt.NDArray[Any]"
# From pooled values (n,) and the true split to a function of any split: the mask (n,) marks the
# rows that count as reference.
Split: TypeAlias = Callable[["npt.NDArray[np.bool_]"], float]
# Below this spread Evidently divides by it instead of by the spread itself.
SMALLEST_SPREAD = 0.001
# Evidently takes numbers with at most this many different values as categories when it bins.
FEW_VALUES = 20


@dataclass(frozen=True)
class Method:
    """A way to compare two samples of one column.

    Args:
        name: The name Evidently knows it by.
        title: What a person calls it.
        about: What it measures and when it misleads, in a sentence or two.
        kinds: Kinds of column it takes.
        threshold: Where drift begins, before chance and the number of columns are allowed for.
        p_value_based: Whether it gives a p-value instead of a distance.
        prepare: For a distance, from (pooled values, true split) to the distance of any split.
    """

    name: str
    title: str
    about: str
    kinds: tuple[Kind, ...]
    threshold: float
    p_value_based: bool = False
    prepare: "Callable[[Values, npt.NDArray[np.bool_]], Split] | None" = None

    def drifted(self, statistic: float, threshold: float) -> bool:
        """The verdict on a statistic; a distance drifts upward, a p-value downward."""
        return bool(statistic <= threshold if self.p_value_based else statistic >= threshold)


def wasserstein(pooled: "Values", _reference: "npt.NDArray[np.bool_]") -> Split:
    """Area between the two distribution functions, in reference standard deviations.

    Args:
        pooled: Values of both windows, (n,), finite.

    Returns:
        The distance of any split, at least 0.

    Source: Vallender, "Calculation of the Wasserstein distance between probability distributions
    on the line" (1974); the norm is Evidently's.

    >>> split = wasserstein(np.array([0.0, 2.0, 1.0, 3.0]), np.array([True, True, False, False]))
    >>> split(np.array([True, True, False, False]))
    1.0
    """
    order = np.argsort(pooled, kind="stable")
    gaps = np.diff(pooled[order])

    def distance(mask: "npt.NDArray[np.bool_]") -> float:
        sorted_mask = mask[order]
        below_reference = np.cumsum(sorted_mask)[:-1] / sorted_mask.sum()
        below_current = np.cumsum(~sorted_mask)[:-1] / (~sorted_mask).sum()
        area = float(np.abs(below_reference - below_current) @ gaps)
        return area / max(float(np.std(pooled[mask])), SMALLEST_SPREAD)

    return distance


def jensenshannon(pooled: "Values", reference: "npt.NDArray[np.bool_]") -> Split:
    """Jensen-Shannon distance of the shares per category or bin, from 0 to 0.83.

    Source: Lin, "Divergence measures based on the Shannon entropy" (1991), natural logarithm,
    square root taken; bins as Evidently makes them.
    """
    from scipy.special import rel_entr

    def between(p: "Values", q: "Values") -> float:
        middle = (p + q) / 2
        divergence = float(np.sum(rel_entr(p, middle) + rel_entr(q, middle))) / 2
        return math.sqrt(max(0.0, divergence))  # rounding may leave it just below zero

    return _of_shares(pooled, reference, between)


def psi(pooled: "Values", reference: "npt.NDArray[np.bool_]") -> Split:
    """Population stability index: sum of (p - q) ln(p / q) over categories or bins.

    Source: Siddiqi, "Credit Risk Scorecards" (2006); empty bins are filled as Evidently does.
    """
    return _of_shares(
        pooled,
        reference,
        lambda p, q: float(np.sum((_filled(p) - _filled(q)) * np.log(_filled(p) / _filled(q)))),
    )


def _of_shares(
    pooled: "Values",
    reference: "npt.NDArray[np.bool_]",
    between: Callable[["Values", "Values"], float],
) -> Split:
    codes = _codes(pooled, reference)
    bins = int(codes.max()) + 1

    def distance(mask: "npt.NDArray[np.bool_]") -> float:
        p = np.bincount(codes[mask], minlength=bins) / mask.sum()
        q = np.bincount(codes[~mask], minlength=bins) / (~mask).sum()
        return between(p, q)

    return distance


def _codes(pooled: "Values", reference: "npt.NDArray[np.bool_]") -> "npt.NDArray[np.intp]":
    if pooled.dtype.kind != "f" or len(np.unique(pooled[reference])) <= FEW_VALUES:
        return np.unique(pooled, return_inverse=True)[1]
    edges = np.histogram_bin_edges(pooled, bins="sturges")
    return np.clip(np.searchsorted(edges, pooled, side="right") - 1, 0, len(edges) - 2)


def _filled(shares: "Values") -> "Values":
    smallest = shares[shares > 0].min()
    return np.where(shares > 0, shares, smallest / 1e6 if smallest <= 1e-4 else 1e-4)


METHODS: dict[str, Method] = {
    entry.name: entry
    for entry in (
        Method(
            "wasserstein",
            "Wasserstein distance",
            "How far the values moved, in standard deviations of the reference. "
            "Outliers weigh heavily.",
            ("numeric",),
            0.1,
            prepare=wasserstein,
        ),
        Method(
            "jensenshannon",
            "Jensen-Shannon distance",
            "How different the shares of the categories or bins are, from 0 to 0.83.",
            ("category", "numeric"),
            # For small shifts it is w / sqrt(8) of Cohen's effect size w. Evidently's 0.1 is
            # w = 0.28, at which a share of 8 % may double unseen; 0.05 is w = 0.14.
            0.05,
            prepare=jensenshannon,
        ),
        Method(
            "psi",
            "Population stability index",
            "How far the shares of the bins moved; used in credit scoring. Empty bins weigh "
            "heavily.",
            ("numeric", "category"),
            0.2,
            prepare=psi,
        ),
        Method(
            "ks",
            "Kolmogorov-Smirnov test",
            "p-value that both windows come from one distribution. With many rows it reports "
            "differences too small to matter, and it takes rows as independent.",
            ("numeric",),
            0.05,
            p_value_based=True,
        ),
        Method(
            "chisquare",
            "Chi-square test",
            "p-value that the current counts fit the reference shares. It takes the reference "
            "as exact, so a small reference makes it cry wolf.",
            ("category",),
            0.05,
            p_value_based=True,
        ),
    )
}


def method(name: str) -> Method:
    """The method of that name.

    Raises:
        NotFound: There is none.
    """
    if name not in METHODS:
        raise unknown("drift method", name, METHODS)
    return METHODS[name]


def methods_for(kind: Kind) -> list[Method]:
    """The methods that take a kind of column, the default first."""
    return sorted(
        (entry for entry in METHODS.values() if kind in entry.kinds),
        key=lambda entry: entry.kinds.index(kind),
    )
