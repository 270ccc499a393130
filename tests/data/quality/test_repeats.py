"""Repeated rows are found by their hashes, as a count of each row finds them."""

from collections import Counter

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.data.quality import repeats as module
from lab.data.quality.repeats import Repeats, repeats
from lab.data.quality.whole import Relation

ROW = st.tuples(
    st.none() | st.sampled_from([0.0, -0.0, 1.0, float("nan")]),
    st.none() | st.sampled_from(["", "a", "b"]),
)
Row = tuple[float | None, str | None]


def relation(rows: list[Row]) -> Relation:
    connection = duckdb.connect()
    connection.execute("CREATE TABLE t (x DOUBLE, s VARCHAR)")
    connection.executemany("INSERT INTO t VALUES (?, ?)", [[None, None], *map(list, rows)])
    return Relation.of(connection, "t", "rowid + 1")


def naive(rows: list[Row]) -> Repeats:
    """Each row counted as text, where 0 and -0 are one number."""
    texts = [str((x if x is None else x + 0.0, s)) for x, s in [(None, None), *rows]]
    often = {text: n for text, n in Counter(texts).items() if n > 1}
    firsts = [texts.index(text) + 1 for text in often]
    return Repeats(sum(often.values()) - len(often), min(firsts, default=0))


@settings(max_examples=40)
@given(st.lists(ROW, max_size=14), st.integers(1, 20))
def test_repeats_are_counted_as_one_by_one_whatever_the_parts(rows: list[Row], part: int) -> None:
    assert repeats(relation(rows), ["x", "s"], part) == naive(rows)


def test_rows_whose_hashes_meet_by_chance_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    there = relation([(1.0, "a"), (1.0, "b"), (1.0, "a")])
    every = there.connection.sql("SELECT hash(x, s) FROM t").fetchnumpy()["hash(x, s)"]
    monkeypatch.setattr(module, "_repeated", lambda _: every)
    assert repeats(there, ["x", "s"]) == Repeats(1, 2)


def test_no_rows_at_all() -> None:
    there = relation([])
    there.connection.execute("DELETE FROM t")
    assert repeats(there, ["x"]) == Repeats(0, 0)
