"""Tables as contracts: every declaration is sound, and rows are held against it."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.core.contracts import table, validate
from lab.core.errors import BadInput
from lab.core.schemas import TABLES, series_id

TOY = table("toy", "A toy", "id", "id BIGINT! its id\nnote VARCHAR free words about it")


@pytest.mark.parametrize("declared", TABLES.values(), ids=list(TABLES))
def test_a_declaration_is_sound(declared, ws):
    assert TABLES[declared.name] is declared
    assert declared.about
    assert len(set(declared.names)) == len(declared.names)
    columns = {column.name: column for column in declared.columns}
    assert set(declared.key) <= set(columns)
    assert not any(columns[name].nullable for name in declared.key)
    assert all(column.about for column in declared.columns)
    ws.store.execute(declared.ddl())
    made = dict(ws.store.tables()[0].columns)
    short = {"TIMESTAMPTZ": "TIMESTAMP WITH TIME ZONE"}
    assert made == {c.name: short.get(c.type, c.type) for c in declared.columns}


def test_a_compact_declaration_is_read():
    assert TOY.names == ["id", "note"]
    assert [(c.type, c.nullable, c.about) for c in TOY.columns] == [
        ("BIGINT", False, "its id"), ("VARCHAR", True, "free words about it")]  # fmt: skip
    assert TOY.ddl("other") == (
        'CREATE TABLE IF NOT EXISTS "other" ("id" BIGINT NOT NULL, "note" VARCHAR)'
    )


def test_absent_nullable_columns_are_added_in_order():
    checked = validate(pd.DataFrame({"id": [1, 2]}), TOY)
    assert list(checked.columns) == ["id", "note"]
    assert checked["note"].isna().all()


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ({"id": [1], "nte": ["x"]}, "Table toy has no column 'nte'"),
        ({"note": ["x"]}, "Column 'id' of table toy may not be empty"),
        ({"id": [1, None]}, "Column 'id' of table toy may not be empty"),
        ({"id": [1, 1]}, r"Rows of table toy repeat the key \(id\)"),
    ],
)
def test_rows_that_break_the_contract_are_refused(rows, words):
    with pytest.raises(BadInput, match=words):
        validate(pd.DataFrame(rows), TOY)


def test_the_frame_given_is_left_as_it_was():
    rows = pd.DataFrame({"note": ["x"], "id": [1]})
    validate(rows, TOY)
    assert list(rows.columns) == ["note", "id"]


def test_a_series_id_is_prometheus_text():
    assert series_id("up", {}) == "up"
    assert series_id("up", {"b": "2", "a": "1", "none": ""}) == 'up{a="1",b="2"}'
    assert series_id("up", {"a": 'q"\\\n'}) == r'up{a="q\"\\\n"}'


@given(st.lists(st.text(max_size=8), min_size=2, max_size=2, unique=True))
def test_different_labels_give_different_series(values):
    one, two = ({"a": value} for value in values)
    assert series_id("m", one) != series_id("m", two)
