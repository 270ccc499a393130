"""Taking over a file among other processes, killed at each step, on full and read-only disks."""

import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from lab.core import adoption
from lab.core.adoption import adopt
from lab.core.config import PROJECT
from lab.core.errors import Unavailable
from lab.core.workspace import Workspace, open_workspace
from tests.core.test_adoption import nothing, stage, taken_over

pytestmark = pytest.mark.fault

ADOPT = """
import os, signal, sys
from pathlib import Path
import duckdb
from lab.core import adoption
from lab.core.workspace import open_workspace

def die(*args, **kwargs):
    os.kill(os.getpid(), signal.SIGKILL)

def dying(step, place):
    real = getattr(place, step)
    def wrapped(*args, **kwargs):
        real(*args, **kwargs)
        die()
    setattr(place, step, wrapped)

ws = open_workspace(sys.argv[1])
table, step = sys.argv[2], sys.argv[3]
if step not in ("", "also"):
    dying(step, Path if step == "replace" else adoption)
also = die if step == "also" else lambda connection: None
with ws.store.stage() as path:
    with duckdb.connect(str(path)) as connection:
        connection.execute(f"CREATE TABLE {table} AS SELECT i, i AS j FROM range(10000) r(i)")
    done = adoption.adopt(ws.store, path, table, lambda connection: None, also)
    if not done:
        ws.store.publish(path, {table: "replace"})
"""
APPEND = """
import sys
from lab.core.workspace import open_workspace
ws = open_workspace(sys.argv[1])
for number in range(40):
    ws.store.execute("INSERT INTO small VALUES (?)", [number])
"""


def child(ws: Workspace, code: str, *args: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", code, str(ws.root), *args],
        cwd=PROJECT, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("step", "landed"),
    [
        ("also", False),
        ("_filled", False),
        ("replace", True),
    ],
)
def test_killed_after_any_step_it_is_all_there_or_not_at_all(
    ws: Workspace, step: str, landed: bool
) -> None:
    ws.store.execute("CREATE TABLE small AS SELECT 1 AS a")
    killed = child(ws, ADOPT, "big", step)
    _, words = killed.communicate(timeout=550)
    assert killed.returncode == -signal.SIGKILL, words
    found = [(one.name, one.rows) for one in ws.store.tables()]
    assert found == ([("big", 10_000)] if landed else []) + [("small", 1)]
    assert list(ws.staging.iterdir()), "there was something to sweep"
    assert ws.store.sweep() == 1
    assert not list(ws.staging.iterdir())
    assert taken_over(ws), "the next one goes through"


def test_two_at_once_beside_a_writer_lose_nothing(ws: Workspace) -> None:
    ws.store.execute("CREATE TABLE small AS SELECT -1 AS a")
    running = [child(ws, ADOPT, "one", ""), child(ws, ADOPT, "two", ""), child(ws, APPEND)]
    for process in running:
        _, words = process.communicate(timeout=550)
        assert process.returncode == 0, words
    found = [(one.name, one.rows) for one in ws.store.tables()]
    assert found == [("one", 10_000), ("small", 41), ("two", 10_000)]
    assert ws.store.rows("SELECT count(DISTINCT a) FROM small") == [(41,)]


def fill(place: Path) -> None:
    filler = os.open(place / "filler", os.O_CREAT | os.O_WRONLY)
    with contextlib.suppress(OSError):
        while os.write(filler, b"x" * 4096):
            pass
    os.close(filler)


def test_a_full_disk_leaves_the_old_file_and_no_lock(small_disk: Path) -> None:
    ws = open_workspace(small_disk / "w")
    ws.store.execute("CREATE TABLE small AS SELECT i AS a FROM range(300) r(i)")
    with ws.store.stage() as path:
        stage(path, 100_000)
        fill(small_disk)
        with pytest.raises(Unavailable, match="The disk is full"):
            adopt(ws.store, path, "big", nothing, lambda c: c.execute(
                "CREATE TABLE more AS SELECT hash(i) AS h FROM range(500000) r(i)"))  # fmt: skip
    assert [one.name for one in ws.store.tables()] == ["small"]
    (small_disk / "filler").unlink()
    assert taken_over(ws, 100_000)


def test_a_folder_that_became_read_only_says_so(small_disk: Path) -> None:
    ws = open_workspace(small_disk / "w")
    ws.store.execute("CREATE TABLE small AS SELECT 1 AS a")
    ways = ["mount", "-o", "remount,ro", str(small_disk)]
    subprocess.run(ways, check=True, capture_output=True)
    with pytest.raises(Unavailable, match="cannot be written to"):
        ws.store.tables()
    ways[2] = "remount,rw"
    subprocess.run(ways, check=True, capture_output=True)
    assert taken_over(ws)


def test_a_place_that_cannot_be_taken_leaves_the_old_file(
    ws: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on Windows, where a file that another program has open cannot be replaced."""
    ws.store.execute("CREATE TABLE small AS SELECT 1 AS a")

    def refuse(_: Path, __: Path) -> None:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patch, ws.store.stage() as path:
        stage(path)
        patch.setattr(Path, "replace", refuse)
        with pytest.raises(Unavailable, match=r"lab\.duckdb cannot be replaced: Permission denied"):
            adoption.adopt(ws.store, path, "big", nothing, nothing)
    assert [one.name for one in ws.store.tables()] == ["small"]
