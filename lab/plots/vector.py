"""Pieces of SVG: pictures that change every few seconds without a flicker.

A Plotly chart is built anew by the page whenever its numbers change; a drawing is only replaced.
Text takes the colour of the page, so one drawing serves both themes.
"""

from collections.abc import Iterable
from html import escape

Points = Iterable[tuple[float, float]]
# By health: shape, so that colour is never needed alone.
SHAPES = {
    "square": ((-1, -1), (1, -1), (1, 1), (-1, 1)),
    "diamond": ((0, -1.3), (1.3, 0), (0, 1.3), (-1.3, 0)),
    "triangle": ((0, -1.25), (1.25, 1), (-1.25, 1)),
    "cross": ((-1, -0.45), (-0.45, -1), (0, -0.55), (0.45, -1), (1, -0.45), (0.55, 0), (1, 0.45),
              (0.45, 1), (0, 0.55), (-0.45, 1), (-1, 0.45), (-0.55, 0)),
}  # fmt: skip


def drawing(width: int, height: int, about: str, parts: Iterable[str]) -> str:
    """A whole drawing, as wide as the place it is put in.

    Args:
        width: Width of its coordinates.
        height: Height of its coordinates.
        about: What it shows, for people who cannot see it.
        parts: What is drawn, from back to front.
    """
    return (
        f'<svg viewBox="0 0 {width} {height}" role="img" aria-label="{escape(about)}" '
        f'width="100%" font-family="inherit" fill="currentColor">{"".join(parts)}</svg>'
    )


def text(
    x: float, y: float, words: str, *, size: int = 13, bold: bool = False, anchor: str = "middle",
    quiet: bool = False,
) -> str:  # fmt: skip
    """Words in the colour of the page.

    Args:
        x: Where, by its anchor.
        y: Base line.
        words: What it says.
        size: Height of the letters.
        bold: Whether it is a name.
        anchor: ``start``, ``middle`` or ``end``.
        quiet: Whether it stands back.
    """
    look = f'font-weight="{600 if bold else 400}" opacity="{0.75 if quiet else 1}"'
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" {look}>'
        f"{escape(words)}</text>"
    )


def titled(part: str, words: str) -> str:
    """A part that says something when it is pointed at."""
    return f"<g><title>{escape(words)}</title>{part}</g>"


def mark(x: float, y: float, shape: str, colour: str, size: float) -> str:
    """A mark: a name in ``SHAPES``, ``circle``, or ``ring`` for one that is hollow.

    >>> mark(1, 2, "ring", "#888", 5)
    '<circle cx="1.0" cy="2.0" r="5" fill="none" stroke="#888" stroke-width="3"/>'
    """
    if shape in SHAPES:
        corners = " ".join(f"{x + size * dx:.1f},{y + size * dy:.1f}" for dx, dy in SHAPES[shape])
        return f'<polygon points="{corners}" fill="{colour}"/>'
    hollow = f'fill="none" stroke="{colour}" stroke-width="3"'
    look = f'fill="{colour}"' if shape == "circle" else hollow
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{size:g}" {look}/>'


def line(points: Points, colour: str, width: float = 1.5) -> str:
    """A line through points."""
    corners = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return (
        f'<polyline points="{corners}" fill="none" stroke="{colour}" stroke-width="{width:g}" '
        'stroke-linejoin="round"/>'
    )


def bow(start: tuple[float, float], end: tuple[float, float], look: str) -> str:
    """A line that leaves and arrives level.

    Args:
        start: Where it begins.
        end: Where it ends.
        look: Attributes of its stroke.
    """
    (x0, y0), (x1, y1) = start, end
    middle = (x0 + x1) / 2
    return (
        f'<path d="M{x0:.1f} {y0:.1f}C{middle:.1f} {y0:.1f} {middle:.1f} {y1:.1f} {x1:.1f} '
        f'{y1:.1f}" fill="none" {look}/>'
    )
