"""Pictures of what is loaded: series with the spread inside each stretch, and distributions."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from lab.core.words import grouped
from lab.plots.outline import outline
from lab.plots.template import ACTION, SERIES, figure, plain, wall_clock

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go

STRETCH = "A line is the mean of each stretch of time, the band its lowest and highest."


def series_chart(
    points: "pd.DataFrame",
    names: Mapping[str, str],
    title: str,
    unit: str = "",
    zone: str = "UTC",
) -> "go.Figure":
    """Series over time, as all their samples would draw them, or means with a band of spread.

    Args:
        points: Columns ``timestamp`` (tz-aware), ``series_id``, ``value``, ``lower``, ``upper``
            and ``samples``. With the four samples of each stretch beside them (see
            ``lab.plots.outline``) the line goes through those; without, through the means, and
            a band shows the spread where a point stands for several samples.
        names: What to call each series; the id where one is missing.
        title: The finding.
        unit: Unit of the values, for the axis.
        zone: Time zone to show.

    Returns:
        A figure with one colour a series.
    """
    several = points["series_id"].nunique() > 1
    chart = figure(title, f"Time ({zone})", unit or "Value", legend=several)
    for i, (series_id, one) in enumerate(points.groupby("series_id", sort=True)):
        colour = SERIES[i % len(SERIES)]
        name = plain(names.get(str(series_id), str(series_id)) or "Value")
        line = outline(one) if "first_at" in one else one[["timestamp", "value"]]
        if "first_at" not in one and (one["samples"] > 1).any():
            _band(chart, one.assign(timestamp=wall_clock(one["timestamp"], zone)), colour)
        chart.add_scatter(
            x=wall_clock(line["timestamp"], zone), y=line["value"], name=name, connectgaps=False,
            mode="lines" if len(line) > 1 else "markers", legendgroup=name,
            line={"color": colour, "width": 1.4},
            hovertemplate="%{y:,.4~g}<extra>" + name + "</extra>",
        )  # fmt: skip
    if several:  # the legend gets a line of its own below the title
        chart.update_layout(margin={"t": 80}, title={"y": 0.97, "yanchor": "top"})
    return chart


def distribution_chart(spread: "pd.DataFrame", column: str) -> "go.Figure":
    """How often values occur: bars along the axis for numbers, names down the side for text.

    Args:
        spread: Columns ``value`` and ``rows``.
        column: Name of the column, for title and axis.

    Returns:
        A figure.
    """
    import pandas as pd

    title = f"Spread of {column}"
    if pd.api.types.is_numeric_dtype(spread["value"]):
        chart = figure(title, column, "Rows", 280)
        chart.add_bar(x=spread["value"], y=spread["rows"], marker_color=ACTION,
                      hovertemplate="%{y:,} rows near %{x:,.4~g}<extra></extra>")  # fmt: skip
        return chart.update_layout(bargap=0.02, hovermode="closest")
    chart = figure(title, "Rows", column, 22 * len(spread) + 130)
    chart.add_bar(
        x=spread["rows"], y=[plain(str(value)[:40]) for value in spread["value"]], orientation="h",
        marker_color=ACTION, hovertemplate="%{x:,} rows<extra></extra>",
    )  # fmt: skip
    return chart.update_layout(
        yaxis={"autorange": "reversed", "type": "category"}, bargap=0.35, hovermode="closest"
    )


def series_sentence(points: "pd.DataFrame", names: Mapping[str, str], what: str) -> str:
    """What a chart of series says, in one sentence.

    Args:
        points: As for ``series_chart``.
        names: What to call each series.
        what: What is drawn.

    Returns:
        Such as "node_load1: host-01 is highest on average (0.8), at most 3.1 on …".
    """
    if points.empty:
        return f"{what}: no values."
    means = points.groupby("series_id")["value"].mean()
    peak = points.sort_values("upper").iloc[-1]
    name = names.get(str(peak["series_id"]), str(peak["series_id"]))
    of = f" ({name})" if len(means) > 1 and name else ""
    return (
        f"{what}: {_short(means.mean())} on average, from {_short(points['lower'].min())} up to "
        f"{_short(peak['upper'])} at {peak['timestamp']:%Y-%m-%d %H:%M} UTC{of}."
    )


def distribution_sentence(spread: "pd.DataFrame", column: str) -> str:
    """What a distribution says, in one sentence.

    Args:
        spread: As for ``distribution_chart``.
        column: Name of the column.
    """
    if spread.empty:
        return f"{column} has no values."
    top = spread.sort_values("rows", ascending=False).iloc[0]
    if isinstance(top["value"], str):
        return f"{column}: {top['value'][:60]} is the commonest, with {grouped(top['rows'])} rows."
    return (
        f"{column} lies between {_short(top['lowest'])} and {_short(top['highest'])}, "
        f"most often near {_short(top['value'])}."
    )


def _short(value: float) -> str:
    """Four significant digits, large numbers in words of a thousand and never as powers of ten.

    >>> _short(0.23349), _short(7.396e11), _short(1532.0).split()
    ('0.2335', '739.6 billion', ['1', '532'])
    """
    for size, word in ((1e12, " trillion"), (1e9, " billion"), (1e6, " million")):
        if abs(value) >= size:
            return f"{value / size:.4g}{word}"
    return grouped(value, ".0f" if abs(value) >= 1000 else ".4g")


def _band(chart: "go.Figure", one: "pd.DataFrame", colour: str) -> None:
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    for edge, fill in (("upper", None), ("lower", "tonexty")):
        chart.add_scatter(
            x=one["timestamp"], y=one[edge], mode="lines", line={"width": 0}, fill=fill,
            fillcolor=f"rgba({red}, {green}, {blue}, 0.14)", showlegend=False, hoverinfo="skip",
        )  # fmt: skip
