"""Hold a current window against a reference window, column by column."""

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from lab.core.errors import BadInput
from lab.mlops.drift.columns import check_windows, missing_shares
from lab.mlops.drift.evidently_report import run
from lab.mlops.drift.plan import Plan, plans
from lab.mlops.drift.result import ColumnVerdict, DriftReport
from lab.mlops.drift.safe_html import safe_names
from lab.mlops.drift.shares import shares
from lab.mlops.drift.threshold import threshold

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd

FEWEST_BLOCKS = 8


def compare(
    reference: "pd.DataFrame",
    current: "pd.DataFrame",
    *,
    columns: Sequence[str] | None = None,
    methods: Mapping[str, str] | None = None,
    numeric: str = "wasserstein",
    category: str = "jensenshannon",
    blocks: str = "",
    earlier: "Sequence[tuple[pd.DataFrame, pd.DataFrame]]" = (),
    max_rows: int = 10_000,
    seed: int = 0,
) -> DriftReport:
    """Say which columns drifted between two windows, with numbers from one Evidently report.

    Defaults are distances, not tests: a p-value shrinks with the number of rows, so that at
    200,000 rows a shift of a fiftieth of a standard deviation would be called drift. A distance
    says how far a column moved, and it drifts if that reaches all of these:

    - what matters: a tenth of a standard deviation, or a Jensen-Shannon distance of 0.05;
    - what chance makes: the largest of at least 199 shuffles of the column's own rows. Their
      number grows with the number of columns, so that on data without drift at most one report
      in twenty names any column. Rows are rarely independent (all rows of a day share its
      weather), so shuffles keep together what ``blocks`` says belongs together, such as a week;
    - what is usual: the largest distance between ``earlier`` pairs of windows, where given. A
      shop whose prices rise every year does not drift because they rose again as much.

    p-value methods are used if asked for, at 0.05 divided by the number of columns (Bonferroni).

    Args:
        reference: Rows of the reference window, at least 30.
        current: Rows of the current window, at least 30.
        columns: Columns to compare; every column when not given.
        methods: Method by column, where it should not be the default.
        numeric: Method for numbers, a key of ``METHODS``.
        category: Method for text and truth values.
        blocks: Column that holds rows together, itself not compared; at least 8 blocks a window.
        earlier: Pairs (reference, current) of earlier windows, as far apart as these.
        max_rows: Most rows used of each window, at least 30; drawn at random if there are more.
        seed: Of the draws.

    Returns:
        Verdicts, columns without one, changes in missing values, and the report as HTML.

    Raises:
        BadInput: A window is too small, a method does not fit its column, or nothing is left.
        NotFound: A column or method does not exist.
    """
    check_windows(reference, current, [*(columns or []), *([blocks] if blocks else [])])
    wanted = columns or _all_columns(reference, current, blocks)
    missing = missing_shares(wanted, reference, current)
    rows = len(reference), len(current)
    reference, current = (_sampled(frame, max_rows, seed) for frame in (reference, current))
    defaults = {"numeric": numeric, "category": category}
    chosen, refused = plans(wanted, reference, current, defaults, methods or {})
    before = [tuple(_sampled(frame, max_rows, seed) for frame in windows) for windows in earlier]
    held = _block_numbers(reference, current, blocks)
    thresholds = {plan.column: threshold(plan, held, before, len(chosen), seed) for plan in chosen}
    statistics, html = _figures(chosen, thresholds)
    verdicts = [_verdict(p, statistics[p.column], thresholds[p.column]) for p in chosen]
    order = sorted(range(len(chosen)), key=lambda at: not verdicts[at].drifted)
    return DriftReport(
        verdicts=tuple(verdicts[at] for at in order),
        not_compared=refused,
        missing=missing,
        shares=tuple(shares(chosen[at].pair) for at in order),
        rows_reference=rows[0],
        rows_current=rows[1],
        rows_used=max(len(reference), len(current)),
        html=html,
    )


def _all_columns(reference: "pd.DataFrame", current: "pd.DataFrame", blocks: str) -> list[str]:
    both = dict.fromkeys([*reference.columns, *current.columns])
    return [name for name in both if name != blocks]


def _sampled(frame: "pd.DataFrame", max_rows: int, seed: int) -> "pd.DataFrame":
    if len(frame) <= max_rows:
        return frame.reset_index(drop=True)
    return frame.sample(max_rows, random_state=seed).sort_index().reset_index(drop=True)


def _block_numbers(
    reference: "pd.DataFrame", current: "pd.DataFrame", blocks: str
) -> "npt.NDArray[np.intp]":
    """Number of the block of each row, reference rows first; each row its own without a name."""
    import numpy as np

    if not blocks:
        return np.arange(len(reference) + len(current))
    sides = []
    for side, frame in (("reference", reference), ("current", current)):
        if blocks not in frame.columns or frame[blocks].isna().any():
            raise BadInput(f"Column {blocks!r} has gaps in the {side} window.", "Fill them.")
        numbers = np.unique(frame[blocks].astype("str").to_numpy(), return_inverse=True)[1]
        if numbers.max() + 1 < FEWEST_BLOCKS:
            raise BadInput(
                f"The {side} window has {numbers.max() + 1} blocks of {blocks!r}; {FEWEST_BLOCKS} "
                "are the least to tell drift from chance.",
                "Choose a longer window or shorter blocks.",
            )
        sides.append(numbers)
    return np.concatenate([sides[0], sides[1] + sides[0].max() + 1])


def _figures(
    chosen: Sequence[Plan], thresholds: Mapping[str, float]
) -> tuple[dict[str, float], str]:
    import pandas as pd

    safe = safe_names(plan.column for plan in chosen)
    found = run(
        pd.DataFrame({safe[plan.column]: plan.pair.reference for plan in chosen}),
        pd.DataFrame({safe[plan.column]: plan.pair.current for plan in chosen}),
        [safe[plan.column] for plan in chosen if plan.pair.kind == "category"],
        {safe[plan.column]: plan.method.name for plan in chosen},
        {safe[plan.column]: thresholds[plan.column] for plan in chosen},
    )
    return {name: found.statistics[safe[name]] for name in safe}, found.html


def _verdict(plan: Plan, statistic: float, threshold: float) -> ColumnVerdict:
    if math.isnan(statistic) and plan.method.prepare is not None:
        # Evidently takes the root of a rounding error below zero when both sides are alike.
        pooled, side, _ = plan.pooled()
        statistic = plan.method.prepare(pooled, side)(side)
    return ColumnVerdict(
        column=plan.column,
        kind=plan.pair.kind,
        method=plan.method.name,
        statistic=statistic,
        threshold=threshold,
        drifted=plan.method.drifted(statistic, threshold),
        p_value_based=plan.method.p_value_based,
        n_reference=int(plan.pair.reference.notna().sum()),
        n_current=int(plan.pair.current.notna().sum()),
    )
