"""Where drift begins for a column: past what matters, what chance makes and what is usual."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from lab.mlops.drift.columns import Pair, pair
from lab.mlops.drift.noise import LEVEL, largest_by_chance, shuffles
from lab.mlops.drift.plan import Plan

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd

    Windows = tuple[pd.DataFrame, ...]


def threshold(
    plan: Plan,
    blocks: "npt.NDArray[np.intp]",
    earlier: "Sequence[Windows]",
    n_columns: int,
    seed: int,
) -> float:
    """The threshold of one column, in the unit of its method.

    Args:
        plan: The column and its method.
        blocks: Block number of each row, reference rows first, (n,).
        earlier: Pairs of earlier windows, as far apart as these.
        n_columns: Columns in the report, at least 1.
        seed: Of the shuffles.

    Returns:
        A distance or a p-value.
    """
    best = plan.method
    if best.prepare is None:
        return LEVEL / n_columns
    pooled, side, present = plan.pooled()
    if best.prepare(pooled, side)(side) < best.threshold:
        return best.threshold  # below what matters: no need to ask further
    chance = largest_by_chance(best, pooled, side, blocks[present], shuffles(n_columns), seed)
    return max(best.threshold, chance, *(_usual(plan, windows) for windows in earlier))


def _usual(plan: Plan, windows: "Windows") -> float:
    found = pair(plan.column, *windows) if min(map(len, windows)) else None
    if not isinstance(found, Pair) or found.kind != plan.pair.kind or plan.method.prepare is None:
        return 0.0
    pooled, side, _ = Plan(found, plan.method).pooled()
    return plan.method.prepare(pooled, side)(side)
