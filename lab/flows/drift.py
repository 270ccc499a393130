"""Compare two windows of a table, and keep what was found."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from lab.core.errors import BadInput, unknown
from lab.core.progress import Progress, Steps
from lab.core.workspace import Workspace
from lab.flows.drift_reports import DriftSummary, Windows, keep, page, reports, summary
from lab.flows.drift_view import (
    about_method,
    days,
    distribution,
    framed,
    method_titles,
    report_titles,
    verdict_table,
)
from lab.flows.drift_windows import (
    Span,
    blocked,
    checked,
    comparable_tables,
    default_windows,
    earlier_windows,
    read_window,
    rows_in,
    span,
)

__all__ = [
    "DriftSummary",
    "about_method",
    "comparable_tables",
    "days",
    "default_windows",
    "distribution",
    "drift",
    "framed",
    "method_titles",
    "page",
    "report_titles",
    "reports",
    "span",
    "summary",
    "verdict_table",
]

MOST_ROWS = 10_000


def drift(
    ws: Workspace,
    table: str = "sales",
    reference: Sequence[str] | None = None,
    current: Sequence[str] | None = None,
    columns: Sequence[str] | None = None,
    methods: Mapping[str, str] | None = None,
    numeric: str = "wasserstein",
    category: str = "jensenshannon",
) -> Steps[DriftSummary]:
    """Compare a current window of a table with a reference window, and keep what was found.

    Without windows: the last three months against the same months a year earlier (see
    ``default_windows``). Earlier pairs of windows as far apart say how much is usual, and rows
    of a week count as one observation where there are eight weeks.

    Args:
        ws: The workspace.
        table: A table with a date or time column.
        reference: Start and end of the reference window, half-open, ISO; needs ``current`` too.
        current: Start and end of the current window.
        columns: Columns to compare; all but the time column when not given.
        methods: Method by column, where it should not be the default.
        numeric: Method for numbers, a key of ``lab.mlops.drift.METHODS``.
        category: Method for text and truth values.

    Returns:
        What was found; it is in the table ``drift_results``, under ``reports`` and in MLflow.

    Raises:
        NotFound: The table, a column or a method does not exist.
        BadInput: A window is empty, too small or in the wrong order, or nothing can be compared.
    """
    yield Progress(0, 10, "Reading the windows")
    reach = span(ws, table)
    windows, wanted = _windows(ws, reach, reference, current), _wanted(reach, columns)
    before, now = (
        read_window(ws, reach, window, wanted, MOST_ROWS)
        for window in (windows.reference, windows.current)
    )
    pairs = []
    for at, pair in enumerate(earlier_windows(reach, windows.reference, windows.current)):
        yield Progress(1 + at / 8, 10, f"Reading what is usual: {pair[1][0]} to {pair[1][1]}")
        frames = [read_window(ws, reach, window, wanted, MOST_ROWS) for window in pair]
        pairs.append((frames[0], frames[1]))
    yield Progress(2, 10, f"Comparing {len(wanted)} columns; this takes a few seconds")
    from lab.mlops.drift import compare

    found = compare(
        before,
        now,
        columns=wanted,
        methods=methods,
        numeric=numeric,
        category=category,
        blocks=blocked(before, now),
        earlier=pairs,
        max_rows=MOST_ROWS,
    )
    yield Progress(8, 10, "Keeping the report")
    outcome = keep(ws, replace(windows, earlier=len(pairs)), found)
    yield Progress(10, 10, outcome.sentence)
    return outcome


def _windows(
    ws: Workspace,
    reach: Span,
    reference: Sequence[str] | None,
    current: Sequence[str] | None,
) -> Windows:
    if (reference is None) != (current is None):
        raise BadInput("Only one of the two windows was given.", "Give both, or none.")
    if reference is None or current is None:
        chosen = default_windows(reach)
        before, now = chosen.reference, chosen.current
    else:
        before, now = checked("reference", reference), checked("current", current)
    if before[0] < now[1] and now[0] < before[1]:
        raise BadInput(
            f"The windows overlap: {before[0]} to {before[1]} and {now[0]} to {now[1]}.",
            "Choose windows that share no day.",
        )
    rows = [rows_in(ws, reach, window) for window in (before, now)]
    return Windows(reach.table, before, now, *rows)


def _wanted(reach: Span, columns: Sequence[str] | None) -> list[str]:
    for name in columns or []:
        if name not in reach.columns:
            raise unknown("column", name, reach.columns)
    return list(columns or reach.columns)
