"""A drift report as people read it: verdicts in words, spreads to draw, a frame to show."""

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from lab.core.errors import unknown
from lab.core.workspace import Workspace
from lab.flows.drift_reports import page, reports, summary

if TYPE_CHECKING:
    from datetime import date

    import pandas as pd

    from lab.mlops.drift import Kind

# What the table and the chart show of a p-value of zero.
FARTHEST = 100.0


def verdict_table(ws: Workspace, report_id: str) -> "pd.DataFrame":
    """What each column did, what drifted first.

    Args:
        ws: The workspace.
        report_id: A report of it.

    Returns:
        ``Column``, ``Verdict`` (drifted, steady, not compared), ``Statistic``, ``Limit``,
        ``Method``, ``In words`` and ``Past the limit`` (1 where drift begins); empty numbers
        where there was no comparison.

    Raises:
        NotFound: There is no such report.
    """
    import pandas as pd

    found = summary(ws, report_id)
    compared = [
        {
            "Column": verdict["column"],
            "Verdict": "drifted" if verdict["drifted"] else "steady",
            "Statistic": verdict["statistic"],
            "Limit": verdict["threshold"],
            "Method": verdict["title"],
            "In words": _words(verdict),
            "Past the limit": _past(verdict),
        }
        for verdict in found.verdicts
    ]
    refused = [
        {"Column": entry["column"], "Verdict": "not compared", "In words": entry["reason"]}
        for entry in found.not_compared
    ]
    return pd.DataFrame([*compared, *refused])


def distribution(ws: Workspace, report_id: str, column: str) -> "pd.DataFrame":
    """How a column spreads in both windows.

    Args:
        ws: The workspace.
        report_id: A report of it.
        column: A compared column.

    Returns:
        ``label`` (a bin or a category), ``reference`` and ``current`` (shares that sum to 1).

    Raises:
        NotFound: There is no such report or column.
    """
    import pandas as pd

    shares = {entry["column"]: entry for entry in summary(ws, report_id).shares}
    if column not in shares:
        raise unknown("column", column, shares)
    kept = shares[column]
    return pd.DataFrame(
        {"label": kept["labels"], "reference": kept["reference"], "current": kept["current"]}
    )


def framed(ws: Workspace, report_id: str, height: int = 880) -> str:
    """The Evidently report in its sandboxed frame, ready for a page.

    Raises:
        NotFound: There is no such report.
    """
    from lab.mlops.drift.safe_html import frame

    return frame(page(ws, report_id), height)


def report_titles(ws: Workspace) -> dict[str, str]:
    """Report id to what a person calls it, newest first."""
    return {
        str(row["report_id"]): (
            f"{row['dataset']}, {row['current_start']} to {row['current_end']}: "
            f"{int(row['drifted'])} drifted ({row['created_at']:%Y-%m-%d %H:%M} UTC)"
        )
        for row in reports(ws).to_dict(orient="records")
    }


def method_titles(kind: "Kind") -> dict[str, str]:
    """Name to title of the methods for a kind of column, the default first."""
    from lab.mlops.drift import methods_for

    return {entry.name: entry.title for entry in methods_for(kind)}


def about_method(name: str) -> str:
    """What a method measures and when it misleads."""
    from lab.mlops.drift import method

    return method(name).about


def days(chosen: "Sequence[date]") -> list[str]:
    """The days a person picked, as a window of a flow.

    Args:
        chosen: One or two days; the start alone while the end is not picked yet.
    """
    return [day.isoformat() for day in chosen]


def _words(verdict: Mapping[str, Any]) -> str:
    statistic, limit = f"{verdict['statistic']:.2g}", f"{verdict['threshold']:.2g}"
    if verdict["p_value_based"]:
        return f"Chance alone would do this with p = {statistic}; {limit} is the limit."
    if verdict["method"] == "wasserstein":
        return f"Moved by {statistic} standard deviations; {limit} is the limit."
    return f"Shares differ by {statistic}; {limit} is the limit."


def _past(verdict: Mapping[str, Any]) -> float:
    statistic, limit = verdict["statistic"], verdict["threshold"]
    if not verdict["p_value_based"]:
        return min(FARTHEST, float(statistic / limit))
    return min(FARTHEST, math.log(max(statistic, 1e-300)) / math.log(limit))
