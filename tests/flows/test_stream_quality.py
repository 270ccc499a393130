"""Streams in the history of quality: an hour is one check that counts each row once."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from lab.core.workspace import Workspace
from lab.data import stream_landing
from lab.data.stream import Batch, Record, Sink
from lab.data.stream_landing import land_batch
from lab.flows import quality_view as view
from lab.flows.contracts import find_contract, keep_contract
from tests.flows.stream_parts import drop, watch

CONTRACT = """
dataset: events
columns:
  n: {type: integer, required: true, least: 0}
  host: {type: text, only: [h0, h1]}
rows: {least: 1000}
unique: [[n]]
"""
BEGUN = datetime(2026, 1, 1, 10, 59, 58, tzinfo=UTC)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    """A clock that stands still until it is set."""
    time = [BEGUN]

    class Clock(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:
            assert tz is UTC
            return time[0]

    monkeypatch.setattr(stream_landing, "datetime", Clock)
    return time


def land(
    ws: Workspace, key: str, cells: list[tuple[str | None, str]], stream: str = "test:topic"
) -> None:
    sink = Sink(stream, "events", contract=find_contract(ws, "events"))
    records = [Record(i, {"n": n, "host": host}) for i, (n, host) in enumerate(cells)]
    ws.store.change(lambda c: land_batch(c, sink, Batch(key, records)))


def test_batches_of_an_hour_are_one_check_and_each_row_counts_once(
    ws: Workspace, clock: list[datetime]
) -> None:
    keep_contract(ws, "events", CONTRACT)
    clock[0] -= timedelta(minutes=50)
    land(ws, "a", [("1", "h0"), ("-1", "h0"), ("x", "h0")])
    clock[0] = BEGUN
    land(ws, "b", [("2", "h1"), ("-2", "h2"), (None, "h1")])
    land(ws, "b", [("2", "h1"), ("-2", "h2"), (None, "h1")])
    land(ws, "c", [("3", "h0")])
    (check,) = view.checks(ws, "events").to_dict("records")
    # The record whose n is no number was turned away before anything was promised of it.
    assert (check["what"], check["rows"], check["bad_rows"]) == ("stream", 6, 3)
    assert (check["verdict"], check["kept"], check["promises"]) == ("warn", 2, 5)
    found = view.promises(ws, check["quality_id"])
    assert found[["Column", "Promise", "Found", "Bad rows"]].to_numpy().tolist() == [
        ["n", "never empty", "1 bad row; last: n: is empty", 1],
        ["n", "at least", "2 bad rows; last: n: -2 is less than 0", 2],
        ["host", "one of a list", "1 bad row; last: host: h2 is not one of h0, h1", 1],
        ["n", "type", "column of integer", 0],
        ["host", "type", "column of text", 0],
    ]
    assert len(view.bad_rows(ws, "events", check["quality_id"])) == 5
    assert list(view.titles(view.checks(ws, "events")).values()) == [
        "2026-01-01 10:59:58 UTC · stream · warning"
    ]


def test_another_hour_contract_or_stream_is_another_check(
    ws: Workspace, clock: list[datetime]
) -> None:
    keep_contract(ws, "events", CONTRACT)
    land(ws, "a", [("1", "h0")])
    clock[0] += timedelta(seconds=1)
    land(ws, "b", [("2", "h0")])
    clock[0] += timedelta(seconds=1)
    land(ws, "c", [("3", "h0")])
    land(ws, "c", [("3", "h0")], "test:other")
    keep_contract(ws, "events", CONTRACT.replace("h1", "h9"))
    land(ws, "d", [("4", "h9")])
    found = view.checks(ws, "events")
    assert sorted(found["rows"]) == [1, 1, 1, 2]
    assert sorted(at.minute for at in found["at"]) == [0, 0, 0, 59]
    assert set(found["verdict"]) == {"pass"}


def test_nothing_is_noted_of_a_batch_that_did_not_land(ws: Workspace) -> None:
    keep_contract(ws, "events", CONTRACT)
    sink = Sink("test:topic", "events", contract=find_contract(ws, "events"))

    def broken(connection: Any) -> None:
        land_batch(connection, sink, Batch("k", [Record(0, {"n": "1", "host": "h0"})]))
        raise RuntimeError("the power went off")

    with pytest.raises(RuntimeError):
        ws.store.change(broken)
    assert not len(view.checks(ws, "events"))


def test_a_batch_that_is_refused_for_its_columns_shows(ws: Workspace, folder: Path) -> None:
    drop(folder, "a.jsonl", [{"n": "a", "host": "h0"}])
    watch(ws, folder)
    keep_contract(ws, "events", CONTRACT)
    drop(folder, "b.jsonl", [{"n": "b", "host": "h0"}])
    assert watch(ws, folder).failed == 1
    drop(folder, "c.jsonl", [{"n": "c", "host": "h0"}])
    watch(ws, folder)
    (check,) = view.checks(ws, "events").to_dict("records")
    assert (check["what"], check["verdict"], check["rows"]) == ("stream", "fail", 0)
    found = view.promises(ws, check["quality_id"]).iloc[0]
    assert (found["Column"], found["Found"]) == ("n", "column of text")


def test_without_a_contract_there_is_no_check(ws: Workspace, folder: Path) -> None:
    drop(folder, "a.jsonl", [{"n": 1}])
    watch(ws, folder)
    assert not len(view.checks(ws, "events"))
