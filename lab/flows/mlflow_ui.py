"""Open MLflow's own UI from a page, the command line or a notebook."""

from lab.core.progress import Steps
from lab.core.workspace import Workspace
from lab.mlops.tracking.ui import MlflowUi, running_ui, start_ui, stop_ui

__all__ = ["MlflowUi", "close_mlflow", "is_ours", "mlflow_address", "open_mlflow"]


def open_mlflow(ws: Workspace) -> Steps[MlflowUi]:
    """Start the UI, or find the one that runs; see ``lab.mlops.tracking.ui``.

    Returns:
        Where it answers.
    """
    return (yield from start_ui(ws))


def mlflow_address(ws: Workspace) -> str:
    """Where MLflow's UI answers now; empty when it does not run."""
    found = running_ui(ws)
    return found.url if found else ""


def is_ours(ws: Workspace) -> bool:
    """Whether we started the UI that runs, and so may end it."""
    found = running_ui(ws)
    return bool(found and found.ours)


def close_mlflow(ws: Workspace) -> None:
    """End the UI we started, if it runs."""
    stop_ui(ws)
