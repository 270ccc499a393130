"""Children: nothing secret inherited, ended with their family, found again after a restart."""

import contextlib
import json
import os
import socket
import sys
import time

import psutil
import pytest

from lab.core import process
from lab.core.errors import Unavailable
from lab.core.process import Child, answers, environment, free_port, python, start, wait_for
from tests.ports import systems_port

SLEEP = [sys.executable, "-c", "import time; time.sleep(600)"]
FAMILY = [
    sys.executable,
    "-c",
    "import subprocess, sys, time\n"
    "child = [sys.executable, '-c', 'import time; time.sleep(600)']\n"
    "print(subprocess.Popen(child).pid, flush=True)\n"
    "time.sleep(600)",
]
STUBBORN = [
    sys.executable,
    "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    "print('ready', flush=True); time.sleep(600)",
]


@pytest.fixture
def log(tmp_path):
    return tmp_path / "log.txt"


@pytest.fixture
def run(log):
    started = []

    def begin(argv, **more):
        started.append(start(argv, log, **more))
        return started[-1]

    yield begin
    for child in started:
        child.stop(1.0)


def said(log, seconds=120.0):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if log.exists() and log.read_text().endswith("\n"):
            return log.read_text().strip()
        time.sleep(0.05)
    raise AssertionError("the child said nothing")


def gone(pid):
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def test_a_child_inherits_no_secret(run, log, monkeypatch):
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "canary-1")
    monkeypatch.setenv("LAB_OWNER", "canary-2")
    run([sys.executable, "-c", "import json, os; print(json.dumps(dict(os.environ)))"],
        env={"ASKED_FOR": "yes"})  # fmt: skip
    seen = json.loads(said(log))
    assert "canary" not in json.dumps(seen)
    assert seen["ASKED_FOR"] == "yes"
    assert seen["PATH"] == os.environ["PATH"]
    assert seen["DO_NOT_TRACK"] == "true"
    allowed = {*process.INHERITED, *process.QUIET, "PYTHONPATH", "ASKED_FOR", "LC_CTYPE"}
    assert set(seen) <= allowed


def test_our_own_environment_is_not_touched():
    before = dict(os.environ)
    environment({"X": "1"})
    assert dict(os.environ) == before


def test_arguments_are_no_shell(run, log, tmp_path):
    run([sys.executable, "-c", "import sys; print(sys.argv[1])", f"; touch {tmp_path}/x $(id)"])
    assert said(log) == f"; touch {tmp_path}/x $(id)"
    assert not (tmp_path / "x").exists()


def test_a_child_has_a_session_of_its_own(run):
    child = run(SLEEP)
    assert os.getsid(child.pid) == child.pid != os.getsid(0)


def test_stop_ends_the_whole_family(run, log):
    child = run(FAMILY)
    grandchild = int(said(log))
    assert child.alive
    assert not gone(grandchild)
    child.stop()
    assert not child.alive
    assert gone(grandchild)


def test_stop_ends_one_that_ignores_being_asked(run, log):
    child = run(STUBBORN)
    assert said(log) == "ready"
    child.stop(grace_seconds=0.3)
    assert not child.alive


def test_stopping_twice_is_quiet(run):
    child = run(SLEEP)
    child.stop()
    child.stop()


def test_an_ended_child_is_let_go_when_the_next_starts(run, log):
    first = start([sys.executable, "-c", ""], log)
    while not gone(first.pid):  # a zombie now: nobody has asked for its exit code
        time.sleep(0.05)
    second = run(SLEEP)
    assert first.pid not in process._started
    assert second.pid in process._started
    assert not psutil.pid_exists(first.pid)


def test_a_child_is_found_again_from_its_file(run, tmp_path, monkeypatch):
    child, note = run(SLEEP, port=4242), tmp_path / "child.json"
    child.save(note)
    monkeypatch.setattr(process, "_started", {})  # as after a restart of this process
    again = Child.load(note)
    assert again == child
    assert again.port == 4242
    again.stop()
    assert Child.load(note) is None
    assert Child.load(tmp_path / "none.json") is None


def test_a_reused_pid_is_not_mistaken_for_the_child():
    stranger = Child(os.getpid(), started=1.0)
    assert not stranger.alive
    stranger.stop()  # or this test would end here


def test_a_program_that_is_not_there_is_unavailable(log):
    with pytest.raises(Unavailable, match=r"/no/such/program cannot be started"):
        start(["/no/such/program"], log)


def test_a_free_port_can_be_bound():
    ports = {systems_port() for _ in range(20)}
    for port in ports:
        with contextlib.suppress(OSError), socket.socket() as server:
            server.bind(("127.0.0.1", port))
            return
    pytest.fail(f"none of {ports} can be bound")


def test_wait_for_answers(run, log, tmp_path):
    port = free_port()
    child = run([*python("http.server", str(port), "--bind", "127.0.0.1")], cwd=tmp_path, port=port)
    wait_for(f"http://127.0.0.1:{port}/", child, log)
    assert answers(f"http://127.0.0.1:{port}/", 60.0)
    assert not answers(f"http://127.0.0.1:{port}/missing")
    child.stop()
    assert not answers(f"http://127.0.0.1:{port}/")


def test_wait_for_one_that_ends_tells_its_last_words(run, log):
    child = run([sys.executable, "-c", "raise SystemExit('no licence')"])
    with pytest.raises(Unavailable, match="no licence"):
        wait_for(f"http://127.0.0.1:{free_port()}/", child, log)


def test_wait_for_gives_up_and_ends_the_child(run, log):
    child = run(SLEEP)
    with pytest.raises(Unavailable, match="did not answer"):
        wait_for(f"http://127.0.0.1:{free_port()}/", child, log, timeout_seconds=0.5)
    assert not child.alive


def test_json_is_replaced_whole_by_many_threads(tmp_path):
    from concurrent.futures import ThreadPoolExecutor

    path = tmp_path / "x.json"
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda i: process.write_json(path, ["x" * 5000, i]), range(200)))
    assert json.loads(path.read_text())[0] == "x" * 5000
    assert [entry.name for entry in tmp_path.iterdir()] == ["x.json"]
