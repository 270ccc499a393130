"""Pictures of drift: how far each column moved, and how a column spreads before and now."""

from typing import TYPE_CHECKING

from lab.plots.template import ACTION, FAULT, NEUTRAL, QUIET, figure, plain

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go

FARTHEST = 3.0


def verdict_chart(verdicts: "pd.DataFrame") -> "go.Figure":
    """How far each column is past the limit, the farthest on top.

    Args:
        verdicts: Columns ``Column``, ``Verdict``, ``In words`` and ``Past the limit`` (1 where
            drift begins); rows without a number are left out, bars end at three times the limit.

    Returns:
        Horizontal bars with a line at the limit; what drifted is told by colour, by the line
        and by a mark before its name.
    """
    shown = verdicts.dropna(subset=["Past the limit"]).sort_values("Past the limit")
    drifted = shown["Verdict"] == "drifted"
    count = int(drifted.sum())
    chart = figure(
        f"{count or 'No'} column{'' if count == 1 else 's'} past the limit",
        "Distance as a multiple of the limit",
        "",
        height=max(240, 112 + 28 * len(shown)),
    )
    names = [plain(name) for name in shown["Column"]]
    chart.add_bar(
        x=shown["Past the limit"].clip(upper=FARTHEST),
        y=[f"● {n}" if d else n for n, d in zip(names, drifted, strict=True)],
        orientation="h",
        marker={"color": [FAULT if d else QUIET for d in drifted]},
        customdata=[plain(words) for words in shown["In words"]],
        hovertemplate="%{customdata}<extra></extra>",
    )
    chart.add_vline(x=1, line={"color": QUIET, "dash": "dash", "width": 1.5})
    return chart.update_layout(hovermode="closest", bargap=0.4)


def distribution_chart(shares: "pd.DataFrame", column: str) -> "go.Figure":
    """How the values of a column spread in the reference and the current window.

    Args:
        shares: Columns ``label`` (a bin or a category, in order), ``reference`` and ``current``
            (shares that sum to 1).
        column: Its name with its unit, for the axis.

    Returns:
        Bars for the reference, a stepped line with dots for the current window.
    """
    labels = [plain(label) for label in shares["label"]]
    chart = figure("", column, "Share of rows", legend=True)
    chart.add_bar(
        x=labels, y=shares["reference"], name="Reference", marker={"color": NEUTRAL["reference"]},
        opacity=0.6, hovertemplate="Reference %{y:.1%}<extra></extra>",
    )  # fmt: skip
    chart.add_scatter(
        x=labels, y=shares["current"], name="Current", mode="lines+markers",
        line={"color": ACTION, "width": 2, "shape": "hvh"}, marker={"size": 5},
        hovertemplate="Current %{y:.1%}<extra></extra>",
    )  # fmt: skip
    chart.update_xaxes(type="category", nticks=8)
    chart.update_yaxes(tickformat=".0%", rangemode="tozero")
    return chart.update_layout(bargap=0.05)
