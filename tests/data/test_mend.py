"""Damaged rows set against their columns: the cheapest reading is the right one, or it is named."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.data.belonging import STRANGE, learn
from lab.data.dialect import Dialect
from lab.data.mend import MAX_CHARS, Mender
from tests.data.polluted import table, written

TABLE = table()
MENDER = Mender(Dialect(), learn(TABLE[1:]))
LINES = [",".join(row) for row in written(TABLE)[1:]]


def test_a_whole_row_is_left_as_it_is() -> None:
    for line, row in zip(LINES, TABLE[1:], strict=True):
        found = MENDER.mend(line)
        assert found is not None
        assert (found.cells, found.what) == (row, "")


@pytest.mark.parametrize(
    ("line", "cells", "what"),
    [
        ("1,2.50,,a kettle", ["1", "2.50", "a kettle"], "one delimiter too many"),
        ("12.50,a kettle", ["1", "2.50", "a kettle"], "a delimiter missing"),
        ('1,"2.50,a kettle', ["1", '"2.50', "a kettle"], "a quote that is a character"),
        ("1;2.50;a kettle", ["1", "2.50", "a kettle"], "another delimiter"),
        ("1,2.50;a kettle", ["1", "2.50", "a kettle"], "another delimiter"),
        ('1, "2.50", "a kettle"', ["1", "2.50", "a kettle"], "a space before a quote"),
        ('1,2.50, "a kettle, red"', ["1", "2.50", "a kettle, red"], "a space before a quote"),
        ("1,2.50", ["1", "2.50", ""], "cells missing at the end"),
        ("1,2.50,a kettle, red", ["1", "2.50", "a kettle, red"], "a delimiter inside a cell"),
    ],
)
def test_each_kind_of_damage(line: str, cells: list[str], what: str) -> None:
    rows = [[str(i % 10), f"{i % 9}.{i:02d}", f"a kettle of {i} litres"] for i in range(10, 60)]
    found = Mender(Dialect(), learn([*rows, ["3", "1.50", "a lamp"]])).mend(line)
    assert found is not None
    assert (found.cells, found.what) == (cells, what)


def test_a_cell_of_many_quotes_ends_where_it_is_closed() -> None:
    record = '{"a": 1, "b": "x", "c": "y", "d": "z", "e": "w"}'
    rows = [[str(i), record.replace("1", str(i)), str(i / 2)] for i in range(20)]
    quoted = record.replace('"', '""')
    found = Mender(Dialect(), learn(rows)).mend(f',7,"{quoted}",3.5')
    assert found is not None
    assert (found.cells, found.what) == (["7", record, "3.5"], "one delimiter too many")


def test_of_a_run_of_quotes_the_first_cell_keeps_its_own() -> None:
    rows = [[str(i), f"a lamp of {i} inches", f"It lights {i} rooms, well."] for i in range(30)]
    found = Mender(Dialect(), learn(rows)).mend('7,"a lamp of 7 """"It lights 7 rooms, well."')
    assert found is not None
    assert found.cells == ["7", 'a lamp of 7 "', "It lights 7 rooms, well."]


@given(st.text(st.sampled_from('ab1,;" .'), max_size=40))
@settings(max_examples=200)
def test_any_line_becomes_a_row_of_the_right_width_that_invents_nothing(line: str) -> None:
    found = Mender(Dialect(), learn([["a", "1", "b b"], ["b", "22", "a"]])).mend(line)
    assert found is not None
    assert len(found.cells) == 3
    # Every letter and figure of the line is in the row, once and in order.
    assert _plain("".join(found.cells)) == _plain(line)


def test_a_line_beyond_bounds_is_not_mended() -> None:
    assert MENDER.mend("x" * (MAX_CHARS + 1)) is None


def test_what_is_usual_costs_nothing_and_what_is_strange_most() -> None:
    day, _, units, *_ = learn(TABLE[1:])
    assert day.cost("14/03/2025") == 0
    assert units.cost("7") < 1
    assert day.cost("kettle") >= STRANGE


def _plain(text: str) -> str:
    return "".join(character for character in text if character.isalnum())
