import json
import os
import time

from filelock import FileLock

from lab.core.progress import drain
from lab.flows import upkeep
from lab.flows.upkeep import ABANDONED_SECONDS, tidy


def test_old_half_written_models_are_removed_and_fresh_ones_kept(ws):
    old, fresh = ws.staging / "tmpold", ws.staging / "tmpfresh"
    for folder in (old, fresh):
        folder.mkdir()
        (folder / "model.skops").write_bytes(b"half")
    copy, held = ws.staging / "half.parquet", ws.staging / "load.duckdb.wal"
    for path in (copy, held, ws.staging / "load.lock"):
        path.touch()
    past = time.time() - ABANDONED_SECONDS - 60
    for path in (old, copy, held):
        os.utime(path, (past, past))
    with FileLock(ws.staging / "load.lock"):
        drain(tidy(ws))
        assert not old.exists()
        assert not copy.exists()
        assert held.exists()
        assert fresh.exists()


def test_an_empty_workspace_stays_empty(ws):
    tidied = drain(tidy(ws))
    assert (tidied.loads, tidied.uploads, tidied.jobs, tidied.runs) == (0, 0, 0, 0)
    assert not ws.mlflow_database.exists()


def test_only_the_newest_jobs_that_have_ended_are_kept(ws, monkeypatch):
    monkeypatch.setattr(upkeep, "KEPT_JOBS", 2)
    for number in range(4):
        folder = ws.jobs / f"{number:020d}-aaaaaa"
        folder.mkdir()
        job = {"id": folder.name, "label": "old", "target": "lab.flows.x:y", "state": "done"}
        (folder / "spec.json").write_text(json.dumps({"job": job}))
    assert drain(tidy(ws)).jobs == 2
    assert sorted(path.name[:20] for path in ws.jobs.iterdir()) == [f"{n:020d}" for n in (2, 3)]
    assert not list(ws.staging.iterdir())
