"""Kills trainings: ``python -m tests.flows.killed_training WORKSPACE TIMES``.

Everything is imported once; each training runs in a fork of its own, because importing MLflow
takes longer than training this table. Kills fall anywhere within the time a training takes here.
"""

import json
import os
import random
import signal
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from lab.core.progress import drain
from lab.core.workspace import open_workspace
from lab.flows.train import train
from tests.flows.shop import SMALL


def import_everything():
    import duckdb  # noqa: F401
    import mlflow.sklearn
    import mlflow.store.model_registry.sqlalchemy_store
    import mlflow.store.tracking.sqlalchemy_store  # noqa: F401
    import plotly.graph_objects  # noqa: F401
    import pyarrow.parquet  # noqa: F401
    import sklearn.compose
    import sklearn.ensemble
    import sklearn.impute
    import sklearn.linear_model
    import sklearn.pipeline  # noqa: F401
    import skops.io  # noqa: F401

    import lab.mlops.models.artifact
    import lab.mlops.models.infer
    import lab.mlops.models.train
    import lab.mlops.tracking.logged_model
    import lab.plots.models
    import lab.plots.page  # noqa: F401


def work(root):
    ws = open_workspace(root)
    while True:
        drain(train(ws, "shop", "units", "ridge", **SMALL))


def seconds(root):
    """How long one training takes on this machine at this moment, once there is a database."""
    with ProcessPoolExecutor(1, mp_context=get_context("fork")) as apart:
        return apart.submit(_timed, root).result()


def _timed(root):
    ws = open_workspace(root)
    drain(train(ws, "shop", "units", "ridge", **SMALL))
    began = time.monotonic()
    drain(train(ws, "shop", "units", "ridge", **SMALL))
    return time.monotonic() - began


def main(root, times):
    import_everything()
    whole, rng, delays = seconds(root), random.Random(0), []
    for _ in range(times):
        child = os.fork()
        if child == 0:
            work(root)
        delay = rng.uniform(0.2, 1.3) * whole
        time.sleep(delay)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        delays.append(delay)
    sys.stdout.write(json.dumps(delays))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
