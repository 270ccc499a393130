import signal
import sqlite3
import subprocess
import sys
import time

import pytest

from lab.core.errors import Unavailable
from lab.core.workspace import open_workspace
from lab.mlops.tracking import client, experiment_id
from lab.mlops.tracking.store import prepare, sqlite_uri
from tests.tracking_file import empty_file

SCRIPT = [sys.executable, "-m", "tests.mlops.tracking.opened"]


def is_whole(path):
    connection = sqlite3.connect(path)
    try:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        mode = connection.execute("PRAGMA journal_mode").fetchone()[0]
        return mode == "wal" and connection.execute("SELECT count(*) FROM experiments").fetchone()
    finally:
        connection.close()


def test_the_file_is_made_whole_in_wal_mode_and_only_once():
    path = empty_file()
    assert is_whole(path)
    assert not list(path.parent.glob("*.tmp*"))
    before = path.stat()
    prepare(path)
    assert path.stat().st_mtime_ns == before.st_mtime_ns


def test_a_client_touches_no_global_state(tracked):
    import mlflow

    before = mlflow.get_tracking_uri(), mlflow.get_registry_uri()
    opened = client(tracked)
    assert opened.tracking_uri == opened._registry_uri == sqlite_uri(tracked.mlflow_database)
    assert (mlflow.get_tracking_uri(), mlflow.get_registry_uri()) == before


def test_a_file_that_is_no_database_is_named(ws):
    ws.mlflow_database.write_bytes(b"not a database" * 100)
    with pytest.raises(Unavailable, match=r"mlflow\.db"):
        experiment_id(ws, "sales")


@pytest.mark.fault
def test_eight_processes_at_once_on_a_fresh_workspace_all_succeed(tmp_path):
    children = [
        subprocess.Popen(
            [*SCRIPT, str(tmp_path)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for _ in range(8)
    ]
    ends = [child.communicate(timeout=550) for child in children]
    assert [child.returncode for child in children] == [0] * 8, ends
    assert {out.strip() for out, _ in ends} == {"1"}  # one experiment, the same for all
    assert is_whole(tmp_path / "mlflow.db")


@pytest.mark.fault
@pytest.mark.parametrize("delay_seconds", [0.0, 0.2, 0.5, 1.0, 1.5])
def test_a_kill_while_the_file_is_made_leaves_none_or_a_whole_one(tmp_path, delay_seconds):
    path, half = tmp_path / "mlflow.db", tmp_path / "mlflow.db.tmp"
    child = subprocess.Popen(
        [*SCRIPT, str(tmp_path)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    deadline = time.monotonic() + 400
    while not (half.exists() or path.exists()) and time.monotonic() < deadline:
        time.sleep(0.005)
    time.sleep(delay_seconds)
    child.send_signal(signal.SIGKILL)
    child.wait()
    assert not path.exists() or is_whole(path)
    assert experiment_id(open_workspace(tmp_path), "sales") == "1"
    assert is_whole(path)
