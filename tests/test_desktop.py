"""The lab on a desk: ports, a second start on the same workspace, and an orderly end."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
import requests

from lab import desktop
from lab.core.errors import BadInput, Unavailable
from lab.core.running import find_running, held, noted
from lab.core.workspace import Workspace

PROJECT = Path(__file__).resolve().parents[1]
# How late anything may be on a busy machine.
LATE_SECONDS = 180


@pytest.fixture
def taken() -> Iterator[int]:
    """A port somebody listens on."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


def command(ws: Workspace, *flags: str) -> list[str]:
    return [
        sys.executable, "-m", "lab.desktop", "--no-browser", "--workspace", str(ws.root), *flags
    ]  # fmt: skip


@pytest.fixture
def desk(ws: Workspace, free_port: int) -> Iterator[subprocess.Popen]:
    """A lab that runs on a fresh workspace."""
    process = subprocess.Popen(
        command(ws, "--port", str(free_port)),
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        assert f"http://127.0.0.1:{free_port}" in process.stdout.readline()
        yield process
    finally:
        instance = noted(ws)
        process.terminate()
        process.wait(LATE_SECONDS)
        process.stdout.close()
        if instance and psutil.pid_exists(instance.pid):
            os.kill(instance.pid, signal.SIGKILL)


def test_wanted_port_must_be_free(taken: int, free_port: int) -> None:
    with pytest.raises(BadInput, match=f"Port {taken} is taken .* Give another --port"):
        desktop.choose_port(taken)
    assert desktop.choose_port(free_port) == free_port


def test_next_free_port_is_used_and_named(
    taken: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(desktop, "FIRST_PORT", taken)
    port = desktop.choose_port(None)
    assert taken < port < taken + desktop.PORTS_TRIED
    assert f"Port {taken} is taken; using {port}." in capsys.readouterr().out


def test_no_port_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desktop, "port_free", lambda _: False)
    with pytest.raises(Unavailable, match="all taken"):
        desktop.choose_port(None)


def test_starts_listens_on_loopback_only_and_ends(ws: Workspace, desk: subprocess.Popen) -> None:
    instance = find_running(ws)
    family = [psutil.Process(desk.pid), *psutil.Process(desk.pid).children(recursive=True)]
    listening = [
        connection.laddr
        for process in family
        for connection in process.net_connections(kind="inet")
        if connection.status == psutil.CONN_LISTEN
    ]
    assert {address.ip for address in listening} == {"127.0.0.1"}
    assert requests.get(f"{instance.url}/_stcore/health", timeout=LATE_SECONDS).text == "ok"
    assert not any(name in os.environ for name in ("STREAMLIT_SERVER_COOKIE_SECRET",))
    desk.send_signal(signal.SIGINT)
    assert desk.wait(LATE_SECONDS) == 0
    assert "The lab has stopped." in desk.stdout.read()
    assert not psutil.pid_exists(instance.pid)
    assert not held(ws)


def test_an_end_that_was_swallowed_is_not_forgotten(
    ws: Workspace, monkeypatch: pytest.MonkeyPatch, free_port: int
) -> None:
    """Python ignores what a signal raises in a destructor, for one."""

    def swallowing(url: str, how: str) -> str:
        with contextlib.suppress(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(LATE_SECONDS)  # the signal ends this at once
        return ""

    before = {
        name: signal.getsignal(name) for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    }
    monkeypatch.setattr(desktop, "show", swallowing)
    try:
        argv = ["--no-browser", "--workspace", str(ws.root), "--port", str(free_port)]
        assert desktop.main(argv) == 0
    finally:
        for name, handler in before.items():
            signal.signal(name, handler)
    assert not held(ws)


def test_second_start_finds_the_first(ws: Workspace, desk: subprocess.Popen) -> None:
    again = subprocess.run(
        command(ws), cwd=PROJECT, capture_output=True, text=True, timeout=LATE_SECONDS, check=False
    )
    assert again.returncode == 0
    assert find_running(ws).url in again.stdout
    assert "already runs" in again.stdout


def test_killed_app_is_noticed_and_frees_the_workspace(
    ws: Workspace, desk: subprocess.Popen
) -> None:
    os.kill(find_running(ws).pid, signal.SIGKILL)
    assert desk.wait(LATE_SECONDS) == 1
    assert "ended by itself" in desk.stdout.read()
    assert find_running(ws) is None


def test_start_that_cannot_come_up_shows_the_reason(
    ws: Workspace, monkeypatch: pytest.MonkeyPatch, free_port: int
) -> None:
    broken = [sys.executable, "-c", "raise SystemExit('the reason')"]
    monkeypatch.setattr(desktop, "python", lambda *_: broken)
    with pytest.raises(Unavailable, match="did not start: the reason"):
        desktop.start(ws, free_port, "no")


def test_weak_secret_stops_the_start_in_one_sentence(ws: Workspace) -> None:
    (ws.root / "secrets.json").write_text('{"STREAMLIT_SERVER_COOKIE_SECRET": "changeme"}')
    done = subprocess.run(
        command(ws), cwd=PROJECT, capture_output=True, text=True, timeout=LATE_SECONDS, check=False
    )
    assert done.returncode == 1
    assert "well known" in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stderr.count("\n") == 1
