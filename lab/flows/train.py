"""Train a model on a table: rows kept by hash, everything about the run in MLflow."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lab.core.errors import BadInput
from lab.core.progress import Progress, Steps
from lab.core.workspace import Workspace
from lab.flows import snapshot
from lab.flows.trained_run import EXPERIMENT, Order, keep, live_metrics, read_order, training_tags
from lab.flows.training_rows import in_order, read_table

if TYPE_CHECKING:
    from lab.mlops.models.train import TrainedModel
    from lab.mlops.tracking import Run


@dataclass(frozen=True)
class TrainSummary:
    """What a training run came to.

    Args:
        run_id: The MLflow run that holds all of it.
        model: Kind of model.
        table: Table it learned from.
        target: What it predicts; errors are in its unit.
        dataset_sha256: Hash of the exact rows.
        rows: How many there were.
        seed: Seed of everything random.
        mae: Mean absolute error on the holdout.
        rmse: Root mean squared error on the holdout.
        mape: Mean relative error on the holdout, 0.1 is 10 %; NaN when all actual values are 0.
        baseline_mae: Error of the seasonal-naive forecast on the same rows.
        improvement: Share of the baseline's error that is gone; below 0 is worse than it.
        fold_mae: Error of each fold, the earliest first.
        baseline_fold_mae: The baseline's, likewise.
        holdout_start: First day of the holdout, ISO.
        holdout_end: First day after it, ISO.
        seconds: How long it took.
        fingerprint: Names the saved model: SHA-256 over all its files.
        notes: What a person should know: columns left out, features that look too good.
    """

    run_id: str
    model: str
    table: str
    target: str
    dataset_sha256: str
    rows: int
    seed: int
    mae: float
    rmse: float
    mape: float
    baseline_mae: float
    improvement: float
    fold_mae: tuple[float, ...]
    baseline_fold_mae: tuple[float, ...]
    holdout_start: str
    holdout_end: str
    seconds: float
    fingerprint: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class RerunSummary:
    """Whether a run can be repeated.

    Args:
        again: The new run.
        original_run_id: The run that was repeated.
        original_mae: Its holdout error.
        difference: How far the new error is from it, 0 or more.
        same: Whether that is at most one millionth.
    """

    again: TrainSummary
    original_run_id: str
    original_mae: float
    difference: float
    same: bool


def train(
    ws: Workspace,
    table: str = "sales",
    target: str = "units",
    model: str = "hist_gradient_boosting",
    *,
    seed: int = 0,
    folds: int = 5,
    holdout_days: float = 28,
    time_column: str | None = None,
    groups: Sequence[str] | None = None,
    leave_out: Sequence[str] = (),
    horizon: int | None = None,
    until: str | None = None,
    params: Mapping[str, float] | None = None,
    experiment: str = EXPERIMENT,
) -> Steps[TrainSummary]:
    """Train one model on a table of the workspace and log everything about it.

    Args:
        ws: The workspace.
        table: Any table with a time column; ``sales`` is the bundled one.
        target: Number column to predict.
        model: Kind of model, see ``lab.mlops.models.kinds.model_kinds``.
        seed: Fixes everything random: the same call gives the same score.
        folds: Folds in order of time before the holdout, at least 2.
        holdout_days: Length of the holdout and of each fold's test window, in days.
        time_column: Time column; found by itself when not given.
        groups: Columns that tell rows of one time apart; found when not given.
        leave_out: Columns not to learn from, such as one that is not known ahead.
        horizon: Steps ahead to predict; one season when not given.
        until: Learn and test only from rows before this time, such as ``"2026-01-01"``.
        params: Parameters of the model other than its defaults.
        experiment: MLflow experiment to log to.

    Yields:
        Progress with live metrics: ``mae`` and ``baseline_mae`` by fold, ``loss`` by epoch.

    Returns:
        The scores beside the baseline, and the run that holds the rest.

    Raises:
        NotFound: The table or a column does not exist.
        BadInput: The table cannot be learned from; the message says why.
        Unavailable: The kind of model needs a library that is not installed.
    """
    from lab.mlops.models.infer import infer
    from lab.mlops.models.kinds import model_kind

    model_kind(model).parameters(params)  # refuse before any work
    yield Progress(0, None, f"Reading table {table}")
    rows = read_table(ws, table)
    found = infer(
        rows, target, time=time_column, groups=groups, leave_out=leave_out, horizon=horizon
    )
    rows = in_order(rows, [found.recipe.time, *found.recipe.groups], until)
    kept = snapshot.take(ws, rows)
    order = Order(
        table=table,
        sha256=kept.sha256,
        recipe=found.recipe.to_dict(),
        model=model,
        params=dict(params or {}),
        seed=seed,
        folds=folds,
        holdout_days=holdout_days,
        notes=found.notes,
    )
    return (yield from _carry_out(ws, order, experiment, {}))


def rerun(ws: Workspace, run_id: str) -> Steps[RerunSummary]:
    """Repeat a training run from its snapshot and compare the scores.

    Args:
        ws: The workspace that holds the run and the rows.
        run_id: A run that ``train`` made.

    Yields:
        Progress of the training.

    Returns:
        The new run and whether its error is the same to one millionth.

    Raises:
        NotFound: The run or its rows are not here.
    """
    from lab.mlops.tracking import client
    from lab.mlops.tracking.engine import translated

    order = read_order(ws, run_id)
    with translated(f"Reading run {run_id}"):
        before = client(ws).get_run(run_id)
        experiment = client(ws).get_experiment(before.info.experiment_id).name
    if "mae" not in before.data.metrics:
        raise BadInput(
            f"Run {run_id[:8]} has no score to compare with.", "Choose one that finished."
        )
    again = yield from _carry_out(ws, order, experiment, {"lab.rerun_of": run_id})
    original = float(before.data.metrics["mae"])
    difference = abs(again.mae - original)
    return RerunSummary(again, run_id, original, difference, difference <= 1e-6)


def _carry_out(
    ws: Workspace, order: Order, experiment: str, tags: Mapping[str, str]
) -> Steps[TrainSummary]:
    from lab.mlops.models.train import train as fit
    from lab.mlops.tracking import track

    began = time.monotonic()
    recipe, rows = order.as_recipe(), snapshot.recall(ws, order.sha256)
    name = f"{order.model} on {order.table}"
    labels = {**training_tags(order, Path.cwd()), **tags}
    with track(ws, experiment, name, order.parameters(len(rows)), labels) as run:
        steps = fit(rows, recipe, order.model, seed=order.seed, folds=order.folds,
                    holdout_days=order.holdout_days, params=order.params)  # fmt: skip
        trained = yield from live_metrics(run, steps)
        yield Progress(order.folds + 2.5, order.folds + 3, "Keeping the model and its evidence")
        fingerprint = keep(ws, run, order, rows, trained)
        seconds = time.monotonic() - began
        run.log_metrics({"training_seconds": seconds})
        return _summary(run, order, len(rows), trained, fingerprint, seconds)


def _summary(run: "Run", order: Order, rows: int, trained: "TrainedModel", fingerprint: str,
             seconds: float) -> TrainSummary:  # fmt: skip
    window: Any = trained.split.test
    scores = {k: v for k, v in asdict(trained.scores).items() if k != "rows"}
    return TrainSummary(
        run_id=run.run_id,
        model=order.model,
        table=order.table,
        target=trained.recipe.target,
        dataset_sha256=order.sha256,
        rows=rows,
        seed=order.seed,
        **scores,
        baseline_mae=trained.baseline.mae,
        improvement=trained.improvement,
        fold_mae=tuple(trained.folds["mae"]),
        baseline_fold_mae=tuple(trained.folds["baseline_mae"]),
        holdout_start=window.start.isoformat(),
        holdout_end=window.end.isoformat(),
        seconds=round(seconds, 2),
        fingerprint=fingerprint,
        notes=order.notes,
    )
