"""Counters, against a loop that anybody can check."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from lab.world.lenses.counters import Totals

MINUTES = st.lists(
    st.tuples(st.floats(0, 1e6), st.booleans(), st.booleans()), min_size=1, max_size=40
)


@given(MINUTES)
def test_counter(minutes: list[tuple[float, bool, bool]]) -> None:
    totals, total, parts, part = Totals(), 0.0, [], []
    for growth, begins, cut in minutes:
        total = growth if begins else total + growth
        part.append((growth, begins, total))
        if cut:
            parts.append(part)
            part = []
    for one in [*parts, part]:
        if one:
            growth, begins, wanted = (np.array(column) for column in zip(*one, strict=True))
            assert totals.counted("a", growth, begins).tolist() == wanted.tolist()


@given(MINUTES)
def test_latest(minutes: list[tuple[float, bool, bool]]) -> None:
    values, marks, _ = (np.array(column) for column in zip(*minutes, strict=True))
    held, wanted = -1.0, []
    for value, mark in zip(values, marks, strict=True):
        held = value if mark else held
        wanted.append(held)
    totals, middle = Totals(), len(values) // 2
    first = totals.latest("a", values[:middle], marks[:middle], -1.0) if middle else []
    rest = totals.latest("a", values[middle:], marks[middle:], -1.0)
    assert [*first, *rest] == wanted
