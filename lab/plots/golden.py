"""Small multiples of the four golden signals: a row for each part of a shop.

Source: Beyer et al., "Site Reliability Engineering" (2016), chapter 6: latency, traffic, errors,
saturation.
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from lab.core.words import grouped
from lab.plots.template import ACTION, QUIET
from lab.plots.topology import MARKS
from lab.plots.vector import drawing, line, mark, text, titled

if TYPE_CHECKING:
    import pandas as pd

WIDTH, ROW, TOP, LEFT, GAP = 1120, 40, 30, 170, 28
# Lighter on the dark theme, where the page says so.
CALM = f"var(--st-primary-color, {ACTION})"
NUMBER = 76  # room for the newest value beside each line
# Title, factor, unit, and the least that fills a row, so that a flat line looks flat.
SIGNALS = {
    "latency_ms": ("Latency, 95th percentile", 1.0, " ms", 50.0),
    "traffic": ("Traffic", 1.0, "/s", 1.0),
    "errors": ("Errors", 100.0, "%", 2.0),
    "saturation": ("Saturation", 100.0, "%", 100.0),
}


def golden_drawing(signals: "pd.DataFrame", health: Mapping[str, str], about: str) -> str:
    """Draw the golden signals of each part over time, with the newest value beside each.

    Args:
        signals: Columns ``name``, ``latency_ms``, ``traffic``, ``errors`` (share) and
            ``saturation`` (share); one row per minute and part, in order of time.
        health: How each part is now; the order of the rows.
        about: What it shows, in a sentence.

    Returns:
        SVG; each line begins at zero and ends at the highest value of its own hour.
    """
    column = (WIDTH - LEFT) / len(SIGNALS)
    parts = [text(LEFT + i * column, 14, title, size=13, bold=True, anchor="start")
             for i, (title, *_) in enumerate(SIGNALS.values())]  # fmt: skip
    by_name = dict(list(signals.groupby("name", sort=False)))
    for row, (name, word) in enumerate(health.items()):
        top = TOP + row * ROW
        shape, colour = MARKS[word]
        parts += [
            f'<rect x="0" y="{top + ROW - 4}" width="{WIDTH}" height="1" fill="{QUIET}" '
            'opacity="0.25"/>',
            mark(10, top + 16, shape, colour, 6),
            text(26, top + 15, name, size=13, bold=True, anchor="start"),
            text(26, top + 30, word, size=11, anchor="start", quiet=True),
        ]
        parts += _row(by_name[name], top, column, CALM if word == "healthy" else colour)
    return drawing(WIDTH, TOP + ROW * len(health), about, parts)


def _row(one: "pd.DataFrame", top: float, column: float, colour: str) -> Iterator[str]:
    for i, (signal, (title, factor, unit, least)) in enumerate(SIGNALS.items()):
        values = (one[signal] * factor).tolist()
        left, width = LEFT + i * column, column - GAP - NUMBER
        highest = max(*values, least) if len(values) > 1 else least
        step = width / max(1, len(values) - 1)
        points = [(left + step * at, top + 30 - 28 * min(value / highest, 1.0))
                  for at, value in enumerate(values)]  # fmt: skip
        newest = f"{_short(values[-1])}{unit}"
        said = f"{title}: {newest} now, {_short(max(values))}{unit} at most in this hour"
        yield titled(line(points, colour), said)
        yield text(left + width + 8, top + 21, newest, size=12, anchor="start")


def _short(value: float) -> str:
    """A number in three digits.

    >>> _short(0.0512), _short(93.61), _short(10432.0).split()
    ('0.05', '93.6', ['10', '432'])
    """
    if value >= 100:
        return grouped(value, ".0f")
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"
