"""Landing in a copy: it takes the place of what it was copied from, and of nothing else."""

import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from lab.core import growing
from lab.core.config import PROJECT
from lab.core.errors import Busy, Unavailable
from lab.core.growing import copied, take_over
from lab.core.workspace import Workspace

LARGE = 10**9
GROW = """
import sys
import duckdb
from lab.core.growing import copied, take_over
from lab.core.workspace import open_workspace

ws = open_workspace(sys.argv[1])
landed = 0
while landed < 5:
    with ws.store.stage() as path:
        state = copied(ws.store, path, 10**9)
        with duckdb.connect(str(path)) as connection:
            connection.execute("INSERT INTO t VALUES (?)", [-landed - 1])
        landed += take_over(ws.store, path, state)
"""
APPEND = """
import sys, time
from lab.core.workspace import open_workspace
ws = open_workspace(sys.argv[1])
for number in range(30):
    ws.store.execute("INSERT INTO t VALUES (?)", [number])
    time.sleep(0.05)
"""


@pytest.fixture
def filled(ws: Workspace) -> Workspace:
    ws.store.execute("CREATE TABLE t AS SELECT i FROM range(100, 103) r(i)")
    ws.store.execute("CREATE VIEW v AS SELECT max(i) AS most FROM t")
    return ws


def grow(path: Path) -> None:
    with duckdb.connect(str(path)) as connection:
        connection.execute("INSERT INTO t VALUES (1000)")


def test_a_copy_takes_the_place_of_what_it_was_copied_from(filled: Workspace) -> None:
    with filled.store.stage() as path:
        state = copied(filled.store, path, LARGE)
        grow(path)
        assert filled.store.rows("SELECT most FROM v") == [(102,)]
        assert state
        assert take_over(filled.store, path, state)
    assert filled.store.rows("SELECT most FROM v") == [(1000,)]
    assert not list(filled.staging.iterdir())


@pytest.mark.parametrize(
    "change", ["INSERT INTO t VALUES (7)", "DROP VIEW v", "UPDATE t SET i = -i"]
)
def test_whatever_was_written_meanwhile_stays(filled: Workspace, change: str) -> None:
    with filled.store.stage() as path:
        state = copied(filled.store, path, LARGE)
        grow(path)
        filled.store.execute(change)
        assert state
        assert not take_over(filled.store, path, state)
    assert filled.store.rows("SELECT count(*) FROM t WHERE i = 1000") == [(0,)]


def test_another_file_in_the_same_state_is_told_apart(filled: Workspace) -> None:
    with filled.store.stage() as path, filled.store.stage() as other:
        state, same = copied(filled.store, path, LARGE), copied(filled.store, other, LARGE)
        assert state
        assert state == same
        assert take_over(filled.store, other, state)
        assert not take_over(filled.store, path, state)


def test_reading_meanwhile_changes_nothing(filled: Workspace) -> None:
    with filled.store.stage() as path:
        state = copied(filled.store, path, LARGE)
        grow(path)
        filled.store.tables()
        assert state
        assert take_over(filled.store, path, state)


def test_what_a_killed_writer_left_in_its_log_is_copied(filled: Workspace) -> None:
    code = (
        "import duckdb, os, sys; c = duckdb.connect(sys.argv[1]); "
        "c.execute('INSERT INTO t VALUES (500)'); os._exit(9)"
    )
    subprocess.run([sys.executable, "-c", code, str(filled.store.path)], check=False)
    assert filled.store.path.with_name("lab.duckdb.wal").exists()
    with filled.store.stage() as path:
        state = copied(filled.store, path, LARGE)
        grow(path)
        assert state
        assert take_over(filled.store, path, state)
    assert filled.store.rows("SELECT count(*) FROM t WHERE i IN (500, 1000)") == [(2,)]


def test_a_large_database_or_a_linked_one_is_not_copied(filled: Workspace, tmp_path: Path) -> None:
    with filled.store.stage() as path:
        assert copied(filled.store, path, 100) is None
        elsewhere = filled.store.path.rename(tmp_path / "elsewhere.duckdb")
        filled.store.path.symlink_to(elsewhere)
        assert copied(filled.store, path, LARGE) is None
        assert not path.exists()


def test_a_file_that_another_program_has_open_stays(filled: Workspace) -> None:
    code = (
        "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('open', flush=True); "
        "sys.stdin.read()"
    )
    quick = type(filled.store)(filled.store.path, filled.store.staging, wait_seconds=0.2)
    with filled.store.stage() as path:
        state = copied(filled.store, path, LARGE)
        grow(path)
        with subprocess.Popen(
            [sys.executable, "-c", code, str(filled.store.path)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        ) as notebook:  # fmt: skip
            assert notebook.stdout
            notebook.stdout.readline()
            assert state
            with pytest.raises(Busy):
                take_over(quick, path, state)
            notebook.communicate()
    assert filled.store.rows("SELECT most FROM v") == [(102,)]


def test_a_full_disk_is_told(filled: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(growing.shutil, "copyfile", full)
    with filled.store.stage() as path, pytest.raises(Unavailable, match="cannot be copied"):
        copied(filled.store, path, LARGE)


@pytest.mark.fault
def test_growing_beside_a_writer_loses_nothing(filled: Workspace) -> None:
    running = [
        subprocess.Popen([sys.executable, "-c", code, str(filled.root)],
                         cwd=PROJECT, stderr=subprocess.PIPE, text=True)
        for code in (GROW, APPEND)
    ]  # fmt: skip
    for process in running:
        _, words = process.communicate(timeout=550)
        assert process.returncode == 0, words
    numbers = sorted(number for (number,) in filled.store.rows("SELECT i FROM t"))
    assert numbers == [*range(-5, 0), *range(30), 100, 101, 102]
