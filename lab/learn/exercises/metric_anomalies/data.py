"""The data sets of the exercise, and the runs a learner made on them."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lab.core.progress import Steps
from lab.flows.ingest import ingest
from lab.learn.contract import Task
from lab.learn.exercises.metric_anomalies.world import (
    DAYS,
    LEARN_DAYS,
    NOISE_AFTER_BREAK,
    PRACTICE,
    STRENGTH,
    STRENGTH_IN_NOISE,
    HostDays,
    strikes,
)
from lab.world.fleet.faults import FAULTS
from lab.world.fleet.hosts import JOB, host_name

RUNS = (
    "SELECT run_id, detector, params, train_end, n_series FROM anomaly_runs"
    " WHERE dataset = ? ORDER BY created_at"
)


@dataclass(frozen=True)
class Data:
    """A data set of the exercise and the world behind it."""

    name: str
    world: HostDays
    strength: tuple[float, float]


def calm(task: Task) -> Data:
    """The data set of the start."""
    return Data(f"hosts_{task.nonce}", HostDays(task.seed), STRENGTH)


def noisy(task: Task) -> Data:
    """The data set after the break."""
    world = HostDays(task.seed, NOISE_AFTER_BREAK, deployed=True)
    return Data(f"hosts_{task.nonce}_noisy", world, STRENGTH_IN_NOISE)


@dataclass(frozen=True)
class Run:
    """A detection run as the store has it.

    Args:
        run_id: Its id.
        detector: Name of the detector.
        params: Its parameters.
        threshold: Score from which it alarms.
        train_end: First time it did not learn from, UTC.
        n_series: Series it watched.
    """

    run_id: str
    detector: str
    params: dict[str, Any]
    threshold: float
    train_end: datetime
    n_series: int


def runs(task: Task, data: Data) -> list[Run]:
    """The runs on a data set, oldest first."""
    if not task.ws.store.has("anomaly_runs"):
        return []
    rows = task.ws.store.rows(RUNS, [data.name])
    return [_run(*row) for row in rows]


def _run(run_id: str, detector: str, params: str, train_end: datetime, n_series: int) -> Run:
    own = json.loads(params)
    # How far apart alarms count as one page is the judge's rule, the same for everybody.
    own.pop("merge_seconds", None)
    threshold = float(own.pop("threshold", 1.0))
    return Run(run_id, detector, own, threshold, train_end, n_series)


def provide(task: Task, data: Data) -> Steps[None]:
    """Write what the learner may see to files and load it."""
    import pandas as pd

    practice = strikes(data.world.seed, LEARN_DAYS, PRACTICE, data.strength)
    until, _ = data.world.day(DAYS - 1)
    parts = [
        frame[frame.index < until]
        .rename(columns=lambda name: str(name).partition("{")[0])
        .rename_axis("timestamp")
        .reset_index()
        .assign(instance=host, job=JOB)
        for host, frame in data.world.frames(practice).items()
    ]
    path = task.file(f"{data.name}.parquet")
    pd.concat(parts, ignore_index=True).to_parquet(path, index=False)
    yield from ingest(task.ws, path, {"dataset": data.name, "kind": "metrics", "timezone": "UTC"})
    times = data.world.times
    labels = pd.DataFrame(
        {
            "dataset": data.name,
            "incident_id": [f"practice-{n}" for n in range(1, len(practice) + 1)],
            "start": [times[s.window.start] for s in practice],
            "end": [times[s.window.stop] for s in practice],
            "instance": [host_name(s.number) for s in practice],
            "metric": [FAULTS[s.kind].metric for s in practice],
            "kind": [s.kind for s in practice],
            "note": [FAULTS[s.kind].note for s in practice],
        }
    )
    task.ws.store.write("incidents", labels, mode="upsert")
