"""Drawings of a live shop: every part by shape, word and colour, and nothing that could run."""

from xml.etree import ElementTree

import pandas as pd
import pytest

from lab.plots.golden import golden_drawing
from lab.plots.topology import MARKS, PLACES, topology_drawing
from lab.world.live.signals import Health
from lab.world.shop.topology import CALLS, NODE_NAMES

SVG = "{http://www.w3.org/2000/svg}"


def nodes(**health):
    return pd.DataFrame([
        {"name": name, "health": health.get(name, "healthy"), "latency_ms": 80.0 + place,
         "traffic": 10.0, "errors": 0.1 if name in health else 0.0, "saturation": 0.2,
         "replicas": 2} for place, name in enumerate(NODE_NAMES)
    ])  # fmt: skip


def edges(**errors):
    return pd.DataFrame([
        {"caller": call.caller, "callee": call.callee, "traffic": 4.0 * call.per_request,
         "errors": errors.get(call.callee, 0.0)} for call in CALLS
    ])  # fmt: skip


def read(drawing):
    tree = ElementTree.fromstring(drawing)
    return [element.text for element in tree.iter("text")], tree


def test_every_part_of_the_shop_has_its_place_and_every_health_its_mark():
    assert set(PLACES) == set(NODE_NAMES)
    assert set(MARKS) == set(Health.__args__)
    assert len({shape for shape, _ in MARKS.values()}) == len(MARKS)


def test_parts_and_calls_are_drawn_with_their_words():
    words, tree = read(topology_drawing(nodes(payment="failing"), edges(payment=0.1), "All."))
    assert words[::2] == list(NODE_NAMES)
    assert "failing · 10%" in words
    assert len(list(tree.iter("path"))) == len(CALLS)
    assert [path.get("stroke-dasharray") for path in tree.iter("path")].count("6 4") == 1
    assert tree.get("aria-label") == "All."


def test_busier_calls_are_wider():
    _, tree = read(topology_drawing(nodes(), edges(), ""))
    widths = [float(path.get("stroke-width")) for path in tree.iter("path")]
    by_traffic = [width for _, width in sorted(zip(edges()["traffic"], widths, strict=True))]
    assert by_traffic == sorted(widths)


@pytest.mark.parametrize("health", MARKS)
def test_each_health_can_be_drawn(health):
    words, _ = read(topology_drawing(nodes(web=health), edges(), ""))
    assert any(health in word or "no metrics" in word for word in words)


def test_golden_signals_have_a_row_for_each_part_and_end_in_the_newest_value():
    minutes = pd.concat([nodes(cart="slow").assign(traffic=float(i)) for i in range(5)])
    health = dict(zip(NODE_NAMES, nodes(cart="slow")["health"], strict=True))
    words, tree = read(golden_drawing(minutes, health, ""))
    assert [word for word in words if word in NODE_NAMES] == list(NODE_NAMES)
    assert len(list(tree.iter("polyline"))) == 4 * len(NODE_NAMES)
    assert words.count("4.00/s") == len(NODE_NAMES)
    assert words.count("slow") == 1


def test_one_minute_is_enough():
    one = nodes()
    golden_drawing(one, dict(zip(one["name"], one["health"], strict=True)), "")


HOSTILE = "\"><img src=x onerror=alert(1)><script>alert('1')</script>"


def test_nothing_that_is_said_becomes_markup():
    for drawing in (
        topology_drawing(nodes(), edges(), HOSTILE),
        golden_drawing(nodes().assign(name=HOSTILE), {HOSTILE: "healthy"}, HOSTILE),
    ):
        _, tree = read(drawing)
        assert tree.get("aria-label") == HOSTILE
        assert {part.tag.removeprefix(SVG) for part in tree.iter()}.isdisjoint({"img", "script"})


def test_parts_without_a_place_are_left_out():
    words, tree = read(topology_drawing(
        nodes().replace("queue", HOSTILE), edges().replace("queue", HOSTILE), ""
    ))  # fmt: skip
    assert HOSTILE not in words
    assert len(list(tree.iter("path"))) == sum(call.callee != "queue" for call in CALLS)
