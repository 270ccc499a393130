"""Streams: what breaks a promise or cannot land is named, set aside or waited for."""

from pathlib import Path
from typing import Any

import pytest

from lab.core.errors import Busy, Unavailable
from lab.core.progress import drain
from lab.core.workspace import Workspace
from lab.data.stream_landing import land_batch
from lab.flows.contracts import contract, keep_contract
from lab.flows.stream import stream_folder
from tests.flows.stream_parts import (
    QUICK,
    drop,
    names,
    rows,
    watch,
)

CONTRACT = """
dataset: events
columns:
  n: {type: number, required: true, least: 0}
  host: {type: text, only: [h0, h1]}
  room: {type: text}
rows: {least: 1000}
"""


def test_rows_that_break_the_contract_of_the_table_are_turned_away(
    ws: Workspace, folder: Path
) -> None:
    keep_contract(ws, "events", CONTRACT)
    bad = [{"n": -1, "host": "h0"}, {"n": 7, "host": "h2"}, {"host": "h1"}, {"n": "x"}]
    drop(folder, "a.jsonl", [{"n": 1, "host": "h0"}, *bad, {"n": 2, "host": "h1"}])
    done = watch(ws, folder)
    assert (done.loaded, done.rejected, done.failed) == (2, 4, 0)
    # The table is made as it was promised: guessed from this batch, n would be whole.
    assert ws.store.rows("FROM events ORDER BY n") == [(1.0, "h0", None), (2.0, "h1", None)]
    found = ws.store.rows("SELECT line, column_name, reason FROM rejects ORDER BY line")
    assert found == [
        (2, "n", "n: -1.0 is less than 0"),
        (3, "host", "host: h2 is not one of h0, h1"),
        (4, "n", "n: is empty"),
        (5, "n", "n: x is not a number"),
    ]
    # It counts from when it is changed.
    contract(ws, "events", remove=True)
    drop(folder, "b.jsonl", [{"n": -1, "host": "h2"}])
    assert watch(ws, folder).loaded == 1


def test_columns_that_are_not_as_promised_stop_a_batch(ws: Workspace, folder: Path) -> None:
    drop(folder, "a.jsonl", [{"n": 0, "host": "h0", "room": 1}])
    watch(ws, folder)
    keep_contract(ws, "events", CONTRACT)
    drop(folder, "b.jsonl", rows(2, start=2))
    done = watch(ws, folder)
    assert (done.loaded, done.failed) == (0, 1)
    assert "room type: expected column of text, found column of integer" in done.last
    keep_contract(ws, "events", "policy: warn" + CONTRACT)
    drop(folder, "c.jsonl", rows(2, start=4))
    assert watch(ws, folder).loaded == 2


def test_a_file_that_cannot_be_opened_is_set_aside(
    ws: Workspace, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(path: Path) -> str:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr("lab.data.stream_folder.content_key", refused)
    drop(folder, "a (new).jsonl", rows(2))
    assert watch(ws, folder).last == (
        "a (new).jsonl: a (new).jsonl cannot be opened: Permission denied.")  # fmt: skip
    monkeypatch.undo()
    (folder / "failed" / "a (new).jsonl").rename(folder / "a (new).jsonl")
    assert watch(ws, folder).loaded == 2
    drop(folder, "a (new).jsonl", rows(2, start=2))
    watch(ws, folder)
    assert names(folder / "done") == ["a (new) (2).jsonl", "a (new).jsonl"]


def test_a_full_disk_is_waited_for(
    ws: Workspace, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    troubles = [Unavailable("The disk is full.", "Free space."), Busy("Somebody has it.")]

    def flaky(*args: Any) -> Any:
        if troubles:
            raise troubles.pop()
        return land_batch(*args)

    monkeypatch.setattr("lab.flows.stream.land_batch", flaky)
    drop(folder, "a.jsonl", rows(3))
    said: list[str] = []
    steps = stream_folder(ws, str(folder), "events", **QUICK)
    assert drain(steps, lambda step: said.append(step.message)).loaded == 3
    assert "Waiting: The disk is full. Free space." in said
    assert names(folder / "failed") == []
