"""A drawing of a live shop: who calls whom, how much, and how each part is."""

from typing import TYPE_CHECKING, Any

from lab.core.words import grouped
from lab.plots.template import FAULT, GOOD, QUIET
from lab.plots.vector import bow, drawing, mark, text, titled

if TYPE_CHECKING:
    import pandas as pd

WIDTH, HEIGHT = 800, 372
# Where each part stands, from the customer on the left to what holds data on the right.
PLACES = {
    "edge": (60, 176), "web": (220, 176), "recommendation": (400, 44), "catalogue": (400, 176),
    "cart": (400, 308), "cache": (580, 88), "payment": (580, 308), "database": (740, 176),
    "queue": (740, 308),
}  # fmt: skip
WARNING = "#E69F00"
# By shape, word and colour, so that no one of them is needed alone.
MARKS = {
    "healthy": ("circle", GOOD), "busy": ("square", WARNING), "slow": ("diamond", WARNING),
    "failing": ("triangle", FAULT), "down": ("cross", FAULT), "unseen": ("ring", QUIET),
}  # fmt: skip
FAILING = 0.02
NARROWEST, WIDEST, SIZE = 1.5, 10.0, 14.0


def topology_drawing(nodes: "pd.DataFrame", edges: "pd.DataFrame", about: str) -> str:
    """Draw who calls whom, as wide as there is traffic, and how each part is.

    Args:
        nodes: Columns ``name``, ``health``, ``latency_ms``, ``traffic``, ``errors`` (share),
            ``saturation`` (share) and ``replicas``; parts without a place are left out.
        edges: Columns ``caller``, ``callee``, ``traffic`` and ``errors`` (share); the same.
        about: What it shows, in a sentence.

    Returns:
        SVG.
    """
    busiest = max(float(edges["traffic"].max()), 1e-9)
    calls = [_call(call, busiest) for call in edges.to_dict("records")
             if call["caller"] in PLACES and call["callee"] in PLACES]  # fmt: skip
    parts = [_part(node) for node in nodes.to_dict("records") if node["name"] in PLACES]
    return drawing(WIDTH, HEIGHT, about, [*calls, *parts])


def words_of(node: dict[Any, Any]) -> str:
    """How a part is, in the few words that fit below it.

    Args:
        node: Its ``health``, ``errors`` (share) and ``latency_ms``.

    >>> words_of({"health": "failing", "errors": 0.135, "latency_ms": 80.0})
    'failing · 14%'
    """
    health = str(node["health"])
    if health == "unseen":
        return "no metrics"
    if health in ("failing", "down"):
        return f"{health} · {node['errors']:.0%}"
    return f"{health} · {grouped(node['latency_ms'], '.0f')} ms"


def _call(call: dict[Any, Any], busiest: float) -> str:
    failing = call["errors"] >= FAILING
    # By the root, so that a thin line is still seen beside a thick one.
    width = NARROWEST + (WIDEST - NARROWEST) * (call["traffic"] / busiest) ** 0.5
    look = f'stroke="{FAULT}" stroke-dasharray="6 4"' if failing else f'stroke="{QUIET}"'
    drawn = bow(
        PLACES[call["caller"]], PLACES[call["callee"]],
        f'{look} stroke-width="{width:.1f}" opacity="{0.8 if failing else 0.4}"',
    )  # fmt: skip
    said = f"{grouped(call['traffic'], '.1f')} calls a second, {call['errors']:.1%} fail"
    return titled(drawn, f"{call['caller']} → {call['callee']}: {said}")


def _part(node: dict[Any, Any]) -> str:
    (x, y), (shape, colour) = PLACES[node["name"]], MARKS[node["health"]]
    said = (
        f"{node['name']}: {grouped(node['traffic'], '.1f')} requests a second, "
        f"{node['errors']:.1%} fail, 95% within {grouped(node['latency_ms'], '.0f')} ms, "
        f"{node['saturation']:.0%} busy, {node['replicas']} replicas"
    )
    drawn = [
        mark(x, y, shape, colour, SIZE),
        text(x, y + 34, node["name"], size=14, bold=True),
        text(x, y + 51, words_of(node), size=12, quiet=True),
    ]
    return titled("".join(drawn), said)
