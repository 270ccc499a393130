"""Pictures of a rehearsal: which faults were caught, and what each did to a series."""

from collections.abc import Hashable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from lab.plots.template import FAULT, GOOD, QUIET, figure, plain, wall_clock

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go

# Told apart by shape and word as well as by colour.
MARKS = {
    "caught": (GOOD, "circle", "●"),
    "missed": (FAULT, "circle-open", "○"),
    "pages anyway": (QUIET, "diamond-open", "◇"),
}
ROW = 26
PANEL = 148
APART = 0.13
# Pictures a row, and the letters of a title and of the words beneath that fit over one.
WIDE, NARROW = (4, 28, 31), (2, 32, 34)


class CloseUp(Protocol):
    """What a panel of the gallery needs; see ``lab.flows.rehearsed.CloseUp``."""

    title: str
    words: str
    verdict: str
    samples: "pd.DataFrame"
    start: "pd.Timestamp"
    end: "pd.Timestamp"


def verdict_chart(verdicts: "pd.DataFrame") -> "go.Figure":
    """One mark for every fault laid: kinds down the side, severities across.

    Args:
        verdicts: Columns ``title``, ``severity``, ``verdict``, ``instance``, ``start`` and
            ``delay_seconds``.

    Returns:
        A figure whose height fits the kinds; the best caught come first.
    """
    hit = (verdicts["verdict"] == "caught").groupby(verdicts["title"]).mean()
    order = sorted(hit.index, key=lambda name: (-hit[name], name))
    levels = sorted(verdicts["severity"].unique())
    shown = verdicts.assign(x=_side_by_side(verdicts, levels))
    # The title is the legend: a legend proper would take a third of this narrow figure.
    said = "   ".join(
        f"<span style='color:{colour}'>{mark}</span> {verdict}"
        for verdict, (colour, _, mark) in MARKS.items()
    )
    chart = figure(", ".join(MARKS), "Severity", "", ROW * len(order) + 96)
    chart.update_layout(title_text=said)
    for verdict, (colour, symbol, _) in MARKS.items():
        rows = shown[shown["verdict"] == verdict]
        chart.add_scatter(
            x=rows["x"], y=rows["title"], mode="markers",
            name=verdict.capitalize(),
            marker={"color": colour, "symbol": symbol, "size": 13,
                    "line": {"width": 2, "color": colour}},
            customdata=[_said(row) for row in rows.to_dict("records")],
            hovertemplate="%{y}: %{customdata}<extra></extra>",
        )  # fmt: skip
    return chart.update_layout(
        hovermode="closest",
        title={"font": {"size": 13}},
        margin={"l": 8},
        xaxis={"tickvals": list(range(len(levels))), "ticktext": [f"{each:g}" for each in levels],
               "range": [-0.5, len(levels) - 0.5], "showgrid": False, "fixedrange": True},
        yaxis={"categoryorder": "array", "categoryarray": order[::-1], "fixedrange": True,
               "range": [-0.6, len(order) - 0.4]},
    )  # fmt: skip


