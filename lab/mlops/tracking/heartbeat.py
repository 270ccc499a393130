"""The sign of life of a run: who works on it, and when it was last seen."""

import hashlib
import logging
import os
import socket
import threading
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING

from lab.core.workspace import Workspace

if TYPE_CHECKING:
    from mlflow import MlflowClient

BEAT = "lab.heartbeat"  # seconds since 1970, UTC
HOST = "lab.host"
PROCESS = "lab.process"  # process id and its start time, so that a reused id is not mistaken
WORKSPACE = "lab.workspace"
INTERVAL_SECONDS = 15.0
STALE_SECONDS = 60.0

_log = logging.getLogger(__name__)


def workspace_tag(ws: Workspace) -> str:
    """A short mark of this workspace on this machine: on a shared server it tells runs apart."""
    return hashlib.sha256(f"{socket.gethostname()}:{ws.root.resolve()}".encode()).hexdigest()[:12]


def signs(ws: Workspace) -> dict[str, str]:
    """The tags every run of ours starts with."""
    return {
        BEAT: f"{time.time():.0f}",
        HOST: socket.gethostname(),
        PROCESS: f"{os.getpid()}:{_started(os.getpid())}",
        WORKSPACE: workspace_tag(ws),
    }


def is_alive(tags: Mapping[str, str], now: float) -> bool:
    """Whether somebody still works on a run.

    Args:
        tags: The tags of the run.
        now: Seconds since 1970.

    Returns:
        False when its process is gone from this machine, or its heartbeat is over a minute old.

    >>> is_alive({BEAT: "1000", HOST: "elsewhere", PROCESS: "1:0"}, now=1030)
    True
    >>> is_alive({BEAT: "1000", HOST: "elsewhere", PROCESS: "1:0"}, now=1061)
    False
    """
    if now - float(tags.get(BEAT, 0)) > STALE_SECONDS:
        return False
    if tags.get(HOST) != socket.gethostname():
        return True
    pid, _, started = tags.get(PROCESS, "0:").partition(":")
    return _started(int(pid)) == started


def _started(pid: int) -> str:
    import psutil

    try:
        process = psutil.Process(pid)
        return "" if process.status() == psutil.STATUS_ZOMBIE else f"{process.create_time():.1f}"
    except psutil.Error:
        return ""


class Heartbeat(threading.Thread):
    """Refreshes the heartbeat of one run until it is stopped.

    Args:
        client: Client of the store the run is in.
        run_id: The run.
        seconds: Time between two beats.
    """

    def __init__(
        self, client: "MlflowClient", run_id: str, seconds: float = INTERVAL_SECONDS
    ) -> None:
        super().__init__(name=f"heartbeat-{run_id[:8]}", daemon=True)
        self._client, self._run_id, self._seconds = client, run_id, seconds
        self._over = threading.Event()

    def run(self) -> None:
        """Beat until stopped; a store that does not answer is tried again at the next beat."""
        from mlflow.exceptions import MlflowException

        while not self._over.wait(self._seconds):
            try:
                self._client.set_tag(self._run_id, BEAT, f"{time.time():.0f}")
            except MlflowException as error:
                _log.warning("Heartbeat of run %s failed: %s", self._run_id, error)

    def stop(self) -> None:
        """Stop beating and wait until the last beat has landed."""
        self._over.set()
        self.join(timeout=30)
