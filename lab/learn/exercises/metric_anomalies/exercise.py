"""Anomalies in infrastructure metrics: the learner's latest run is run again on a sealed day."""

from dataclasses import replace

from lab.core.progress import Steps
from lab.core.words import counted
from lab.flows.detect import detect
from lab.learn.belongings import Belongings, Rows
from lab.learn.contract import Finding, Findings, Task, judge
from lab.learn.exercises.metric_anomalies.data import Data, Run, calm, noisy, provide, runs
from lab.learn.exercises.metric_anomalies.sealed import Sealed, harmony, run_sealed
from lab.learn.exercises.metric_anomalies.world import HOSTS, LEARN_DAYS
from lab.learn.loads import made_by_loads
from lab.world.fleet.background import METRICS

DETECTORS_WANTED, STATIC = 3, "static_threshold"
RECALL, BUDGET, DELAY_SECONDS, QUIET_ALARMS = 0.8, 2.0, 300.0, 1
FEW_TREES = 10  # it is there to be compared, not to win
# Thresholds in the order in which somebody tunes; the first is right for 99 seeds in 100.
TUNED = (1.4, 1.6, 1.3)


def setup(task: Task) -> Steps[str]:
    """Load the quiet days and the practice day, with the labels of the latter."""
    yield from provide(task, calm(task))
    return f"data set {calm(task).name} is loaded for you, with the labels of its last day"


def check(task: Task) -> Findings:
    """Run the latest run again where the learner has not looked."""
    data = calm(task)
    made = runs(task, data)
    detectors = sorted({run.detector for run in made})
    enough = len(detectors) >= DETECTORS_WANTED and STATIC in detectors
    said = ", ".join(detectors) or f"no run on {data.name}"
    evidence = f"SELECT DISTINCT detector FROM anomaly_runs WHERE dataset = '{data.name}'"
    yield judge("compared", enough, "3 detectors, static_threshold among them", said, evidence)
    if not made:
        return
    run = made[-1]
    yield _watching(run)
    yield (window := _window("window", data, run))
    if window.status == "fail":
        return
    sealed = yield from run_sealed(data, run)
    yield _recall("recall", sealed, run)
    yield _budget("budget", sealed)
    delay = sealed.ours.median_delay_seconds
    quick = delay is not None and delay <= DELAY_SECONDS
    slow = "nothing was found" if delay is None else f"{delay / 60:.0f} min in the median"
    yield judge("delay", quick, "at most 5 min in the median", slow)
    yield _silent("silent", sealed)
    ours, fixed = harmony(sealed.ours), harmony(sealed.fixed)
    yield judge("better", ours > fixed, f"F1 above its {fixed:.2f}", f"{ours:.2f}")
    if task.broken:
        yield from _after_break(task)


def solve(task: Task) -> Steps[None]:
    """Compare three detectors; the tuned seasonal one last."""
    data = calm(task)
    yield from _detect(task, data, STATIC)
    yield from _detect(task, data, "isolation_forest", {"trees": FEW_TREES})
    yield from _tune(task, data)


def break_(task: Task) -> Steps[None]:
    """Bring the noisy data set."""
    yield from provide(task, noisy(task))


def solve_break(task: Task) -> Steps[None]:
    """Tune again on the noisy data set."""
    if not _solved(task):
        yield from solve(task)
    yield from _tune(task, noisy(task))


def reset(task: Task) -> Belongings:
    """Both data sets and every run on them."""
    names = (calm(task).name, noisy(task).name)
    loads = made_by_loads(task.ws, names)
    tables = ("anomaly_runs", "anomaly_scores", "anomaly_events")
    ids = tuple(run.run_id for data in (calm(task), noisy(task)) for run in runs(task, data))
    return Belongings(
        rows=(*loads.rows, *(Rows(table, "dataset", names) for table in tables)),
        tables=loads.tables,
        runs=ids,
    )


def _solved(task: Task) -> bool:
    said = (found for found in check(replace(task, broken=False)) if isinstance(found, Finding))
    return all(found.status == "pass" for found in said)


def _tune(task: Task, data: Data) -> Steps[None]:
    for threshold in TUNED:
        yield from _detect(task, data, "seasonal_robust", threshold=threshold)
        sealed = yield from run_sealed(data, runs(task, data)[-1])
        if _good(sealed):
            return


def _good(sealed: Sealed) -> bool:
    delay = sealed.ours.median_delay_seconds
    return (
        (sealed.ours.recall or 0.0) >= RECALL
        and sealed.ours.false_alarms_per_day <= BUDGET
        and delay is not None
        and delay <= DELAY_SECONDS
        and sealed.quiet_alarms <= QUIET_ALARMS
        and harmony(sealed.ours) > harmony(sealed.fixed)
    )


def _detect(
    task: Task,
    data: Data,
    detector: str,
    params: dict[str, int] | None = None,
    threshold: float = 1.0,
) -> Steps[None]:
    until = data.world.day(LEARN_DAYS)[0].isoformat()
    yield from detect(
        task.ws, data.name, detector, params=params, train_until=until, threshold=threshold
    )


def _watching(run: Run) -> Finding:
    every = len(HOSTS) * len(METRICS)
    said = f"{run.n_series} series (run {run.run_id[:8]}, {run.detector})"
    return judge("watching", run.n_series == every, f"{every} series", said)


def _window(check: str, data: Data, run: Run) -> Finding:
    faults, _ = data.world.day(LEARN_DAYS)
    said = f"it learnt until {run.train_end:%Y-%m-%d %H:%M} UTC"
    late = run.train_end > faults
    if late:
        said += ", so faults of the practice day became normal"
    return judge(check, not late, f"until {faults:%Y-%m-%d} at the latest", said)


def _recall(check: str, sealed: Sealed, run: Run) -> Finding:
    recall = sealed.ours.recall or 0.0
    said = f"{sealed.ours.detected} of {sealed.ours.incidents} faults with {run.detector}"
    return judge(check, recall >= RECALL, f"a recall of {RECALL} or more", said)


def _budget(check: str, sealed: Sealed) -> Finding:
    alarms = sealed.ours.false_alarms_per_day
    said = f"{counted(round(alarms), 'false alarm')}"
    return judge(check, alarms <= BUDGET, f"at most {BUDGET:.0f} false alarms a day", said)


def _silent(check: str, sealed: Sealed) -> Finding:
    said = counted(sealed.quiet_alarms, "alarm")
    return judge(check, sealed.quiet_alarms <= QUIET_ALARMS, "at most 1 alarm", said)


def _after_break(task: Task) -> Findings:
    data = noisy(task)
    made = runs(task, data)
    if not made:
        yield judge("noisy_run", False, f"a run on {data.name}", "none")
        return
    run = made[-1]
    yield (window := _window("noisy_run", data, run))
    if window.status == "fail":
        return
    sealed = yield from run_sealed(data, run)
    yield _recall("noisy_recall", sealed, run)
    yield _budget("noisy_budget", sealed)
