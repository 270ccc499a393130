"""One look for every figure: quiet axes with units, colour-blind-safe series.

Text and grid colours are left to the theme of the page; series colours are fixed so that the
same thing has the same colour on every page and in both themes.
"""

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING, Any

from lab.core.words import THIN

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go

# Okabe and Ito, "Color Universal Design" (2008), without black and yellow, which vanish on one
# of the two backgrounds.
SERIES = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00")
ACTION = "#0072B2"
FAULT = "#D55E00"
GOOD = "#009E73"
QUIET = "#8A949B"
BAND = "rgba(86, 180, 233, 0.26)"  # seen on white and on black
FAULT_BAND = "rgba(213, 94, 0, 0.16)"
HEIGHT = 360
NEUTRAL = {"reference": QUIET, "baseline": QUIET, "actual": "#56B4E9", "expected": ACTION}


def colour(name: str, names: Sequence[str]) -> str:
    """The colour of one series among its fellows, the same whatever subset is shown.

    Args:
        name: The series.
        names: Every series it may stand beside.

    Returns:
        A hex colour; known roles such as ``baseline`` have their own.
    """
    if name in NEUTRAL:
        return NEUTRAL[name]
    return SERIES[sorted(names).index(name) % len(SERIES)]


def figure(
    title: str = "", x: str = "", y: str = "", height: int = HEIGHT, *, legend: bool = False
) -> "go.Figure":
    """An empty figure in the one look.

    Args:
        title: The finding, in sentence case; like the titles of the axes it is no markup.
        x: Title of the horizontal axis, with its unit.
        y: Title of the vertical axis, with its unit.
        height: Height in pixels; empty and loading states use the same.
        legend: Whether to show a legend; only for more than one series.

    Returns:
        A Plotly figure without traces.
    """
    import plotly.graph_objects as go

    return go.Figure(
        layout={
            "title": {"text": plain(title), "x": 0, "xanchor": "left", "font": {"size": 15},
                      "y": 1, "yref": "container", "yanchor": "top", "pad": {"t": 12}},
            "height": height,
            "margin": {"l": 64, "r": 16, "t": (48 if title else 16) + (24 if legend else 0),
                       "b": 48},
            "xaxis": {"title": {"text": plain(x)}, "automargin": True, "zeroline": False},
            "yaxis": {"title": {"text": plain(y)}, "automargin": True, "zeroline": False},
            "showlegend": legend,
            "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"},
            "hovermode": "x unified",
            "separators": f".{THIN}",
            "colorway": list(SERIES),
            "modebar": {"bgcolor": "rgba(0,0,0,0)", "color": QUIET, "activecolor": ACTION},
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
        }
    )  # fmt: skip


def plain(text: object) -> str:
    """Text that Plotly does not read as markup.

    >>> plain("<b>a & b</b>")
    '&lt;b&gt;a &amp; b&lt;/b&gt;'
    """
    return escape(str(text), quote=False)


def wall_clock(times: "pd.Series[Any]", zone: str) -> "pd.Series[Any]":
    """Times as the clock on the wall shows them, because Plotly knows no zones."""
    import pandas as pd

    return pd.to_datetime(times, utc=True).dt.tz_convert(zone).dt.tz_localize(None)
