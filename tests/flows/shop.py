"""A workspace with a small shop to train on, and a tracking file made only once."""

import shutil
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from lab.core.progress import drain
from lab.flows.train import train
from lab.mlops.tracking.store import prepare
from tests.mlops.models.sample import sales

SMALL = {"folds": 2, "holdout_days": 14}


@cache
def fresh_database():
    path = Path(mkdtemp(prefix="lab-mlflow-")) / "mlflow.db"
    prepare(path)
    return path


def opened(ws, days=160, groups=2):
    """The workspace with a sales-like table ``shop`` and an empty tracking file."""
    shutil.copy(fresh_database(), ws.mlflow_database)
    ws.store.write("shop", sales(days, groups))
    return ws


def trained(ws, model="ridge", **more):
    return drain(train(ws, "shop", "units", model, **{**SMALL, **more}))
