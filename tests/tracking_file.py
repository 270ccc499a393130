"""An empty file of runs: making one takes seconds, copying it none."""

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path

from lab.core.workspace import Workspace
from lab.mlops.tracking.store import prepare


@cache
def empty_file() -> Path:
    """The file, made once by each process that tests; only to be copied."""
    path = Path(tempfile.mkdtemp(prefix="lab-runs-")) / "mlflow.db"
    atexit.register(shutil.rmtree, path.parent, ignore_errors=True)
    prepare(path)
    return path


def tracked(ws: Workspace) -> Workspace:
    """The workspace with an empty file of runs in it, unless it has one."""
    if not ws.mlflow_database.exists():
        shutil.copyfile(empty_file(), ws.mlflow_database)
    return ws
