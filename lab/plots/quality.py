"""Pictures of data quality: which promises rows break, and how checks went over time."""

from typing import TYPE_CHECKING

from lab.core.words import counted, grouped
from lab.plots.template import ACTION, FAULT, GOOD, QUIET, figure, plain

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go

MOST_BARS = 20
MARKS = {"pass": ("circle", GOOD), "warn": ("diamond", ACTION), "fail": ("x", FAULT)}


def broken_chart(promises: "pd.DataFrame") -> "go.Figure":
    """Share of rows that break each promise, the most broken on top.

    Args:
        promises: Columns ``Column``, ``Promise``, ``Expected``, ``Bad rows`` and ``Share`` (of
            the rows, in [0, 1]); promises no row breaks are left out.

    Returns:
        Horizontal bars, at most 20.
    """
    shown = promises[promises["Bad rows"] > 0].nlargest(MOST_BARS, "Share").iloc[::-1]
    worst = shown["Share"].max() if len(shown) else 0.0
    title = f"Up to {worst:.2%} of the rows break a promise" if len(shown) else "No bad row"
    chart = figure(title, "Share of rows", "", height=max(240, 112 + 28 * len(shown)))
    names = shown["Column"] + " · " + shown["Promise"]
    chart.add_bar(
        x=shown["Share"],
        y=[plain(name) for name in names],
        orientation="h",
        marker={"color": FAULT},
        customdata=[
            f"{grouped(count)} rows are not: {plain(words)}"
            for count, words in zip(shown["Bad rows"], shown["Expected"], strict=True)
        ],
        hovertemplate="%{customdata}<extra></extra>",
    )
    chart.update_xaxes(tickformat="~%", rangemode="tozero", nticks=6)
    if not len(shown):
        chart.update_xaxes(range=[0, 1]).update_yaxes(visible=False)
    return chart.update_layout(hovermode="closest", bargap=0.4)


def trend_chart(checks: "pd.DataFrame") -> "go.Figure":
    """Share of bad rows, check by check.

    Args:
        checks: Columns ``at``, ``rows``, ``bad_rows``, ``verdict``, ``kept`` and ``promises``.

    Returns:
        A line with a mark for each check, whose shape and colour tell the verdict.
    """
    shown = checks.sort_values("at")
    share = shown["bad_rows"] / shown["rows"].clip(lower=1)
    failed = int((shown["verdict"] == "fail").sum())
    title = f"{failed} of {counted(len(shown), 'check')} failed" if failed else "No check failed"
    chart = figure(title, "Time of the check (UTC)", "Share of bad rows", legend=True)
    # By order, and not by time: checks come in bursts, with days of nothing in between.
    order = [f"{i}: {at:%d %b %H:%M}" for i, at in enumerate(shown["at"], start=1)]
    chart.add_scatter(
        x=order, y=share, mode="lines", line={"color": QUIET, "width": 1.5}, showlegend=False,
        hoverinfo="skip",
    )  # fmt: skip
    for verdict, (symbol, colour) in MARKS.items():
        own = [i for i, said in enumerate(shown["verdict"]) if said == verdict]
        chart.add_scatter(
            x=[order[i] for i in own],
            y=[share.iloc[i] for i in own],
            name={"pass": "Kept", "warn": "Warning", "fail": "Broken"}[verdict],
            mode="markers",
            marker={"symbol": symbol, "color": colour, "size": 11},
            cliponaxis=False,
            customdata=[f"{shown['kept'].iloc[i]} of {shown['promises'].iloc[i]}" for i in own],
            hovertemplate="%{customdata} promises kept, %{y:.2%} bad rows<extra></extra>",
        )
    chart.update_xaxes(type="category", categoryorder="array", categoryarray=order, nticks=8)
    chart.update_yaxes(tickformat="~%", rangemode="tozero")
    return chart.update_layout(hovermode="closest")
