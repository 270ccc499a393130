"""Runs as tables: list them, set them side by side, look into one."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from lab.core.errors import BadInput
from lab.core.workspace import Workspace
from lab.flows.trained_run import EXPERIMENT, FINGERPRINT, KIND, TABLES, Order, read_order

if TYPE_CHECKING:
    from mlflow.entities import Run

METRICS = ("mae", "rmse", "mape", "baseline_mae", "improvement", "cv_mae", "training_seconds")
MOST_RUNS = 1000


@dataclass(frozen=True)
class RunDetails:
    """What a training run found.

    Args:
        run_id: The run.
        order: What it was asked to do.
        folds: One row per fold.
        predictions: Holdout rows: time, groups, ``actual``, ``predicted``, ``baseline``.
        importance: ``feature`` and ``rise``, highest first.
    """

    run_id: str
    order: Order
    folds: pd.DataFrame
    predictions: pd.DataFrame
    importance: pd.DataFrame


def runs(ws: Workspace, experiment: str = EXPERIMENT) -> pd.DataFrame:
    """Training runs of an experiment, newest first.

    Args:
        ws: The workspace.
        experiment: Name of the experiment.

    Returns:
        One row per run: ``run_id``, ``name``, ``started`` (UTC), ``status``, ``model``,
        ``table``, ``target``, ``seed``, ``dataset`` (first digits of the hash), the metrics
        ``mae``, ``rmse``, ``mape``, ``baseline_mae``, ``improvement``, ``cv_mae``,
        ``training_seconds``, and ``complete``: whether its model can be registered. Empty when
        there is no run yet.
    """
    from lab.mlops.tracking import client
    from lab.mlops.tracking.engine import translated
    from lab.mlops.tracking.experiments import experiment_ids

    where = experiment_ids(ws, experiment)
    found: list[Run] = []
    if where:
        with translated("Listing the runs"):
            found = client(ws).search_runs(where, f"tags.`{KIND}` = 'train'", max_results=MOST_RUNS)
    table = pd.DataFrame([_row(run) for run in found], columns=_columns())
    table["started"] = pd.to_datetime(table["started"], unit="ms", utc=True).dt.as_unit("us")
    return table.astype(dict.fromkeys(METRICS, "float64"))


def compare(ws: Workspace, run_ids: Sequence[str]) -> pd.DataFrame:
    """Two or more runs side by side.

    Args:
        ws: The workspace.
        run_ids: Runs, each once.

    Returns:
        One row per parameter and metric, in columns ``kind``, ``name``, one per run (its first
        eight digits), and ``differs``. Values are text.

    Raises:
        BadInput: Fewer than two different runs were named.
        NotFound: A run does not exist.
    """
    if len(set(run_ids)) < 2:
        raise BadInput("One run cannot be compared.", "Choose two or more.")
    columns = {run.info.run_id[:8]: run for run in _get(ws, run_ids)}
    rows = []
    for kind in ("params", "metrics"):
        values = {short: getattr(run.data, kind) for short, run in columns.items()}
        for name in sorted({name for known in values.values() for name in known}):
            cells = {short: _text(known.get(name)) for short, known in values.items()}
            differs = len(set(cells.values())) > 1
            rows.append({"kind": kind[:-1], "name": name, **cells, "differs": differs})
    return pd.DataFrame(rows)


def details(ws: Workspace, run_id: str) -> RunDetails:
    """Look into one finished training run.

    Args:
        ws: The workspace.
        run_id: The run.

    Returns:
        Its order and its tables.

    Raises:
        NotFound: It does not exist or is not a finished training run.
    """
    from lab.mlops.tracking.artifacts import fetch

    order = read_order(ws, run_id)
    tables = {
        name: pd.read_csv(io.StringIO(fetch(ws, run_id, f"{name}.csv").read_text(encoding="utf-8")))
        for name in TABLES
    }
    for name in ("train_start", "train_end", "test_start", "test_end"):
        tables["folds"][name] = pd.to_datetime(tables["folds"][name])
    time = order.as_recipe().time
    tables["predictions"][time] = pd.to_datetime(tables["predictions"][time])
    return RunDetails(run_id, order, **tables)


def one_dataset(table: pd.DataFrame) -> bool:
    """Whether all runs of a table from ``runs`` learned from the same rows.

    Scores are only comparable when they did.
    """
    return bool(table["dataset"].nunique() <= 1)


def model_title(name: str) -> str:
    """What a person calls a kind of model; the name itself when the lab does not know it."""
    from lab.mlops.models.kinds import model_kinds

    kind = model_kinds().get(name)
    return kind.title if kind else name


def _get(ws: Workspace, run_ids: Sequence[str]) -> "list[Run]":
    from lab.mlops.tracking import client
    from lab.mlops.tracking.engine import translated

    with translated("Reading the runs"):
        return [client(ws).get_run(run_id) for run_id in run_ids]


def _columns() -> list[str]:
    return ["run_id", "name", "started", "status", "model", "table", "target", "seed", "dataset",
            *METRICS, "complete"]  # fmt: skip


def _row(run: "Run") -> dict[str, object]:
    params, metrics, tags = run.data.params, run.data.metrics, run.data.tags
    title = model_title(params.get("model", run.info.run_name))
    return {
        "run_id": run.info.run_id,
        "name": f"{title} · {run.info.run_id[:6]}",
        "started": run.info.start_time,
        "status": run.info.status.lower(),
        "dataset": params.get("dataset_sha256", "")[:12],
        **{name: params.get(name, "") for name in ("model", "table", "target", "seed")},
        **{name: metrics.get(name) for name in METRICS},
        "complete": run.info.status == "FINISHED" and FINGERPRINT in tags,
    }


def _text(value: object) -> str:
    if value is None:
        return ""
    return f"{value:.6g}" if isinstance(value, float) else str(value)
