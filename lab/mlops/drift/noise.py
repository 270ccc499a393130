"""How large a distance chance alone makes, so that it is not taken for drift."""

from typing import TYPE_CHECKING

import numpy as np

from lab.mlops.drift.methods import Method

if TYPE_CHECKING:
    import numpy.typing as npt

    from lab.mlops.drift.methods import Values

# The level of all columns together: one report in twenty on data without drift may err.
LEVEL = 0.05
FEWEST_SHUFFLES = 199


def shuffles(n_columns: int) -> int:
    """How many shuffles keep all columns together at the 5 % level (Bonferroni).

    The largest of k shuffled distances is passed by chance once in k + 1 times.

    >>> shuffles(5), shuffles(40)
    (199, 799)
    """
    return max(FEWEST_SHUFFLES, round(n_columns / LEVEL) - 1)


def largest_by_chance(
    method: Method,
    pooled: "Values",
    reference: "npt.NDArray[np.bool_]",
    blocks: "npt.NDArray[np.intp]",
    n_shuffles: int,
    seed: int,
) -> float:
    """The largest distance among splits in which the windows are drawn by lot.

    Args:
        method: A distance.
        pooled: Values of both windows, (n,), no missing ones.
        reference: Which of them are in the reference window, (n,).
        blocks: Number of the block each row belongs to, (n,); rows of one block stay together,
            and a block lies in one window.
        n_shuffles: How many splits to draw, at least 1.
        seed: Of the draws.

    Returns:
        A distance, at least 0, of the method's own unit.

    Source: Phipson and Smyth, "Permutation p-values should never be zero" (2010); blocks as in
    Good, "Permutation, Parametric and Bootstrap Tests" (2005), chapter 3.
    """
    if method.prepare is None:
        raise TypeError(f"{method.name} is a p-value, not a distance")
    distance = method.prepare(pooled, reference)
    _, block, first = _numbered(blocks)
    in_reference = reference[first]
    rng = np.random.default_rng(seed)
    return max(distance(rng.permutation(in_reference)[block]) for _ in range(n_shuffles))


def _numbered(
    blocks: "npt.NDArray[np.intp]",
) -> "tuple[npt.NDArray[np.intp], npt.NDArray[np.intp], npt.NDArray[np.intp]]":
    names, first, block = np.unique(blocks, return_index=True, return_inverse=True)
    return names, block, first
