import os
import time

from filelock import FileLock

from lab.core.progress import drain
from lab.flows.upkeep import ABANDONED_SECONDS, tidy


def test_old_half_written_models_are_removed_and_fresh_ones_kept(ws):
    old, fresh = ws.staging / "tmpold", ws.staging / "tmpfresh"
    for folder in (old, fresh):
        folder.mkdir()
        (folder / "model.skops").write_bytes(b"half")
    copy, held = ws.staging / "half.parquet", ws.staging / "load.duckdb.wal"
    for path in (copy, held, ws.staging / "load.lock"):
        path.touch()
    upload, coming = ws.uploads / "old.csv.part", ws.uploads / "new.csv.part"
    for path in (upload, coming):
        path.touch()
    past = time.time() - ABANDONED_SECONDS - 60
    for path in (old, copy, held, upload):
        os.utime(path, (past, past))
    with FileLock(ws.staging / "load.lock"):
        drain(tidy(ws))
        assert not old.exists()
        assert not copy.exists()
        assert not upload.exists()
        assert held.exists()
        assert coming.exists()
        assert fresh.exists()


def test_an_empty_workspace_stays_empty(ws):
    tidied = drain(tidy(ws))
    assert (tidied.loads, tidied.abandoned, tidied.runs) == (0, 0, 0)
    assert not ws.mlflow_database.exists()
