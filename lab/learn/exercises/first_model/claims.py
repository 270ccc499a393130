"""What the newest run on the table says about itself, and whether that is so."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lab.core.errors import LabError
from lab.core.words import counted
from lab.flows import snapshot
from lab.flows.trained_run import FINGERPRINT, SHA256, Order, read_order
from lab.learn.contract import Finding, Task, judge
from lab.learn.exercises.first_model.world import KEY, LEAK, TIME, days, history, table

if TYPE_CHECKING:
    import pandas as pd
    from mlflow.entities import Run

FOLDS_WANTED = 5
RERUN = "lab.rerun_of"
MOST_RUNS = 1000


@dataclass(frozen=True)
class Claim:
    """A finished run with a model, as MLflow holds it.

    Args:
        run_id: The run.
        params: Its parameters.
        metrics: Its scores.
        fingerprint: Names its saved model.
        sha256: Hash of its rows, as its tag says.
        digest: Digest of the data set logged with it; empty when there is none.
        order: What was asked of it.
    """

    run_id: str
    params: Mapping[str, str]
    metrics: Mapping[str, float]
    fingerprint: str
    sha256: str
    digest: str
    order: Order


def runs_on(task: Task) -> "list[Run]":
    """Runs on the table of this attempt, newest first, whatever became of them."""
    return _search(task, f"params.table = '{table(task)}'")


def newest(task: Task) -> tuple[Finding, Claim | None]:
    """The run that is judged: the newest finished one with a model; repeats do not count."""
    found = [run for run in runs_on(task) if RERUN not in run.data.tags]
    whole = [run for run in found if _complete(run)]
    expected = f"a finished run with a model on table {table(task)}"
    if whole:
        claim = _claim(task, whole[0])
        said = f"run {claim.run_id[:8]}, {claim.order.model}"
        return judge("run", True, expected, said, f"run {claim.run_id}"), claim
    if found:
        said = f"{found[0].info.status.lower()}, without a model that can be loaded again"
        return judge("run", False, expected, f"run {found[0].info.run_id[:8]} is {said}"), None
    others = {run.data.params.get("table", "") for run in _search(task, "params.table != ''")}
    said = f"runs on {', '.join(sorted(others))} only" if others else "no run at all"
    return judge("run", False, expected, said), None


def folds(task: Task, claim: Claim) -> Finding:
    """Whether enough folds were scored."""
    from lab.mlops.tracking import client

    history_of = client(task.ws).get_metric_history(claim.run_id, "fold_mae")
    count = len({point.step for point in history_of})
    expected = f"{FOLDS_WANTED} or more"
    return judge("folds", count >= FOLDS_WANTED, expected, counted(count, "fold score"))


def rows(task: Task, claim: Claim) -> tuple[Finding, "pd.DataFrame | None"]:
    """Whether seed and rows are logged, and the rows are those of the table as it is now."""
    expected = f"a seed, and the digest of {counted(len(history(task)), 'row')}"
    if "seed" not in claim.params or claim.digest != claim.sha256[:32]:
        return judge("rows", False, expected, "the seed or the data set is not logged"), None
    try:
        kept = snapshot.recall(task.ws, claim.sha256)
    except LabError as error:
        return judge("rows", False, expected, error.message), None
    said = f"seed {claim.params['seed']}, {counted(len(kept), 'row')}, digest {claim.digest}"
    wrong = _difference(task, kept)
    evidence = f"snapshots/{claim.sha256}.parquet"
    return judge("rows", not wrong, expected, wrong or said, evidence), None if wrong else kept


def known_ahead(claim: Claim) -> Finding:
    """Whether the model leaves the leaking column alone; which one it is, is not said."""
    features = claim.order.as_recipe().features
    said = f"{counted(len(features), 'feature')}, all known the day before"
    leaking = LEAK in features
    if leaking:
        said = f"one of its {len(features)} features is known only after the shop has closed"
    return judge("ahead", not leaking, "features that are known the day before", said)


def _difference(task: Task, kept: "pd.DataFrame") -> str:
    """How rows differ from those of the table, in words; empty when they do not."""
    wanted = history(task)
    absent = [name for name in KEY if name not in kept]
    if absent:
        return f"rows without {absent[0]}"
    kept = kept.sort_values(list(KEY), ignore_index=True)
    if len(kept) != len(wanted):
        last = f"{kept[TIME].max():%Y-%m-%d}"
        newer = f"{wanted[TIME].max():%Y-%m-%d}"
        return f"{counted(len(kept), 'row')} up to {last}; the table goes to {newer}: train again"
    # A column that was added may be dropped from the table, and others may be made.
    for name in wanted.columns.drop(LEAK, errors="ignore"):
        if name not in kept or list(kept[name]) != list(wanted[name]):
            return f"rows of {days(task)} days whose {name} is not what the shops sent"
    return ""


def _complete(run: "Run") -> bool:
    return run.info.status == "FINISHED" and FINGERPRINT in run.data.tags


def _claim(task: Task, run: "Run") -> Claim:
    data, inputs = run.data, run.inputs.dataset_inputs
    return Claim(
        run_id=run.info.run_id,
        params=data.params,
        metrics=data.metrics,
        fingerprint=data.tags[FINGERPRINT],
        sha256=data.tags.get(SHA256, ""),
        digest=inputs[0].dataset.digest if inputs else "",
        order=read_order(task.ws, run.info.run_id),
    )


def _search(task: Task, wanted: str) -> "list[Run]":
    from lab.mlops.tracking import client
    from lab.mlops.tracking.engine import translated
    from lab.mlops.tracking.experiments import experiment_ids

    where = experiment_ids(task.ws)
    if not where:
        return []
    with translated("Listing the runs"):
        order = ["attributes.start_time DESC"]
        return list(client(task.ws).search_runs(where, wanted, 1, MOST_RUNS, order))
