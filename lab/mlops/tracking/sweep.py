"""After a crash: runs nobody works on any more are closed, half-made models marked as failed."""

import time
from typing import TYPE_CHECKING

from lab.core.workspace import Workspace
from lab.mlops.tracking.engine import translated
from lab.mlops.tracking.experiments import experiment_ids
from lab.mlops.tracking.heartbeat import WORKSPACE, is_alive, workspace_tag
from lab.mlops.tracking.store import client

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run


def sweep(ws: Workspace) -> int:
    """Close what a crash left open; call it when the app or a job starts.

    Args:
        ws: The workspace. Only runs that carry its mark are touched.

    Returns:
        How many runs were closed as KILLED.
    """
    where = experiment_ids(ws)
    if not where:
        return 0
    mlflow, mark = client(ws), f"tags.`{WORKSPACE}` = '{workspace_tag(ws)}'"
    with translated("Sweeping unfinished runs"):
        running = _running(mlflow, where, mark)
        dead = [r.info.run_id for r in running if not is_alive(r.data.tags, time.time())]
        for run_id in dead:
            mlflow.set_terminated(run_id, "KILLED")
        living = {r.info.run_id for r in running} - set(dead)
        _fail_pending_models(mlflow, where, mark, living)
    return len(dead)


def _running(mlflow: "MlflowClient", where: list[str], mark: str) -> "list[Run]":
    found: list[Run] = []
    token = None
    while True:
        page = mlflow.search_runs(
            where, f"attributes.status = 'RUNNING' AND {mark}", max_results=1000, page_token=token
        )
        found.extend(page)
        token = page.token
        if not token:
            return found


def _fail_pending_models(
    mlflow: "MlflowClient", where: list[str], mark: str, living: set[str]
) -> None:
    from mlflow.entities import LoggedModelStatus

    pending = f"status = {LoggedModelStatus.PENDING.to_int()} AND {mark}"  # a number in its store
    for model in mlflow.search_logged_models(where, pending, max_results=500):
        if model.source_run_id not in living:
            mlflow.finalize_logged_model(model.model_id, "FAILED")
