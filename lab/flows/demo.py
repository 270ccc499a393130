"""The whole main job, headless: load, find anomalies, train, register, compare, serve, predict."""

import time
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any

from lab.core.errors import LabError
from lab.core.progress import Progress, Steps, scaled
from lab.core.words import grouped
from lab.core.workspace import Workspace

Done = Generator[Progress, None, str]
METRICS, SALES, DATASET = "host_metrics", "shop_sales", "host_metrics"


@dataclass(frozen=True)
class DemoStep:
    """One step of the main job: what it did, with figures, and how long it took."""

    step: str
    ok: bool
    did: str
    seconds: float


@dataclass(frozen=True)
class DemoReport:
    """Every step in order; ``ok`` when all of them did what they should."""

    steps: tuple[DemoStep, ...]

    @property
    def ok(self) -> bool:
        """Whether no step failed and none was left out."""
        return len(self.steps) == len(STEPS) and all(step.ok for step in self.steps)

    def __str__(self) -> str:
        lines = [
            f"{'ok  ' if s.ok else 'FAIL'} {s.step:<18} {s.seconds:6.1f} s  {s.did}"
            for s in self.steps
        ]
        left = [name for name, _ in STEPS[len(self.steps) :]]
        return "\n".join([*lines, *(f"     {name:<18}           not reached" for name in left)])


def demo(ws: Workspace) -> Steps[DemoReport]:
    """Run the whole main job on the bundled data.

    Args:
        ws: The workspace; what the steps make stays in it.

    Returns:
        What each step did, with figures; the first failure ends it.
    """
    done: list[DemoStep] = []
    context: dict[str, Any] = {}
    for place, (name, work) in enumerate(STEPS):
        began = time.monotonic()
        try:
            did = yield from scaled(work(ws, context), place, place + 1, len(STEPS))
            ok = True
        except LabError as error:
            did, ok = str(error), False
        done.append(DemoStep(name, ok, did, round(time.monotonic() - began, 1)))
        if not ok:
            whole = len(STEPS)
            yield from scaled(_take_down(ws, context), whole - 1, whole, whole)
            break
    return DemoReport(tuple(done))


def _load_metrics(ws: Workspace, _: dict[str, Any]) -> Done:
    from lab.flows.ingest import ingest

    load = yield from ingest(ws, METRICS)
    return (
        f"{grouped(load.values)} samples of {load.series} series, "
        f"{load.incidents} labelled incidents"
    )


def _load_sales(ws: Workspace, _: dict[str, Any]) -> Done:
    from lab.flows.ingest import ingest

    load = yield from ingest(ws, SALES)
    loaded, read = grouped(load.rows_loaded), grouped(load.rows_read)
    return f"{loaded} rows of {read}, {load.rows_rejected} rejected"


def _detect(ws: Workspace, _: dict[str, Any]) -> Done:
    from lab.flows.detect import detect

    found = yield from detect(ws, DATASET)
    if not found.event_recall:
        raise LabError("No labelled incident was found.", "Look at the Find anomalies page.")
    return (
        f"{found.events} events, recall {found.event_recall:.2f}, precision "
        f"{found.event_precision or 0:.2f}, {found.false_alarms_per_day:.2f} false alarms a day "
        f"(static threshold: recall {found.baseline_recall or 0:.2f}, "
        f"{found.baseline_false_alarms_per_day or 0:.2f} a day)"
    )


def _train(ws: Workspace, context: dict[str, Any]) -> Done:
    from lab.flows.train import train

    run = yield from train(ws)
    context["run"] = run.run_id
    return (
        f"holdout MAE {run.mae:.2f} units, seasonal-naive {run.baseline_mae:.2f} "
        f"({run.improvement:.0%} better), run {run.run_id}"
    )


def _register(ws: Workspace, context: dict[str, Any]) -> Done:
    from lab.flows.registry import register

    yield Progress(0, 1, "Asking the gate")
    verdict = register(ws, context["run"])
    if not verdict.passed:
        raise LabError(verdict.message, "Train a better model.")
    return verdict.message


def _drift(ws: Workspace, _: dict[str, Any]) -> Done:
    from lab.flows.drift import drift

    found = yield from drift(ws)
    named = ", ".join(found.drifted) or "nothing"
    return f"{len(found.verdicts)} columns compared; drifted: {named}; report {found.report}"


def _launch(ws: Workspace, context: dict[str, Any]) -> Done:
    from lab.flows.serve import launch

    endpoint = yield from launch(ws)
    context["endpoint"] = endpoint.id
    return f"{endpoint.model} version {endpoint.version} in a {endpoint.backend} at {endpoint.url}"


def _predict(ws: Workspace, context: dict[str, Any]) -> Done:
    from lab.flows.serve import compare_with_local, sample_rows

    yield Progress(0, 1, "Asking for predictions")
    answer = compare_with_local(ws, context["endpoint"], sample_rows(ws, count=20))
    if not answer.equal:
        raise LabError(
            f"The endpoint differs from the local model by {answer.largest_difference:g}.",
            "Build the image again.",
        )
    return (
        f"{len(answer.local)} predictions equal to the local model's, "
        f"{answer.served.duration_ms:.0f} ms"
    )


def _take_down(ws: Workspace, context: dict[str, Any]) -> Done:
    from lab.flows.serve import remove, stop

    yield Progress(0, 1, "Stopping the endpoint")
    endpoint = context.pop("endpoint", None)
    if endpoint is None:
        return "nothing was launched"
    stop(ws, endpoint)
    remove(ws, endpoint)
    return "endpoint stopped and removed"


STEPS: tuple[tuple[str, Callable[[Workspace, dict[str, Any]], Done]], ...] = (
    ("load metrics", _load_metrics),
    ("load sales", _load_sales),
    ("find anomalies", _detect),
    ("train", _train),
    ("register", _register),
    ("inspect drift", _drift),
    ("launch", _launch),
    ("predict", _predict),
    ("take down", _take_down),
)
