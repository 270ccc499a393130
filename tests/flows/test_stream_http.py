"""A stream over HTTP: what was answered has landed, once, whatever is sent again or killed."""

import json
import random
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import requests

from lab.core.errors import BadInput, Busy, Unavailable
from lab.core.workspace import Workspace
from lab.flows.stream import stream_http
from lab.flows.stream_places import http_token
from tests.flows.stream_parts import (
    landed,
    lines,
    rows,
    started,
)


class Http:
    """A stream over HTTP in a thread of the test."""

    def __init__(self, ws: Workspace, url: str) -> None:
        self.ws, self.url = ws, url

    def post(self, key: str | None, body: str | bytes, **headers: str) -> requests.Response:
        given = {"Authorization": f"Bearer {http_token(self.ws, 'events')}"}
        given |= {"Idempotency-Key": key} if key else {}
        with requests.Session() as session:
            session.trust_env = False
            return session.post(self.url, body, headers={**given, **headers}, timeout=120)


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
    deadline = time.monotonic() + 240
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
