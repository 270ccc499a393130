"""Experiments by name, once each, whoever asks first."""

from lab.core.names import checked_name, inside
from lab.core.workspace import Workspace
from lab.mlops.tracking.engine import translated
from lab.mlops.tracking.store import client, is_remote

# Opens in the view for models; MLflow's UI starts in the one for language models otherwise.
KIND = {"mlflow.experimentKind": "custom_model_development"}


def experiment_id(ws: Workspace, name: str) -> str:
    """Find an experiment, making it if there is none by that name.

    Args:
        ws: The workspace.
        name: Its name, such as ``"sales"`` or ``"anomalies"``.

    Returns:
        MLflow's id of it. A deleted experiment of that name is brought back.
    """
    from mlflow.exceptions import MlflowException

    name = checked_name(name, "experiment")
    mlflow = client(ws)
    with translated(f"Opening experiment {name!r}"):
        found = mlflow.get_experiment_by_name(name)
        if found is None:
            # A server decides itself where files go; on disk they go below the workspace.
            place = None if is_remote(ws) else inside(ws.artifacts, name).as_uri()
            try:
                return str(mlflow.create_experiment(name, artifact_location=place, tags=KIND))
            except MlflowException as error:
                if error.error_code != "RESOURCE_ALREADY_EXISTS":
                    raise
            found = mlflow.get_experiment_by_name(name)  # another thread was faster
        if found.lifecycle_stage == "deleted":
            mlflow.restore_experiment(found.experiment_id)
        return str(found.experiment_id)


def experiment_ids(ws: Workspace, name: str | None = None) -> list[str]:
    """Ids of one experiment or of all; empty when there is none yet.

    Args:
        ws: The workspace; nothing is made in it.
        name: One experiment, or all of them when not given.
    """
    if not is_remote(ws) and not ws.mlflow_database.exists():
        return []
    with translated("Listing the experiments"):
        found = client(ws).search_experiments()
    return [e.experiment_id for e in found if name in (None, e.name)]