def gallery_chart(
    panels: Sequence[CloseUp], zone: str = "UTC", *, narrow: bool = False
) -> "go.Figure":
    """Every fault as a small picture: the series as it was, as it is now, the window hatched.

    Args:
        panels: What to show, in order, at least one.
        zone: Time zone of the hover.
        narrow: Whether something beside it takes part of the width.

    Returns:
        A figure of four pictures a row, or two where it is narrow, each with its own scale.
    """
    from plotly.subplots import make_subplots

    columns, *letters = NARROW if narrow else WIDE
    rows = -(-len(panels) // columns)
    height = PANEL * rows + 64
    grid = make_subplots(
        rows, columns, horizontal_spacing=0.025, vertical_spacing=min(0.4, 52 / height),
        subplot_titles=[_heading(panel, *letters) for panel in panels],
    )  # fmt: skip
    chart = figure("", height=height, legend=True)
    grid.update_layout(chart.layout)
    for place, panel in enumerate(panels):
        _panel(grid, panel, place // columns + 1, place % columns + 1, zone, first=place == 0)
    grid.update_xaxes(showticklabels=False, showgrid=False, title="", zeroline=False)
    grid.update_yaxes(showticklabels=False, showgrid=False, title="", zeroline=False,
                      automargin=False)  # fmt: skip
    for place, heading in enumerate(grid.layout.annotations):
        heading.update(x=grid.layout[f"xaxis{place + 1 if place else ''}"].domain[0],
                       xanchor="left", align="left", font={"size": 13})  # fmt: skip
    return grid.update_layout(
        hovermode="x", margin={"t": 72, "l": 8, "r": 8, "b": 8}, legend={"y": 1 + 44 / height}
    )


def gallery_sentence(panels: Sequence[CloseUp]) -> str:
    """What the gallery says: each fault and what became of it."""
    return "; ".join(f"{panel.title} ({panel.words})" for panel in panels) + "."


def _side_by_side(verdicts: "pd.DataFrame", levels: Sequence[float]) -> "pd.Series[float]":
    """Places across: faults of one kind and severity next to each other."""
    same = verdicts.groupby(["title", "severity"])["start"]
    number, count = same.rank(method="first") - 1, same.transform("size")
    level = verdicts["severity"].map({each: place for place, each in enumerate(levels)})
    apart = (0.8 / count).clip(upper=APART)
    places: pd.Series[float] = level + (number - (count - 1) / 2) * apart
    return places


def _said(row: "Mapping[Hashable, Any]") -> str:
    late = row["delay_seconds"]
    after = f" after {late / 60:.0f} min" if late == late else ""
    place = f" on {row['instance']}" if row["instance"] else ""
    return f"{row['verdict']}{after}{place}, {row['start']:%d %b %H:%M} UTC"


def _heading(panel: CloseUp, longest: int, longest_words: int) -> str:
    colour, _, mark = MARKS.get(panel.verdict, (QUIET, "", ""))
    title, words = _cut(panel.title, longest), _cut(panel.words, longest_words)
    sign = f"<span style='color:{colour}'>{mark}</span> " if mark else ""
    return f"{plain(title)}<br><span style='font-size:11px'>{sign}{plain(words)}</span>"


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _panel(
    grid: "go.Figure", panel: CloseUp, row: int, column: int, zone: str, *, first: bool
) -> None:
    at = {"row": row, "col": column}
    times = wall_clock(panel.samples["timestamp"], zone)
    start, end = (each.tz_convert(zone).tz_localize(None) for each in (panel.start, panel.end))
    both = panel.samples[["before", "after"]]
    low, high = both.min().min(), both.max().max()
    margin = 0.08 * (high - low) or 1.0
    low, high = low - margin, high + margin
    grid.add_scatter(
        x=[start, start, end, end, start], y=[low, high, high, low, low], mode="lines",
        name="Fault", fill="toself", legendgroup="fault", showlegend=first, hoverinfo="skip",
        line={"width": 0}, fillcolor="rgba(138, 148, 155, 0.10)",
        fillpattern={"shape": "/", "fgcolor": QUIET, "fgopacity": 0.55, "size": 7, "solidity": 0.2},
        **at,
    )  # fmt: skip
    grid.add_scatter(
        x=times, y=both["before"], mode="lines", name="As it was", legendgroup="before",
        showlegend=first, line={"color": QUIET, "width": 1.2}, connectgaps=False,
        hovertemplate="%{y:,.4~g} was<extra></extra>", **at,
    )  # fmt: skip
    differs = both["after"].where((both["after"] != both["before"]).rolling(3, 1, True).max() > 0)
    grid.add_scatter(
        x=times, y=differs, mode="lines+markers" if differs.notna().sum() < 4 else "lines",
        name="With the fault", legendgroup="after", showlegend=first, connectgaps=False,
        line={"color": FAULT, "width": 1.8}, marker={"size": 4},
        hovertemplate="%{y:,.4~g} with the fault<extra></extra>", **at,
    )  # fmt: skip
    grid.update_yaxes(range=[low, high], **at)
