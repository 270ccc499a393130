"""Long work outside the app: it can be watched, cancelled, and survives a page reload.

A job is a folder. Its worker is a process of its own, so that training never freezes a page.
One writing job runs at a time in a workspace; the next waits its turn, and the same job asked
for twice is refused by name. A job whose worker died shows as *interrupted*.
"""

import json
import shutil
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from lab.core.errors import BadInput, Busy, LabError, NotFound
from lab.core.names import inside
from lab.core.process import Child, python, start, write_json
from lab.core.workspace import Workspace

ACTIVE = ("queued", "running")
TARGETS = ("lab.flows.", "lab.learn.")
KEPT = 200
# Time a worker has to come up before a job without one counts as cut off.
STARTING_SECONDS = 60.0


@dataclass(frozen=True)
class Job:
    """A piece of long work and how far it is.

    Args:
        id: Its id, which sorts by creation time.
        label: What a person calls it.
        target: The flow it runs, as ``module:function``.
        arguments: Keyword arguments of the flow.
        writes: Whether it changes data; only one such job runs at a time.
        created: When it was submitted, seconds since 1970.
        state: queued, running, done, failed, cancelled or interrupted.
        fraction: Share finished in [0, 1], or ``None`` while unknown.
        message: What it is doing, or why it failed.
        hint: The next action after a failure.
        result: What the flow returned, once done.
        elapsed_seconds: How long it has run so far, or ran.
    """

    id: str
    label: str
    target: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    writes: bool = True
    created: float = 0.0
    state: str = "queued"
    fraction: float | None = None
    message: str = "Waiting to start"
    hint: str = ""
    result: Any = None
    elapsed_seconds: float = 0.0

    @property
    def active(self) -> bool:
        """Whether it is still waiting or running."""
        return self.state in ACTIVE


@dataclass(frozen=True)
class Jobs:
    """The jobs of one workspace."""

    ws: Workspace

    def submit(self, target: str, /, *, label: str, writes: bool = True, **arguments: Any) -> Job:
        """Start a flow in a process of its own.

        Args:
            target: ``lab.flows.module:function``; the function takes the workspace first.
            label: What a person calls it.
            writes: Whether it changes data.
            **arguments: Plain values, passed on to the flow.

        Returns:
            The queued job.

        Raises:
            Busy: The same job is already waiting or running.
        """
        from filelock import FileLock

        if not target.startswith(TARGETS) or ":" not in target:
            raise BadInput(f"{target!r} is not a flow.", "Name lab.flows.module:function.")
        # As they are read back: a tuple is a list then, and the same job asked for twice is known.
        arguments = json.loads(json.dumps(arguments, default=str))
        with FileLock(self.ws.jobs / "submit.lock"):
            jobs = self.all()
            self._forget(jobs[KEPT - 1 :])
            for job in jobs:
                if job.active and (job.target, job.arguments) == (target, arguments):
                    raise Busy(
                        f"{job.label!r} is already {job.state}.", "Wait for it or cancel it."
                    )
            job_id = f"{time.time_ns():020d}-{uuid.uuid4().hex[:6]}"
            folder = self.ws.jobs / job_id
            folder.mkdir()
            job = Job(job_id, label, target, arguments, writes, time.time())
            write_json(folder / "spec.json", {"job": asdict(job)})
            argv = python("lab.core.job_worker", str(self.ws.root), job_id)
            # Settings may hold passwords: they travel in the environment, never on disk.
            given = self.ws.settings.as_environment()
            start(argv, folder / "log.txt", env=given).save(folder / "child.json")
        return job

    def get(self, job_id: str) -> Job:
        """One job as it stands now.

        Raises:
            NotFound: There is no such job.
        """
        folder = inside(self.ws.jobs, job_id)
        if not (folder / "spec.json").exists():
            raise NotFound(f"There is no job {job_id}.", "List the jobs to see their ids.")
        job = Job(**_json(folder / "spec.json")["job"])
        if (folder / "status.json").exists():
            job = Job(**{**asdict(job), **_json(folder / "status.json")})
        if job.active and self._cut_off(folder, job):
            message = "It was cut off before it could finish; nothing half-done was kept"
            job = Job(**{**asdict(job), "state": "interrupted", "message": message,
                         "hint": "Start it again."})  # fmt: skip
        return job

    def newest_first(self) -> Iterator[Job]:
        """Every job, newest first, each read when it is asked for."""
        for spec in sorted(self.ws.jobs.glob("*/spec.json"), reverse=True):
            with suppress(NotFound, FileNotFoundError):  # it was tidied away a moment ago
                yield self.get(spec.parent.name)

    def all(self) -> list[Job]:
        """Every job, newest first."""
        return list(self.newest_first())

    def recent(self, count: int) -> list[Job]:
        """The newest jobs, newest first."""
        return list(islice(self.newest_first(), count))

    def newest(self, target: str) -> Job | None:
        """The newest job of a flow, or ``None`` if there never was one."""
        return next((job for job in self.newest_first() if job.target == target), None)

    def cancel(self, job_id: str) -> None:
        """Ask a job to stop; its worker ends within seconds, whatever it is doing."""
        if self.get(job_id).active:
            (inside(self.ws.jobs, job_id) / "cancel").touch()

    def wait(self, job_id: str, timeout_seconds: float = 600.0) -> Job:
        """Wait until a job has ended.

        Raises:
            Busy: It had not ended in time.
        """
        deadline = time.monotonic() + timeout_seconds
        while time.monotonic() < deadline:
            job = self.get(job_id)
            if not job.active:
                return job
            time.sleep(0.1)
        raise Busy(f"Job {job_id} is still running.", "Wait longer or cancel it.")

    def history(self, job_id: str) -> list[dict[str, float]]:
        """The numbers a job reported while it ran, one entry per report, oldest first."""
        path = inside(self.ws.jobs, job_id) / "metrics.jsonl"
        if not path.exists():
            return []
        lines = path.read_text(encoding="utf-8").splitlines()
        return [json.loads(line) for line in lines if line.endswith("}")]

    def log(self, job_id: str) -> str:
        """What a job's worker wrote to its log."""
        path = inside(self.ws.jobs, job_id) / "log.txt"
        return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""

    def _forget(self, old: list[Job]) -> None:
        for job in old:
            if not job.active:
                # Out of sight in one step: who lists jobs never meets half a folder.
                gone = (self.ws.jobs / job.id).rename(self.ws.staging / job.id)
                shutil.rmtree(gone, ignore_errors=True)

    def _cut_off(self, folder: Path, job: Job) -> bool:
        if (folder / "child.json").exists():
            ended = Child.load(folder / "child.json") is None
            # The worker may have written its last word between our two looks.
            return ended and _state(folder) in ACTIVE
        return time.time() - job.created > STARTING_SECONDS


def result_of(job: Job) -> Any:
    """The result of a finished job, or its failure as an error.

    Raises:
        LabError: It failed, was cancelled or was cut off.
    """
    if job.state != "done":
        raise LabError(f"{job.label}: {job.message}.", job.hint)
    return job.result


def _json(path: Path) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return value


def _state(folder: Path) -> str:
    path = folder / "status.json"
    return str(_json(path)["state"]) if path.exists() else "queued"
