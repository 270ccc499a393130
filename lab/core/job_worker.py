"""The process that runs one job: ``python -m lab.core.job_worker WORKSPACE JOB``."""

import importlib
import json
import logging
import os
import sys
import threading
import time
from collections.abc import Generator
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock

from lab.core.config import load_settings
from lab.core.errors import Cancelled, LabError
from lab.core.jobs import Job, Jobs
from lab.core.process import write_json
from lab.core.progress import Progress
from lab.core.workspace import Workspace, open_workspace

# How long a step may go on after a cancel before the process is ended over its head.
GRACE_SECONDS = 5.0
POLL_SECONDS = 0.2


class Report:
    """The worker's side of a job's status files; a second thread keeps them fresh."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._began = time.monotonic()
        self._lock = threading.Lock()
        self._latest: Progress | None = None

    def state(self, state: str, **more: Any) -> None:
        """Replace the status as one whole."""
        with self._lock:
            self._latest = None
            self._write(state, **more)

    def step(self, step: Progress) -> None:
        """Take note of progress; numbers are written at once, words at the next flush."""
        if self.cancelled:
            raise Cancelled("Cancelled.")
        if step.metrics:
            with (self.folder / "metrics.jsonl").open("a", encoding="utf-8") as sink:
                sink.write(json.dumps(dict(step.metrics)) + "\n")
        with self._lock:
            self._latest = step

    @property
    def cancelled(self) -> bool:
        """Whether the person asked to stop."""
        return (self.folder / "cancel").exists()

    def watch(self) -> None:
        """Flush progress, and end the process when a step goes on too long after a cancel."""
        while not self.cancelled:
            self._flush()
            time.sleep(POLL_SECONDS)
        time.sleep(GRACE_SECONDS)
        self.state("cancelled", message="Cancelled")
        os._exit(1)

    def _flush(self) -> None:
        with self._lock:
            step, self._latest = self._latest, None
            if step is not None:
                self._write("running", fraction=step.fraction, message=step.message)

    def _write(self, state: str, **more: Any) -> None:
        elapsed = round(time.monotonic() - self._began, 3)
        status = {"state": state, "elapsed_seconds": elapsed, **more}
        write_json(self.folder / "status.json", status)


def main(root: str, job_id: str) -> int:
    """Run one job to its end and leave its result or its reason.

    Args:
        root: The workspace folder.
        job_id: Which job in it.

    Returns:
        0 when it is done, 1 otherwise.
    """
    folder = Path(root) / "jobs" / job_id
    spec = json.loads((folder / "spec.json").read_text(encoding="utf-8"))
    ws = open_workspace(root, load_settings(os.environ, Path(os.devnull)))
    report = Report(folder)
    threading.Thread(target=report.watch, daemon=True).start()
    try:
        result = _run(ws, Job(**spec["job"]), report)
    except Cancelled:
        report.state("cancelled", message="Cancelled")
    except LabError as error:
        report.state("failed", message=error.message, hint=error.hint)
    except Exception:  # the edge of the process: the trace goes to the log
        logging.getLogger(__name__).exception("The job broke")
        report.state(
            "failed", message="Something in the lab broke", hint=f"The log is {folder / 'log.txt'}."
        )
    else:
        report.state("done", fraction=1.0, message="Done", result=result)
        return 0
    return 1


def _run(ws: Workspace, job: Job, report: Report) -> Any:
    if not job.writes:
        return _drain(ws, job, report)
    report.state("queued", message="Waiting for its turn")
    _wait_for_turn(ws, job, report)
    with FileLock(ws.jobs / "writer.lock"):
        return _drain(ws, job, report)


def _wait_for_turn(ws: Workspace, job: Job, report: Report) -> None:
    jobs = Jobs(ws)
    # Nobody comes in ahead later, so the others need not be looked at again.
    ahead = [one.id for one in jobs.all() if one.id < job.id and one.writes and one.active]
    while any(jobs.get(one).active for one in ahead):
        if report.cancelled:
            raise Cancelled("Cancelled.")
        time.sleep(POLL_SECONDS)


def _drain(ws: Workspace, job: Job, report: Report) -> Any:
    report.state("running", message="Starting")
    module, _, name = job.target.partition(":")
    outcome = getattr(importlib.import_module(module), name)(ws, **job.arguments)
    if isinstance(outcome, Generator):
        try:
            while True:
                report.step(next(outcome))
        except StopIteration as stop:
            outcome = stop.value
        finally:
            if isinstance(outcome, Generator):
                outcome.close()
    return asdict(outcome) if is_dataclass(outcome) and not isinstance(outcome, type) else outcome


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
