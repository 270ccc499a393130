"""The prerequisite of the exercise: a model with an old version and a champion, and a batch."""

from typing import TYPE_CHECKING

from lab.core.progress import Steps
from lab.flows import snapshot
from lab.flows.gate import holdout_rows
from lab.flows.model_versions import ModelVersion, champion, champion_number
from lab.flows.registry import register
from lab.flows.train import train
from lab.flows.trained_run import read_order
from lab.learn.contract import Task
from lab.world.trade.sales import shop_sales

if TYPE_CHECKING:
    import pandas as pd

STORES, START, DAYS = ("Harbour", "Market"), "2024-02-05", 196
KEY, BATCH_ROWS = "row_id", 120
STRENGTHS = (1000.0, 100.0)  # of the ridge: two models that differ


def model(task: Task) -> str:
    """The registered name."""
    return f"shop-{task.nonce}"


def table(task: Task) -> str:
    """Table the models learned from."""
    return f"serve_sales_{task.nonce}"


def scores(task: Task) -> str:
    """Table the batch is scored into."""
    return f"scores_{task.nonce}"


def batch_file(task: Task) -> str:
    """Name of the batch."""
    return f"next_days_{task.nonce}.csv"


def put_sales(task: Task) -> None:
    """Load the table."""
    sales = shop_sales(task.seed, start=START, days=DAYS, drift=False)
    sales = sales[sales["store"].isin(STORES)]
    task.ws.store.write(table(task), sales.assign(date=sales["date"].dt.date))


def put_versions(task: Task) -> Steps[None]:
    """Train two models and register the worse, then the better; done once."""
    if champion_number(task.ws, model(task)):
        return
    runs = []
    for strength in STRENGTHS:
        params = {"alpha": strength}
        run = yield from train(task.ws, table(task), "units", "ridge", folds=2, params=params)
        runs.append(run)
    for run in sorted(runs, key=lambda one: one.mae, reverse=True):
        register(task.ws, run.run_id, model(task))


def batch(task: Task) -> "pd.DataFrame":
    """The rows to be scored: the key and what the model takes."""
    order = read_order(task.ws, chosen(task).run_id)
    data = holdout_rows(snapshot.recall(task.ws, order.sha256), order)
    rows = data.x.dropna().head(BATCH_ROWS)
    keys = data.keys.loc[rows.index]
    names = [f"{day:%Y-%m-%d}/{store}/{product}" for day, store, product in keys.to_numpy()]
    rows.insert(0, KEY, names)
    return rows


def chosen(task: Task) -> ModelVersion:
    """The champion, its files verified."""
    return champion(task.ws, model(task))
