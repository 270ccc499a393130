"""The one folder that holds the truth: data, runs, models, reports, progress."""

import os
import shutil
import time
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from lab.core.config import Settings, load_settings
from lab.core.errors import Unavailable
from lab.core.files import stats
from lab.core.words import grouped

if TYPE_CHECKING:
    from lab.core.store import Store

LOOK_AGAIN_SECONDS = 5
FOLDERS = (
    "artifacts",
    "uploads",
    "reports",
    "snapshots",
    "models",
    "jobs",
    "logs",
    "state",
    "staging",
)


@dataclass(frozen=True)
class Workspace:
    """A folder and the settings it is used with.

    Args:
        root: Absolute path of the folder.
        settings: What was set when it was opened.
    """

    root: Path
    settings: Settings

    @property
    def database(self) -> Path:
        """The DuckDB file."""
        return self.root / "lab.duckdb"

    @property
    def mlflow_database(self) -> Path:
        """The SQLite file MLflow tracks runs in."""
        return self.root / "mlflow.db"

    def folder(self, name: str) -> Path:
        """One of the fixed folders below the root, made if it is missing."""
        path = self.root / name
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
        return path

    @property
    def artifacts(self) -> Path:
        """Files of MLflow runs."""
        return self.folder("artifacts")

    @property
    def uploads(self) -> Path:
        """Uploaded files, under names of ours."""
        return self.folder("uploads")

    @property
    def reports(self) -> Path:
        """Drift and quality reports as HTML."""
        return self.folder("reports")

    @property
    def snapshots(self) -> Path:
        """Content-addressed Parquet copies of the data that runs were trained on."""
        return self.folder("snapshots")

    @property
    def models(self) -> Path:
        """Verified copies of registered models."""
        return self.folder("models")

    @property
    def jobs(self) -> Path:
        """One folder per job."""
        return self.folder("jobs")

    @property
    def logs(self) -> Path:
        """Logs of the app and its children."""
        return self.folder("logs")

    @property
    def state(self) -> Path:
        """Small files about running children: process ids, ports, locks."""
        return self.folder("state")

    @property
    def staging(self) -> Path:
        """Half-done writes; anything here that nobody holds is rubbish."""
        return self.folder("staging")

    @cached_property
    def store(self) -> "Store":
        """The tables."""
        from lab.core.store import Store

        return Store(
            self.database,
            staging=self.staging,
            memory_mb=self.settings.store_memory_mb,
            wait_seconds=self.settings.store_wait_seconds,
        )

    def version(self) -> str:
        """A text that changes whenever tables or runs change: the cache key of every read."""
        parts = [f"{s.st_mtime_ns}.{s.st_size}" for s in self._stats()]
        if self.settings.mlflow_tracking_uri:
            # Runs on a server change without a trace here: look again every few seconds.
            parts.append(str(int(time.time() // LOOK_AGAIN_SECONDS)))
        return "/".join(parts)

    def changed_at(self) -> float:
        """When tables or runs changed last, in seconds since 1970; 0 before the first time."""
        return max((s.st_mtime for s in self._stats()), default=0.0)

    def _stats(self) -> list[os.stat_result]:
        files = (self.database, self.mlflow_database)
        logs = (self.database.with_name("lab.duckdb.wal"), Path(f"{self.mlflow_database}-wal"))
        return stats((*files, *logs))

    def need_space(self, size_bytes: int) -> None:
        """Refuse to start a write that would fill the disk.

        Args:
            size_bytes: Expected size of what is about to be written.

        Raises:
            Unavailable: Less than twice that plus 500 MB is free.
        """
        free, needed = shutil.disk_usage(self.root).free, 2 * size_bytes + 500_000_000
        if free < needed:
            raise Unavailable(
                f"Only {grouped(free / 1e6, '.0f')} MB are free in {self.root}; this needs "
                f"{grouped(needed / 1e6, '.0f')} MB.",
                "Free some space or start with another --workspace.",
            )


def open_workspace(root: Path | str | None = None, settings: Settings | None = None) -> Workspace:
    """Open a workspace, making the folder on first use.

    Args:
        root: The folder; the ``workspace`` setting when not given.
        settings: Settings to use; read from the environment when not given.

    Returns:
        The workspace, ready for reading and writing.

    Raises:
        Unavailable: The folder cannot be made or written to.
    """
    settings = settings or load_settings()
    path = Path(root).expanduser().absolute() if root else settings.workspace
    settings = replace(settings, workspace=path)
    try:
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
        for name in FOLDERS:
            (path / name).mkdir(exist_ok=True, mode=0o700)
    except OSError as error:
        raise Unavailable(
            f"The workspace {path} cannot be made: {error.strerror}.",
            "Choose another folder with --workspace or LAB_WORKSPACE.",
        ) from error
    if not os.access(path, os.W_OK):
        raise Unavailable(
            f"The workspace {path} cannot be written to.",
            "Change its permissions, or choose another folder with --workspace.",
        )
    return Workspace(path, settings)
