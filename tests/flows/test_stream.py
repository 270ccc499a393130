"""Streams: whatever is killed, sent again or broken, each good row is there exactly once."""

import random
import time
from pathlib import Path
from typing import Any

import pytest

from lab.core.config import PROJECT
from lab.core.errors import BadInput, Busy, NotFound
from lab.core.progress import drain
from lab.core.workspace import Workspace
from lab.data import stream_columns
from lab.data.stream import Batch, Record, Sink, claimed
from lab.data.stream_landing import land_batch
from lab.flows.ingest import ingest
from lab.flows.stream import stream_folder
from tests.flows.stream_parts import (
    QUICK,
    TIME,
    drop,
    landed,
    names,
    rows,
    started,
    wait_for_claim,
    watch,
)


def test_files_land_once_and_move(ws: Workspace, folder: Path) -> None:
    drop(folder, "a.jsonl", rows(5))
    (folder / "b.csv").write_text(f"n,host,at\n5,h,{TIME}\n6,h,{TIME}\n")
    (folder / "unfinished.csv.part").write_text("n,host")
    done = watch(ws, folder)
    assert (done.batches, done.loaded, done.rejected, done.failed) == (2, 7, 0, 0)
    assert landed(ws, "events") == list(range(7))
    assert names(folder) == ["done", "failed", "unfinished.csv.part"]
    assert names(folder / "done") == ["a.jsonl", "b.csv"]
    again = (folder / "done" / "a.jsonl").rename(folder / "a.jsonl")
    assert watch(ws, folder).repeated == 5
    assert not again.exists()
    assert landed(ws, "events") == list(range(7))


def test_same_name_with_other_content_is_another_batch(ws: Workspace, folder: Path) -> None:
    drop(folder, "a.jsonl", rows(2))
    watch(ws, folder)
    drop(folder, "a.jsonl", rows(2, start=2))
    watch(ws, folder)
    assert landed(ws, "events") == [0, 1, 2, 3]
    assert names(folder / "done") == ["a (2).jsonl", "a.jsonl"]


def test_broken_batches_are_named_and_the_stream_goes_on(
    ws: Workspace, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream_columns, "HEAD_ROWS", 4)
    drop(folder, "a.jsonl", rows(4))
    watch(ws, folder)
    (folder / "b.zip").write_bytes(b"PK\x03\x04 nothing")
    text = f'{{"n": 4, "at": "{TIME}"}}\n{{"n": "x"}}\n{{"n": 5, "new": 1}}\n{{oops\n'
    (folder / "c.jsonl").write_text(text)
    drop(folder, "d.jsonl", rows(1, start=5))
    done = watch(ws, folder)
    assert (done.batches, done.loaded, done.rejected, done.failed) == (2, 2, 3, 1)
    assert landed(ws, "events") == [0, 1, 2, 3, 4, 5]
    assert names(folder / "failed") == ["b.zip", "b.zip.reason.txt"]
    assert "damaged" in (folder / "failed" / "b.zip.reason.txt").read_text()
    found = dict(ws.store.rows("SELECT line, reason FROM rejects"))
    assert found[2] == "n: x is not a whole number"
    assert found[3] == (
        "The record has the field 'new', which the table does not have; name it in a contract "
        "of the table (Check quality), or stream into another table"
    )
    assert "is not JSON" in found[4]
    counts = ws.store.rows("SELECT rows_read, rows_loaded, rows_rejected FROM loads")
    assert counts == [(9, 6, 3)]


@pytest.mark.fault
def test_killed_ten_times_each_row_is_there_once(ws: Workspace, folder: Path) -> None:
    chance, sent = random.Random(20), 0
    for turn in range(10):
        for number in range(6):
            drop(folder, f"{turn}-{number}.jsonl", rows(50, start=sent))
            sent += 50
        child = started(ws, "folder", str(folder), "events", "--settle-seconds", "0")
        wait_for_claim(ws, child)
        time.sleep(chance.uniform(0.0, 1.0))
        child.kill()
        child.wait()
    watch(ws, folder, settle_seconds=0.0, idle_seconds=2.0)
    assert landed(ws, "events") == list(range(sent))
    assert len(names(folder / "done")) == 60
    assert ws.store.rows("SELECT sum(rows_loaded), count(*) FROM stream_offsets") == [(sent, 60)]


