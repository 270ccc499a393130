"""Where runs are kept: one SQLite file per workspace, made once, or a server by setting.

MLflow ruins a fresh file when several processes make it at once or when one is killed on the way.
So it is made beside its place under a file lock and moved in when it is whole.
"""

import os
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING

from lab.core.workspace import Workspace
from lab.mlops.tracking.engine import load_mlflow, translated

if TYPE_CHECKING:
    from mlflow import MlflowClient

WAIT_SECONDS = 300  # eight cold starts on two idle cores take about 30 s


def tracking_uri(ws: Workspace) -> str:
    """The address of the runs: the server that is set, else the file of the workspace."""
    return ws.settings.mlflow_tracking_uri or sqlite_uri(ws.mlflow_database)


def is_remote(ws: Workspace) -> bool:
    """Whether runs go to a server that somebody set."""
    return bool(ws.settings.mlflow_tracking_uri)


def sqlite_uri(path: Path) -> str:
    """SQLAlchemy's address of a file, with forward slashes on every system."""
    return f"sqlite:///{path.resolve().as_posix()}"


def client(ws: Workspace) -> "MlflowClient":
    """A client bound to the runs and the registry of one workspace; no global state is touched.

    Args:
        ws: The workspace; its SQLite file is made on first use (2 to 5 seconds).

    Returns:
        MLflow's own client with both addresses explicit.
    """
    if not is_remote(ws):
        prepare(ws.mlflow_database)
    load_mlflow()
    from mlflow import MlflowClient

    uri = tracking_uri(ws)
    with translated("Opening the tracking store"):  # its address may hold a password
        return MlflowClient(tracking_uri=uri, registry_uri=uri)


def prepare(path: Path) -> None:
    """Make the tracking file if it is not there; safe from any number of processes at once.

    Args:
        path: Where the file belongs. It appears there whole or not at all.
    """
    if path.exists():
        return
    from filelock import FileLock

    path.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(path.with_name(path.name + ".lock"), timeout=WAIT_SECONDS):
        if not path.exists():
            fresh = path.with_name(path.name + ".tmp")
            _discard(fresh)  # left by a process that was killed here
            _build(fresh)
            os.replace(fresh, path)  # noqa: PTH105  # the atomic call, by its name
            _sync(path.parent)


def _build(fresh: Path) -> None:
    load_mlflow()
    from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore

    with translated(f"Making {fresh.name}"):
        store = SqlAlchemyStore(sqlite_uri(fresh), (fresh.parent / "artifacts").as_uri())
        store.engine.dispose()
    connection = sqlite3.connect(fresh)
    try:
        # Kept in the file's header: readers no longer wait for writers.
        connection.execute("PRAGMA journal_mode=WAL")
    finally:
        connection.close()
    _sync(fresh)


def _discard(fresh: Path) -> None:
    for suffix in ("", "-wal", "-shm", "-journal"):
        fresh.with_name(fresh.name + suffix).unlink(missing_ok=True)


def _sync(path: Path) -> None:
    if path.is_dir() and os.name == "nt":
        return  # Windows cannot open a folder
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
