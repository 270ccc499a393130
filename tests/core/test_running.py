"""One app per workspace; a crash frees it; its children end with it."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from lab.core.errors import Busy
from lab.core.process import start
from lab.core.running import NOTE, claim, find_running, held, noted
from lab.core.workspace import Workspace

PROJECT = Path(__file__).resolve().parents[2]
HOLDER = """
import sys, time
from lab.core.running import claim
from lab.core.workspace import open_workspace
with claim(open_workspace(sys.argv[1]), "http://127.0.0.1:9"):
    print("held", flush=True)
    time.sleep(600)
"""


@pytest.fixture
def holder(ws: Workspace):
    """Another process that holds the workspace."""
    command = [sys.executable, "-c", HOLDER, str(ws.root)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=PROJECT) as process:
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_free_workspace_has_nobody(ws: Workspace) -> None:
    assert not held(ws)
    assert find_running(ws) is None


def test_claim_says_where_and_leaves_nothing(ws: Workspace) -> None:
    with claim(ws, "http://127.0.0.1:1") as instance:
        assert held(ws)
        assert noted(ws) == instance
        assert instance.pid == os.getpid()
    assert not held(ws)
    assert not (ws.state / NOTE).exists()


def test_second_app_is_refused_by_name(ws: Workspace, holder: subprocess.Popen) -> None:
    by_name = f"in use by process {holder.pid} at http://127.0.0.1:9"
    with pytest.raises(Busy, match=by_name), claim(ws, "http://127.0.0.1:2"):
        pass
    with pytest.raises(Busy, match="another --workspace"):
        find_running(ws, wait_seconds=0.1)


def test_kill_frees_the_workspace(ws: Workspace, holder: subprocess.Popen) -> None:
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    assert find_running(ws) is None
    with claim(ws, "http://127.0.0.1:2"):
        assert held(ws)


def test_children_end_with_the_app(ws: Workspace) -> None:
    with claim(ws, "http://127.0.0.1:1"):
        child = start([sys.executable, "-c", "import time; time.sleep(600)"], ws.logs / "child.log")
        child.save(ws.state / "mlflow-ui.json")
        (ws.state / "strange.json").write_text("[1, 2]")
        (ws.state / "broken.json").write_text("{")
    assert not child.alive
    assert not psutil.pid_exists(child.pid) or not psutil.Process(child.pid).is_running()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"pid": 1}'])
def test_damaged_note_is_no_note(ws: Workspace, text: str) -> None:
    (ws.state / NOTE).write_text(text)
    assert noted(ws) is None
