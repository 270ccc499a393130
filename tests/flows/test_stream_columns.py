"""Columns of a stream's table: a poor first batch does not decide them for ever."""

import random
from typing import Any

import pytest

from lab.core.workspace import Workspace
from lab.data import stream_columns
from lab.data.stream import Batch, Outcome, Record, Sink
from lab.data.stream_landing import land_batch
from lab.flows.contracts import find_contract, keep_contract

Cells = dict[str, str | None]
CONTRACT = "dataset: events\ncolumns: {n: {type: integer}, host: {type: text}}\n"


def land(
    ws: Workspace, key: str, rows: list[Cells | None], stream: str = "test:topic", **said: Any
) -> Outcome:
    records = [Record(i, one, "" if one is not None else "is no JSON", str(one))
               for i, one in enumerate(rows)]  # fmt: skip
    sink = Sink(stream, "events", contract=find_contract(ws, "events"), **said)
    return ws.store.change(lambda c: land_batch(c, sink, Batch(key, records)))


def columns(ws: Workspace) -> dict[str, str]:
    return {row[0]: row[1] for row in ws.store.rows("DESCRIBE events")}


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """A table is young until it has two rows."""
    monkeypatch.setattr(stream_columns, "HEAD_ROWS", 2)


def test_a_first_batch_without_fields_decides_nothing(ws: Workspace) -> None:
    first: list[Cells | None] = [{}, None, {}]
    assert (land(ws, "a", first).loaded, land(ws, "a", first).repeated) == (0, 3)
    assert not ws.store.has("events")
    found = ws.store.rows("SELECT line, reason FROM rejects ORDER BY line")
    assert found == [
        (1, "The record has no field, and nothing else says what columns the new table has"),
        (2, "The record is no JSON"),
        (3, "The record has no field, and nothing else says what columns the new table has"),
    ]
    assert land(ws, "b", [{"n": "1"}, {}]).loaded == 2
    assert columns(ws) == {"n": "BIGINT"}
    counts = ws.store.rows("SELECT rows_read, rows_loaded, rows_rejected FROM loads")
    assert counts == [(5, 2, 3)]


def test_where_a_contract_or_a_person_says_the_columns_nothing_has_to_wait(ws: Workspace) -> None:
    assert land(ws, "a", [{}], types={"n": "number"}).loaded == 1
    assert columns(ws) == {"n": "DOUBLE"}


def test_new_fields_add_columns_while_the_table_is_young(ws: Workspace, short: None) -> None:
    assert land(ws, "a", [{"n": "1"}]).loaded == 1
    assert land(ws, "b", [{"n": "2", "x": "0.5", "none": None}, {"host": "h"}]).loaded == 2
    assert columns(ws) == {"n": "BIGINT", "x": "DOUBLE", "host": "VARCHAR"}
    late = land(ws, "c", [{"n": "4", "hots": "h"}, {"n": "5", "host": "i"}])
    assert (late.loaded, late.rejected) == (1, 1)
    assert "has the field 'hots'" in late.reasons[0][1]
    assert ws.store.rows("FROM events ORDER BY n") == [
        (1, None, None), (2, 0.5, None), (5, None, "i"), (None, None, "h")]  # fmt: skip


def test_a_table_with_rows_of_others_is_not_young(ws: Workspace) -> None:
    land(ws, "a", [{"n": "1"}])
    land(ws, "a", [{"n": "2"}], "test:other")
    for stream in ("test:topic", "test:other"):
        assert land(ws, "b", [{"n": "3", "x": "1"}], stream).rejected == 1
    assert columns(ws) == {"n": "BIGINT"}


def test_a_name_in_a_contract_or_in_types_adds_a_column_at_any_time(
    ws: Workspace, short: None
) -> None:
    land(ws, "a", [{"n": "1"}, {"n": "2"}])
    assert land(ws, "b", [{"n": "3", "host": "h"}]).rejected == 1
    keep_contract(ws, "events", CONTRACT)
    assert land(ws, "c", [{"n": "3", "host": "h"}]).loaded == 1
    assert land(ws, "d", [{"x": "5"}], types={"x": "number"}).loaded == 1
    assert columns(ws) == {"n": "BIGINT", "host": "VARCHAR", "x": "DOUBLE"}


def test_a_contract_without_extra_columns_turns_away_records_and_not_batches(ws: Workspace) -> None:
    keep_contract(ws, "events", CONTRACT + "extra_columns: false")
    done = land(ws, "a", [{"n": "1", "x": "1"}, {"n": "2"}])
    assert (done.loaded, done.rejected) == (1, 1)
    assert columns(ws) == {"n": "BIGINT", "host": "VARCHAR"}


def test_fields_alike_but_for_their_case_and_too_many(
    ws: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = land(ws, "a", [{"n": "1"}, {"N": "2"}])
    assert (done.loaded, "has the field 'N'" in done.reasons[0][1]) == (1, True)
    assert land(ws, "b", [{"N": "2"}, {"n": "3"}]).loaded == 1
    monkeypatch.setattr(stream_columns, "MAX_COLUMNS", 2)
    assert land(ws, "c", [{"a": "2"}, {"b": "3"}]).loaded == 1
    assert list(columns(ws)) == ["n", "a"]


def test_a_growing_table_has_each_record_once_whatever_comes_again_or_breaks(ws: Workspace) -> None:
    chance, sent = random.Random(11), []

    def broken(connection: Any, batch: Batch) -> None:
        land_batch(connection, Sink("test:topic", "events"), batch)
        raise RuntimeError("the power went off")

    for turn in range(12):
        some = chance.sample("abcdefgh", chance.randint(0, 4))
        rows = [{"n": str(10 * turn + i), **dict.fromkeys(some, "7")} for i in range(5)]
        sent += rows
        for _ in range(chance.randint(0, 2)):
            records = [Record(i, one) for i, one in enumerate(rows)]
            with pytest.raises(RuntimeError):
                ws.store.change(lambda c, r=records, t=turn: broken(c, Batch(str(t), r)))
        for _ in range(chance.randint(1, 3)):
            land(ws, str(turn), rows)
    found = ws.store.read("FROM events ORDER BY n").astype("object")
    kept = [{k: str(int(v)) for k, v in row.items() if v == v and v is not None}
            for row in found.to_dict("records")]  # fmt: skip
    assert kept == sent
