"""Streams: whatever is killed, sent again or broken, each good row is there exactly once."""

import json
import random
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests

from lab.core.config import PROJECT
from lab.core.errors import BadInput, Busy, NotFound, Unavailable
from lab.core.progress import drain
from lab.core.workspace import Workspace
from lab.data.stream import Batch, Record, Sink, claimed
from lab.data.stream_landing import land_batch
from lab.flows.contracts import contract, keep_contract
from lab.flows.ingest import ingest
from lab.flows.stream import StreamSummary, stream_folder, stream_http
from lab.flows.stream_places import http_token
from tests.flows.stream_parts import TIME, drop, landed, lines, rows, started, wait_for_claim

QUICK: dict[str, Any] = {"settle_seconds": 0.1, "idle_seconds": 0.5}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "drop"
    place.mkdir()
    return place


def watch(ws: Workspace, folder: Path, table: str = "events", **more: Any) -> StreamSummary:
    return drain(stream_folder(ws, str(folder), table, **{**QUICK, **more}))


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))


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


def test_broken_batches_are_named_and_the_stream_goes_on(ws: Workspace, folder: Path) -> None:
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
    assert found[3] == "The record has the field 'new', which the table does not have"
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
    for place in ("", "relative/path"):
        with pytest.raises(BadInput, match="no full path"):
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
    drop(folder, "a.jsonl", rows(2))
    watch(ws, folder)
    keep_contract(ws, "events", CONTRACT)
    drop(folder, "b.jsonl", rows(2, start=2))
    done = watch(ws, folder)
    assert (done.loaded, done.failed) == (0, 1)
    assert "room type: expected column of text, found no such column" in done.last
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


class Http:
    """A stream over HTTP in a thread of the test."""

    def __init__(self, ws: Workspace, url: str) -> None:
        self.ws, self.url = ws, url

    def post(self, key: str | None, body: str | bytes, **headers: str) -> requests.Response:
        given = {"Authorization": f"Bearer {http_token(self.ws, 'events')}"}
        given |= {"Idempotency-Key": key} if key else {}
        with requests.Session() as session:
            session.trust_env = False
            return session.post(self.url, body, headers={**given, **headers}, timeout=30)


@pytest.fixture
def http(ws: Workspace) -> Iterator[Http]:
    with open_stream(ws) as one:
        yield one


@contextmanager
def open_stream(ws: Workspace) -> Iterator[Http]:
    steps = stream_http(ws, "events", port=0)
    stop = threading.Event()
    url = next(steps).message.partition(";")[0].removeprefix("Listening at ")

    def run() -> None:
        while not stop.is_set():
            next(steps)
        steps.close()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield Http(ws, url)
    finally:
        stop.set()
        thread.join()


def test_http_batch_lands_before_it_is_answered(ws: Workspace, http: Http) -> None:
    answer = http.post("one", lines(rows(3)))
    assert (answer.status_code, answer.json()["loaded"]) == (200, 3)
    assert landed(ws, "events") == [0, 1, 2]
    again = http.post("one", lines(rows(3))).json()
    assert (again["loaded"], again["repeated"]) == (0, 3)
    array = http.post("two", '[{"n": 3, "host": "é"}, {"n": "x"}]').json()
    assert (array["loaded"], array["rejected"]) == (1, 1)
    assert array["reasons"] == [{"record": 2, "reason": "n: x is not a whole number"}]
    assert landed(ws, "events") == [0, 1, 2, 3]


def test_http_refusals_have_code_message_and_hint(ws: Workspace, http: Http) -> None:
    http.post("one", lines(rows(1)))
    for answer, status, code in (
        (http.post("x", "{}", Authorization="Bearer wrong"), 401, "no_token"),
        (http.post("x", "{}", Authorization=""), 401, "no_token"),
        (http.post(None, "{}"), 400, "no_key"),
        (http.post("x", ""), 400, "bad_batch"),
        (http.post("x", "[1, 2"), 400, "bad_batch"),
        (http.post("x", b" " * 5_000_001), 413, "too_large"),
        (http.post("one", lines(rows(2))), 422, "bad_batch"),
        (http.post("x", "{}", Host="evil.example"), 400, ""),
    ):
        assert answer.status_code == status, answer.text
        if code:
            body = answer.json()
            assert body["code"] == code
            assert body["message"]
            assert body["hint"]
    assert landed(ws, "events") == [0]
    assert http.post("y", lines(rows(1, start=1))).json()["loaded"] == 1


def test_http_senders_at_once(ws: Workspace, http: Http) -> None:
    """Eight senders, each of whom sends everything twice."""

    def send(number: int) -> None:
        for _ in range(2):
            for part in range(3):
                start = 30 * number + 10 * part
                http.post(f"{number}-{part}", lines(rows(10, start=start))).raise_for_status()

    senders = [threading.Thread(target=send, args=(number,)) for number in range(8)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    assert landed(ws, "events") == list(range(240))


@pytest.mark.fault
def test_http_killed_between_commit_and_answer(ws: Workspace) -> None:
    """A sender that gets no answer sends again after a restart; nothing is lost or doubled."""
    chance, sent = random.Random(8), 0
    for turn in range(4):
        child, url = http_child(ws)
        # The last one may live.
        killer = threading.Timer(chance.uniform(0.02, 0.6) if turn < 3 else 600, child.kill)
        killer.start()
        try:
            while sent < 60:
                Http(ws, url).post(f"k{sent}", lines(rows(20, start=20 * sent))).raise_for_status()
                sent += 1
        except requests.RequestException:
            continue
        finally:
            killer.cancel()
            child.kill()
            child.wait()
    assert landed(ws, "events") == list(range(1200))


def http_child(ws: Workspace) -> "tuple[subprocess.Popen[bytes], str]":
    """A stream over HTTP in a process of its own, and its address."""
    child = started(ws, "http", "events", "--port", "0")
    note = ws.state / "stream-http-events.address"
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        told = json.loads(note.read_text()) if note.exists() else {}
        if told.get("pid") == child.pid:
            return child, told["url"]
        time.sleep(0.02)
    raise AssertionError("the stream did not begin to listen")


def test_port_that_is_taken_and_second_stream_into_a_table(ws: Workspace, http: Http) -> None:
    with pytest.raises(Busy, match="http:events is already being read"):
        next(stream_http(ws, "events", port=0))
    taken = int(http.url.split(":")[2].split("/")[0])
    with pytest.raises(Unavailable, match=f"Port {taken}"):
        next(stream_http(ws, "other", port=taken))
    with pytest.raises(BadInput, match="Port 80"):
        next(stream_http(ws, "other", port=80))


def test_token_is_private_and_stays(ws: Workspace) -> None:
    token = http_token(ws, "events")
    assert len(token) >= 32
    assert http_token(ws, "events") == token
    assert (ws.state / "stream-http-events.token").stat().st_mode & 0o077 == 0


def test_claim_ends_with_its_owner(ws: Workspace) -> None:
    with claimed(ws, "x"), pytest.raises(Busy), claimed(ws, "x"):
        pass
    with claimed(ws, "x"):
        pass