def test_second_reader_is_refused(ws: Workspace, folder: Path, tmp_path: Path) -> None:
    from lab.core.workspace import open_workspace

    running = stream_folder(ws, str(folder), "events", **QUICK)
    next(running)
    with pytest.raises(Busy, match="already being read, by process"):
        next(stream_folder(ws, str(folder), "other", **QUICK))
    elsewhere = open_workspace(tmp_path / "elsewhere")
    with pytest.raises(Busy, match="already being read"):
        next(stream_folder(elsewhere, str(folder), "events", **QUICK))
    running.close()
    watch(ws, folder)


def test_calls_that_are_refused(ws: Workspace, folder: Path) -> None:
    with pytest.raises(NotFound, match="There is no folder"):
        watch(ws, folder / "none")
    with pytest.raises(BadInput, match="cannot be used"):
        watch(ws, folder, "no table; DROP")
    for place, words in (("", "No folder is named"), ("relative/path", "no full path")):
        with pytest.raises(BadInput, match=words):
            drain(stream_folder(ws, place, "events", **QUICK))
    for place in (ws.uploads, ws.root.parent, Path.home(), PROJECT / "tests", Path("/")):
        with pytest.raises(BadInput, match="cannot be watched"):
            watch(ws, place)
    with pytest.raises(NotFound, match="time zone"):
        watch(ws, folder, timezone="Mars/Base")
    drop(folder, "a.jsonl", rows(1))
    assert "kept by the lab itself" in watch(ws, folder, "loads").last
    drop(folder, "b.jsonl", [{"n": 1, "at": "2026-01-01 10:00:00"}])
    assert "carry no time zone" in watch(ws, folder).last
    assert not ws.store.has("events")


def test_naive_times_land_where_the_clock_was(ws: Workspace, folder: Path) -> None:
    drop(folder, "b.jsonl", [{"n": 1, "at": "2026-01-01 10:00:00"}])
    watch(ws, folder, timezone="Europe/Berlin")
    assert ws.store.rows('SELECT epoch("at") FROM events') == [(1767258000.0,)]


def test_partition_is_read_on_from_its_position(ws: Workspace) -> None:
    """Records that come again, alone or among new ones, are left out by their position."""
    sink = Sink("test:topic", "events", {"n": "integer"})
    chance = random.Random(4)
    at = 0
    while at < 200:
        first = max(0, at - chance.randrange(10))
        records = [Record(i, {"n": str(i)}) for i in range(first, first + chance.randrange(1, 30))]
        ws.store.change(lambda c, r=records: land_batch(c, sink, Batch("topic/0", r)))
        at = max(at, records[-1].position + 1)
    assert landed(ws, "events") == list(range(at))


def test_table_that_was_replaced_meanwhile(ws: Workspace, folder: Path, tmp_path: Path) -> None:
    drop(folder, "a.jsonl", rows(2))
    watch(ws, folder)
    (tmp_path / "new.csv").write_text("n,colour\n7,red\n")
    drain(ingest(ws, tmp_path / "new.csv", {"dataset": "events"}))
    drop(folder, "b.jsonl", [{"n": 8, "colour": "blue"}, {"n": 9, "host": "h"}])
    done = watch(ws, folder)
    assert (done.loaded, done.rejected) == (1, 1)
    assert ws.store.rows("FROM events ORDER BY n") == [(7, "red"), (8, "blue")]


def test_failure_within_the_transaction_leaves_no_row_and_no_position(ws: Workspace) -> None:
    sink = Sink("test:topic", "events", {"n": "integer"})

    def broken(connection: Any) -> None:
        land_batch(connection, sink, Batch("k", [Record(0, {"n": "1"})]))
        raise RuntimeError("the power went off")

    with pytest.raises(RuntimeError):
        ws.store.change(broken)
    assert not ws.store.has("events")
    assert not ws.store.has("stream_offsets")


def test_claim_ends_with_its_owner(ws: Workspace) -> None:
    with claimed(ws, "x"), pytest.raises(Busy), claimed(ws, "x"):
        pass
    with claimed(ws, "x"):
        pass
