"""A finished training run in sentences and tables, as a person wants to see it."""

from dataclasses import dataclass

import pandas as pd

from lab.core.workspace import Workspace
from lab.flows.runs import RunDetails, details, runs
from lab.flows.trained_run import EXPERIMENT


@dataclass(frozen=True)
class TrainingView:
    """What a run found, ready to be shown.

    Args:
        run_id: The run.
        target: What it predicts; errors are in its unit.
        time: Time column of the predictions.
        mae: Error on the holdout.
        baseline_mae: The seasonal-naive forecast's.
        improvement: Share of the baseline's error that is gone.
        mape: Mean relative error on the holdout.
        seconds: Training time.
        sentence: The result in one sentence.
        holdout_sentence: Where it is furthest off.
        fold_sentence: What the folds say.
        importance_sentence: What the model leans on.
        scores: Measure by measure, the model beside the baseline.
        details: Folds, predictions and importance.
    """

    run_id: str
    target: str
    time: str
    mae: float
    baseline_mae: float
    improvement: float
    mape: float
    seconds: float
    sentence: str
    holdout_sentence: str
    fold_sentence: str
    importance_sentence: str
    scores: pd.DataFrame
    details: RunDetails


def finished_runs(ws: Workspace, experiment: str = EXPERIMENT) -> dict[str, str]:
    """Runs whose model is complete: what to call each, by id, newest first."""
    table = runs(ws, experiment)
    complete = table[table["complete"].astype(bool)]
    return {
        str(run.run_id): f"{run.name} · {run.target} in {run.table} · error {run.mae:.4g}"
        for run in complete.itertuples()
    }


def training_view(ws: Workspace, run_id: str) -> TrainingView:
    """A finished run, ready to be shown.

    Args:
        ws: The workspace.
        run_id: One of ``finished_runs``.

    Raises:
        NotFound: It is not a finished training run.
    """
    from lab.mlops.tracking import client
    from lab.mlops.tracking.engine import translated

    found = details(ws, run_id)
    with translated(f"Reading run {run_id}"):
        metrics = client(ws).get_run(run_id).data.metrics
    recipe = found.order.as_recipe()
    return TrainingView(
        run_id=run_id,
        target=recipe.target,
        time=recipe.time,
        mae=metrics["mae"],
        baseline_mae=metrics["baseline_mae"],
        improvement=metrics["improvement"],
        mape=metrics.get("mape", float("nan")),
        seconds=metrics.get("training_seconds", float("nan")),
        sentence=_result(found, metrics["mae"], metrics["baseline_mae"], metrics["improvement"]),
        holdout_sentence=_furthest(found.predictions, recipe.time, recipe.target),
        fold_sentence=_folds(found.folds, recipe.target),
        importance_sentence=_importance(found.importance, recipe.target),
        scores=_scores(metrics),
        details=found,
    )


def _result(found: RunDetails, mae: float, naive: float, improvement: float) -> str:
    times = found.predictions[found.order.as_recipe().time]
    target = found.order.as_recipe().target
    word = "less" if improvement >= 0 else "more"
    return (
        f"From {times.min():%d %b} to {times.max():%d %b %Y} the model is off by {mae:.3g} "
        f"{target} on average, the seasonal-naive forecast by {naive:.3g}: "
        f"{abs(improvement):.0%} {word}."
    )


def _furthest(predictions: pd.DataFrame, time: str, target: str) -> str:
    totals = predictions.groupby(time)[["actual", "predicted"]].sum()
    off = totals["predicted"] - totals["actual"]
    place = int(off.abs().to_numpy().argmax())
    worst, actual = float(off.iloc[place]), float(totals["actual"].iloc[place])
    side = "too many" if worst > 0 else "too few"
    return (
        f"Summed up over all rows of a time, it is furthest off on {totals.index[place]:%d %b %Y}: "
        f"{abs(worst):.3g} {target} {side} of {actual:.4g}."
    )


def _folds(folds: pd.DataFrame, target: str) -> str:
    better = int((folds["mae"] < folds["baseline_mae"]).sum())
    return (
        f"Better than the seasonal-naive forecast in {better} of {len(folds)} folds; its error "
        f"lies between {folds['mae'].min():.3g} and {folds['mae'].max():.3g} {target}."
    )


def _importance(importance: pd.DataFrame, target: str) -> str:
    first = importance.iloc[0]
    return (
        f"It leans most on {first['feature']}: without it the error grows by "
        f"{first['rise']:.3g} {target}."
    )


def _scores(metrics: dict[str, float]) -> pd.DataFrame:
    names = {"mae": "Mean absolute error", "rmse": "Root mean squared error",
             "mape": "Mean relative error"}  # fmt: skip
    return pd.DataFrame([
        {"measure": title, "model": metrics[key], "seasonal naive": metrics[f"baseline_{key}"]}
        for key, title in names.items()
        if key in metrics and f"baseline_{key}" in metrics
    ])  # fmt: skip
