"""What a training run holds in MLflow: written by ``train``, read by runs and registry."""

import json
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lab.core.errors import NotFound
from lab.core.progress import Progress, Steps, mapped
from lab.core.workspace import Workspace

if TYPE_CHECKING:
    import pandas as pd

    from lab.mlops.models.recipe import Recipe
    from lab.mlops.models.train import TrainedModel
    from lab.mlops.tracking import Run

EXPERIMENT = "sales"
KIND = "lab.kind"
FINGERPRINT = "lab.model_fingerprint"  # set last: a run that has it is complete
MODEL_ID = "lab.model_id"
SHA256 = "lab.dataset_sha256"
MODEL_FOLDER = "lab_model"
ORDER_FILE = "order.json"
TABLES = ("folds", "predictions", "importance")


@dataclass(frozen=True)
class Order:
    """Everything that decides the outcome of a training run; the same order, the same score.

    Args:
        table: Table the rows came from.
        sha256: Snapshot of the rows.
        recipe: The recipe as plain values.
        model: Kind of model.
        params: Parameters other than the defaults.
        seed: Seed.
        folds: Number of folds.
        holdout_days: Length of each test window, in days.
        notes: What was noticed about the table.
    """

    table: str
    sha256: str
    recipe: Mapping[str, Any]
    model: str
    seed: int
    folds: int
    holdout_days: float
    params: Mapping[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def as_recipe(self) -> "Recipe":
        """The recipe as a value."""
        from lab.mlops.models.recipe import Recipe

        return Recipe.from_dict(self.recipe)

    def parameters(self, rows: int) -> dict[str, Any]:
        """What MLflow shows as parameters."""
        from lab.mlops.models.kinds import model_kind

        recipe = self.as_recipe()
        filled = model_kind(self.model).parameters(self.params)
        return {
            "model": self.model,
            "table": self.table,
            "target": recipe.target,
            "rows": rows,
            "seed": self.seed,
            "folds": self.folds,
            "holdout_days": self.holdout_days,
            "horizon": recipe.horizon,
            "features": ", ".join(recipe.features),
            "dataset_sha256": self.sha256,
            **{f"model.{name}": value for name, value in filled.items()},
        }


def training_tags(order: Order, folder: Path) -> dict[str, str]:
    """Tags of a training run, with the commit of the repository a folder is in."""
    from lab.mlops.tracking.provenance import git_tags

    return {
        KIND: "train",
        SHA256: order.sha256,
        "mlflow.source.name": "lab.train",
        **git_tags(folder),
    }


def live_metrics(run: "Run", steps: "Steps[TrainedModel]") -> "Steps[TrainedModel]":
    """Pass progress on, logging each fold's error and each epoch's loss as they come."""
    epochs = count(1)

    def logged(step: Progress) -> Progress:
        if "fold" in step.metrics:
            errors = {"fold_mae": step.metrics["mae"],
                      "fold_baseline_mae": step.metrics["baseline_mae"]}  # fmt: skip
            run.log_metrics(errors, step=int(step.metrics["fold"]))
        elif "loss" in step.metrics:
            run.log_metrics({"loss": step.metrics["loss"]}, step=next(epochs))
        return step

    return (yield from mapped(steps, logged))


def keep(
    ws: Workspace, run: "Run", order: Order, rows: "pd.DataFrame", trained: "TrainedModel"
) -> str:
    """Log scores, tables, plots and the model; the fingerprint comes last.

    Returns:
        The fingerprint of the saved model.
    """
    from lab.mlops.tracking.provenance import log_dataset

    source = str(ws.snapshots / f"{order.sha256}.parquet")
    target = trained.recipe.target
    log_dataset(run, rows, name=order.table, target=target, source=source, sha256=order.sha256)
    run.log_metrics(_metrics(trained))
    run.log_dict({**asdict(order), "holdout": _window(trained)}, ORDER_FILE)
    for name in TABLES:
        run.log_text(getattr(trained, name).to_csv(index=False), f"{name}.csv")
    run.log_figure(_plots(trained), "plots.html")
    with tempfile.TemporaryDirectory(dir=ws.staging) as scratch:
        fingerprint = _save(Path(scratch) / MODEL_FOLDER, run, order, trained)
        run.log_folder(Path(scratch) / MODEL_FOLDER, MODEL_FOLDER)
    model_id = _log_for_mlflow(run, trained)
    run.set_tags({MODEL_ID: model_id, FINGERPRINT: fingerprint})
    return fingerprint


def read_order(ws: Workspace, run_id: str) -> Order:
    """The order a run carried out.

    Raises:
        NotFound: The run does not exist or was not made by ``train``.
    """
    from lab.mlops.tracking.artifacts import fetch

    try:
        text = fetch(ws, run_id, ORDER_FILE).read_text(encoding="utf-8")
    except NotFound as error:
        raise NotFound(
            f"Run {run_id[:8]} is not a finished training run.", "Choose one on Compare runs."
        ) from error
    values = json.loads(text)
    values.pop("holdout")
    return Order(**{**values, "notes": tuple(values["notes"])})


def _metrics(trained: "TrainedModel") -> dict[str, float]:
    ours = {k: v for k, v in trained.scores.to_dict().items() if k != "rows"}
    naive = {f"baseline_{k}": v for k, v in trained.baseline.to_dict().items() if k != "rows"}
    return {
        **ours,
        **naive,
        "improvement": trained.improvement,
        "holdout_rows": trained.scores.rows,
        "cv_mae": float(trained.folds["mae"].mean()),
        "cv_mae_std": float(trained.folds["mae"].std(ddof=0)),
        "cv_baseline_mae": float(trained.folds["baseline_mae"].mean()),
    }


def _window(trained: "TrainedModel") -> dict[str, str]:
    test, learned = trained.split.test, trained.split.train
    return {
        "train_start": learned.start.isoformat(),
        "train_end": learned.end.isoformat(),
        "test_start": test.start.isoformat(),
        "test_end": test.end.isoformat(),
    }


def _plots(trained: "TrainedModel") -> str:
    from lab.plots.models import fold_chart, holdout_chart, importance_chart, scatter_chart
    from lab.plots.page import standalone_page

    target = trained.recipe.target
    figures = [
        holdout_chart(trained.predictions, trained.recipe.time, target),
        scatter_chart(trained.predictions, target),
        fold_chart(trained.folds, target),
        importance_chart(trained.importance, target),
    ]
    return standalone_page(f"{trained.kind.title}: {target}", figures)


def _save(folder: Path, run: "Run", order: Order, trained: "TrainedModel") -> str:
    from lab.mlops.models.artifact import fingerprint, inputs_of, save_model

    network: Any = trained.model
    keras = trained.kind.flavor == "keras"
    save_model(
        network.net_ if keras else trained.model,
        folder,
        inputs=inputs_of(trained.example),
        target=trained.recipe.target,
        flavor=trained.kind.flavor,
        name=f"{order.table}-{trained.recipe.target}",
        created_at=datetime.now(UTC),
        preprocess=network.preprocess_ if keras else None,
        run_id=run.run_id,
    )
    return fingerprint(folder)


def _log_for_mlflow(run: "Run", trained: "TrainedModel") -> str:
    from lab.mlops.models.artifact import TRUSTED_TYPES
    from lab.mlops.tracking.logged_model import log_keras, log_sklearn

    model: Any = trained.model
    params = {"kind": trained.kind.name, **{k: str(v) for k, v in trained.params.items()}}
    if trained.kind.flavor == "keras":
        matrix = model.preprocess_.transform(trained.example).astype("float32")
        return log_keras(run, model.net_, name="model", example=matrix, params=params)
    return log_sklearn(
        run, model, name="model", example=trained.example, trusted=TRUSTED_TYPES, params=params
    )
