"""First honest model, done wrong in the ways people do it."""

from typing import Any

from lab.core.progress import drain
from lab.flows.train import TrainSummary, train
from lab.learn.contract import Task, Wrong
from lab.learn.exercises.first_model.exercise import put
from lab.learn.exercises.first_model.world import history, table


def _train(task: Task, target: str = "units", **options: Any) -> TrainSummary:
    return drain(train(task.ws, table(task), target, "ridge", **options))


def _on_another_table(task: Task) -> None:
    task.ws.store.write("sales", history(task))
    drain(train(task.ws, "sales", "units", "ridge", folds=2))
    task.ws.store.execute("DROP TABLE sales")


def _by_hand(task: Task) -> None:
    from lab.mlops.tracking import track

    with track(task.ws, "sales", "by hand", {"table": table(task), "seed": 0}) as run:
        run.log_metrics({"mae": 1.0, "baseline_mae": 9.0})


def _few_folds(task: Task) -> None:
    _train(task, folds=2)


def _half_the_past(task: Task) -> None:
    _train(task, until="2024-05-01", folds=2)


def _other_rows(task: Task) -> None:
    rows = history(task)
    put(task, rows.assign(units=rows["units"].rolling(7, min_periods=1).mean().round()))
    _train(task, folds=2)


def _too_stiff(task: Task) -> None:
    _train(task, params={"alpha": 1e9}, folds=2)


def _better_on_paper(task: Task) -> None:
    from lab.mlops.tracking import client

    run = _train(task, folds=2)
    client(task.ws).log_metric(run.run_id, "mae", run.mae / 2)


def _noise(task: Task) -> None:
    _train(task, "rain_mm", folds=2)


def _tampered(task: Task) -> None:
    from lab.flows.trained_run import MODEL_FOLDER
    from lab.mlops.tracking.artifacts import cached

    run = _train(task, folds=2)
    path = cached(task.ws, run.run_id, MODEL_FOLDER) / "model.skops"
    path.write_bytes(path.read_bytes() + b" ")


def _leak_kept(task: Task) -> None:
    _train(task, folds=5)


WRONG = (
    Wrong("trains on another table", _on_another_table, "run", "runs on sales only"),
    Wrong("logs a score by hand", _by_hand, "run", "without a model"),
    Wrong("asks for two folds", _few_folds, "folds", "2 fold scores"),
    Wrong("learns from a part of it", _half_the_past, "rows", "train again"),
    Wrong("smooths the sales first", _other_rows, "rows", "whose units is not"),
    Wrong("forbids the model to learn", _too_stiff, "sealed", "more error"),
    Wrong("swaps the model after the run", _tampered, "sealed", "not the file that was saved"),
    Wrong("halves the logged error", _better_on_paper, "repeat", "again"),
    Wrong("predicts the rain", _noise, "probe", "it is noise"),
    Wrong("keeps the leaking column", _leak_kept, "ahead", "after the shop has closed", True),
)
