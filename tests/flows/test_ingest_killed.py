"""Loads that are killed, or whose disk is full, leave the old or the new and nothing between."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lab.core.errors import Unavailable
from lab.core.progress import drain
from lab.core.workspace import Workspace, open_workspace
from lab.flows.ingest import ingest


@pytest.mark.fault
def test_kill_while_a_file_is_taken_over_leaves_the_old_or_the_new(tmp_path: Path) -> None:
    path = tmp_path / "big.csv"
    path.write_text("id,size\n" + "".join(f"{i},{i % 97}.5\n" for i in range(400_000)))
    ws = open_workspace(tmp_path / "workspace")
    ws.store.execute("CREATE TABLE kept AS SELECT 1 AS a")
    whole, chance = _seconds_to_load(ws, path), random.Random(7)
    assert ws.store.rows("SELECT count(*) FROM m") == [(400_000,)]
    ws.store.execute("DROP TABLE m")
    ws.store.execute("DELETE FROM loads")
    for _ in range(8):
        _killed_load(ws, path, chance.uniform(0.5, 1.05) * whole)
        rows = ws.store.rows("SELECT count(*) FROM m")[0][0] if ws.store.has("m") else 0
        assert rows in (0, 400_000)
        assert bool(rows) == bool(ws.store.rows("SELECT count(*) FROM loads")[0][0])
        assert ws.store.rows("FROM kept") == [(1,)]


KILLED = """
import sys
from lab.core.progress import Progress, drain
from lab.core.workspace import open_workspace
from lab.flows.ingest import ingest
print("ready", flush=True)
drain(ingest(open_workspace(sys.argv[1]), sys.argv[2], {"dataset": "m"}))
"""


@pytest.mark.fault
def test_kill_at_any_moment_leaves_all_or_nothing(tmp_path: Path) -> None:
    path = tmp_path / "big.csv"
    lines = (
        f"{1767225600 + 60 * (i // 10)},host-{i % 10},{i % 97},{i % 89}\n" for i in range(60_000)
    )
    path.write_text("time,host,cpu,memory\n" + "".join(lines), encoding="utf-8")
    ws = open_workspace(tmp_path / "workspace")
    whole = _seconds_to_load(ws, path)
    ws.store.execute("DROP TABLE observations")
    ws.store.execute("DROP TABLE loads")
    chance = random.Random(7)
    outcomes = set()
    for attempt in range(20):
        before = _rows(ws)
        _killed_load(ws, path, chance.uniform(0.1, 1.1) * whole if attempt else 0.0)
        after = _rows(ws)
        assert after[0] in (0, 120_000), f"partial load: {after}"
        assert (after[0] == 0) == (after[1] == 0), f"rows without a record: {after}"
        outcomes.add(after[1] > before[1])
    assert False in outcomes, "no kill came in time"
    summary = drain(ingest(ws, path, {"dataset": "m"}))
    assert (summary.rows_loaded, summary.values) == (60_000, 120_000)
    assert not [p for p in ws.staging.iterdir() if p.suffix in (".duckdb", ".wal", ".spill")]


def _start(ws: Workspace, path: Path) -> "subprocess.Popen[bytes]":
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(ws.root), str(path)],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    assert process.stdout is not None
    process.stdout.readline()
    return process


def _seconds_to_load(ws: Workspace, path: Path) -> float:
    process = _start(ws, path)
    began = time.monotonic()
    process.communicate()
    assert process.returncode == 0
    return time.monotonic() - began


def _killed_load(ws: Workspace, path: Path, after_seconds: float) -> None:
    process = _start(ws, path)
    time.sleep(after_seconds)
    process.send_signal(signal.SIGKILL)
    process.communicate()


def _rows(ws: Workspace) -> tuple[int, int]:
    if not ws.store.has("observations") or not ws.store.has("loads"):
        assert not ws.store.has("observations")
        assert not ws.store.has("loads")
        return 0, 0
    found = ws.store.rows(
        "SELECT (SELECT count(*) FROM observations), (SELECT count(*) FROM loads)"
    )[0]
    return int(found[0]), int(found[1])


@pytest.mark.fault
def test_disk_that_fills_while_staging_leaves_nothing(
    small_disk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ws = open_workspace(small_disk / "workspace")
    with pytest.raises(Unavailable, match="are free"):
        drain(ingest(ws, "host_metrics"))
    monkeypatch.setattr(Workspace, "need_space", lambda *_: None)
    with pytest.raises(Unavailable, match="disk is full"):
        drain(ingest(ws, "host_metrics"))
    chance = random.Random(7)
    rows = (f"{i},{chance.random()},{chance.random()}\n" for i in range(900_000))
    path = tmp_path / "wide.csv"
    path.write_text("id,one,two\n" + "".join(rows))
    with pytest.raises(Unavailable, match="disk is full"):
        drain(ingest(ws, path))
    assert not [path for path in ws.staging.iterdir() if path.suffix != ".lock"]
    assert ws.store.tables() == []
