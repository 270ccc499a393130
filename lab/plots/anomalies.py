"""Pictures of anomalies: a series with what was expected of it, events and labels."""

from typing import TYPE_CHECKING

from lab.plots.outline import outline
from lab.plots.template import (
    BAND,
    FAULT,
    FAULT_BAND,
    NEUTRAL,
    QUIET,
    SERIES,
    figure,
    plain,
    wall_clock,
)

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go

STRIP = (0.0, 0.06)
ABOVE_STRIP = (0.14, 1.0)
UNITS = {"bytes": "bytes", "seconds": "s", "utilisation": "ratio", "utilization": "ratio",
         "ratio": "ratio", "celsius": "°C", "load": "processes"}  # fmt: skip


def anomaly_chart(
    points: "pd.DataFrame",
    events: "pd.DataFrame",
    incidents: "pd.DataFrame",
    title: str,
    metric: str,
    zone: str = "UTC",
) -> "go.Figure":
    """A series, its expected band, events shaded, and labelled windows as a strip beneath.

    Args:
        points: What ``lab.plots.outline`` draws from, with ``series_id`` one of ``value``,
            ``expected``, ``lower`` and ``upper``; all but the first may be absent.
        events: Columns ``start``, ``end`` and ``peak_score``.
        incidents: Columns ``start``, ``end`` and ``kind``; may be empty.
        title: The finding.
        metric: Name of the metric; its unit is read from the name.
        zone: Time zone to show.

    Returns:
        A figure that reads without its legend.
    """
    unit = unit_of(metric)
    chart = figure(
        title, f"Time ({zone})", f"{metric} ({unit})" if unit else metric, 432, legend=True
    )
    _band(chart, points, zone)
    expected, measured = (_line(points, name, zone) for name in ("expected", "value"))
    if len(expected):
        chart.add_scatter(
            x=expected["timestamp"], y=expected["value"], name="Expected", mode="lines",
            line={"color": NEUTRAL["expected"], "width": 1.2, "dash": "dot"},
            hovertemplate="%{y:,.4~g} expected<extra></extra>",
        )  # fmt: skip
    chart.add_scatter(
        x=measured["timestamp"], y=measured["value"], name="Measured", mode="lines",
        line={"color": SERIES[4], "width": 1.4}, connectgaps=False,
        hovertemplate="%{y:,.4~g} measured<extra></extra>",
    )  # fmt: skip
    if len(incidents):
        _strip(chart, incidents, zone)
    _events(chart, events, zone, bottom=ABOVE_STRIP[0] if len(incidents) else 0.0)
    # Beside the exercise rail the legend takes two lines.
    return chart.update_layout(margin={"t": 92}, yaxis={"exponentformat": "SI"})


def unit_of(metric: str) -> str:
    """Unit of a metric as Prometheus' naming conventions give it away, or an empty text.

    >>> unit_of("node_memory_MemAvailable_bytes"), unit_of("instance:node_cpu_utilisation:rate5m")
    ('bytes', 'ratio')
    >>> unit_of("instance:node_network_receive_bytes_excluding_lo:rate5m"), unit_of("queue")
    ('bytes/s', '')
    """
    # A counter is shown as its rate; what buckets count are observations, whatever their bounds.
    if metric.endswith(("_bucket", "_count")):
        return "1/s"
    rate = ":rate" in metric or "per_second" in metric or metric.endswith(("_total", "_sum"))
    for mark, unit in UNITS.items():
        if mark in metric:
            return f"{unit}/s" if rate and unit != "ratio" else unit
    return ""


def score_chart(points: "pd.DataFrame", title: str, zone: str = "UTC") -> "go.Figure":
    """The anomaly score over time with its threshold at 1.

    Args:
        points: As for ``anomaly_chart``; the series is ``score``.
        title: The finding.
        zone: Time zone to show.
    """
    chart = figure(title, f"Time ({zone})", "Score", height=220)
    line = _line(points, "score", zone)
    chart.add_scatter(
        x=line["timestamp"], y=line["value"], mode="lines",
        line={"color": QUIET, "width": 1.2}, hovertemplate="score %{y:.2f}<extra></extra>",
    )  # fmt: skip
    return chart.add_hline(y=1, line={"color": FAULT, "dash": "dash", "width": 1})


def _line(points: "pd.DataFrame", measure: str, zone: str) -> "pd.DataFrame":
    """The line of one measure, its times on the wall."""
    line = outline(points[points["series_id"] == measure])
    return line.assign(timestamp=wall_clock(line["timestamp"], zone))


def _band(chart: "go.Figure", points: "pd.DataFrame", zone: str) -> None:
    # An area is drawn over gaps: a hole in one of its edges would turn it inside out.
    upper, lower = (_line(points, name, zone).dropna() for name in ("upper", "lower"))
    if upper.empty or lower.empty:
        return
    edge = {"mode": "lines", "line": {"width": 0}, "hoverinfo": "skip"}
    chart.add_scatter(x=upper["timestamp"], y=upper["value"], showlegend=False, **edge)
    chart.add_scatter(
        x=lower["timestamp"], y=lower["value"], name="Expected range", fill="tonexty",
        fillcolor=BAND, **edge,
    )  # fmt: skip


def _events(chart: "go.Figure", events: "pd.DataFrame", zone: str, bottom: float) -> None:
    starts, ends = wall_clock(events["start"], zone), wall_clock(events["end"], zone)
    for start, end in zip(starts, ends, strict=True):
        chart.add_shape(
            type="rect", x0=start, x1=end, y0=bottom, y1=1,
            yref="paper", fillcolor=FAULT_BAND, line={"color": FAULT, "width": 1}, layer="below",
        )  # fmt: skip
    if len(events):
        # A trace without points: the shading gets its word in the legend.
        chart.add_scatter(
            x=[None], y=[None], name="Event", mode="markers",
            marker={"symbol": "square", "size": 12, "color": FAULT_BAND,
                    "line": {"color": FAULT, "width": 1}},
        )  # fmt: skip


def _strip(chart: "go.Figure", incidents: "pd.DataFrame", zone: str) -> None:
    """Labelled windows on an axis of their own, hatched, so that they are not taken for events."""
    starts, ends = wall_clock(incidents["start"], zone), wall_clock(incidents["end"], zone)
    hatching = {"shape": "/", "fgcolor": QUIET, "bgcolor": "rgba(0,0,0,0)"}
    chart.add_bar(
        base=starts, x=(ends - starts).dt.total_seconds() * 1000, y=["Labels"] * len(incidents),
        orientation="h", name="Labelled incident", yaxis="y2", width=0.9,
        marker={"color": QUIET, "pattern": hatching, "line": {"color": QUIET, "width": 1}},
        customdata=incidents["kind"].str.replace("_", " ").map(plain),
        hovertemplate="labelled: %{customdata}<extra></extra>",
    )  # fmt: skip
    chart.update_layout(
        yaxis={"domain": ABOVE_STRIP},
        yaxis2={"domain": STRIP, "showgrid": False, "showticklabels": False, "fixedrange": True},
        xaxis={"anchor": "y2"},
    )
