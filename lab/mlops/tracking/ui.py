"""The real MLflow UI on demand: a child on loopback that ends with the app."""

from dataclasses import dataclass

from lab.core.process import Child, answers, free_port, python, start, wait_for
from lab.core.progress import Progress, Steps
from lab.core.secrets import MLFLOW, load_secrets
from lab.core.workspace import Workspace
from lab.mlops.tracking.store import is_remote, prepare, tracking_uri

STATE = "mlflow-ui.json"  # the app ends every child noted in the state folder
START_SECONDS = 180.0


@dataclass(frozen=True)
class MlflowUi:
    """Where MLflow's own UI answers.

    Args:
        url: Its address.
        ours: Whether we started it; a server set by ``mlflow_tracking_uri`` is not ours.
    """

    url: str
    ours: bool

    def run(self, experiment_id: str, run_id: str) -> str:
        """Address of one run."""
        return f"{self.url}/#/experiments/{experiment_id}/runs/{run_id}"


def running_ui(ws: Workspace) -> MlflowUi | None:
    """The UI, if there is one to open at this moment."""
    if is_remote(ws):
        return MlflowUi(tracking_uri(ws).rstrip("/"), ours=False)
    child = Child.load(ws.state / STATE)
    if child is None or not answers(f"http://127.0.0.1:{child.port}/health"):
        return None
    return MlflowUi(f"http://127.0.0.1:{child.port}", ours=True)


def start_ui(ws: Workspace) -> Steps[MlflowUi]:
    """Start the UI, or find the one that runs.

    Args:
        ws: The workspace whose runs it shows.

    Yields:
        Progress; a cold start takes about ten seconds.

    Returns:
        Where it answers: 127.0.0.1 and a free port, only for this machine.

    Raises:
        Unavailable: It did not come up; the message holds the end of its log.
    """
    from filelock import FileLock

    yield Progress(0, 2, "Looking for a running MLflow UI")
    with FileLock(ws.state / "mlflow-ui.lock", timeout=START_SECONDS):
        found = running_ui(ws)
        if found is not None:
            return found
        stop_ui(ws)  # one that no longer answers
        prepare(ws.mlflow_database)
        port, log = free_port(), ws.logs / "mlflow-ui.log"
        child = start(_argv(ws, port), log, env=_environment(ws), cwd=ws.root, port=port)
        child.save(ws.state / STATE)
        yield Progress(1, 2, "Starting the MLflow UI, about ten seconds")
        wait_for(f"http://127.0.0.1:{port}/health", child, log, START_SECONDS)
    return MlflowUi(f"http://127.0.0.1:{port}", ours=True)


def stop_ui(ws: Workspace) -> None:
    """End the UI we started, if it runs."""
    child = Child.load(ws.state / STATE)
    if child is not None:
        child.stop()
    (ws.state / STATE).unlink(missing_ok=True)


def _argv(ws: Workspace, port: int) -> list[str]:
    return python(
        "mlflow", "server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1",
        "--backend-store-uri", tracking_uri(ws),
        "--artifacts-destination", ws.artifacts.as_uri(),
    )  # fmt: skip


def _environment(ws: Workspace) -> dict[str, str]:
    """What the server is told beyond the bare environment of a child."""
    return {
        MLFLOW: load_secrets(ws)[MLFLOW],
        "MLFLOW_SERVER_ALLOWED_HOSTS": "localhost:*,127.0.0.1:*",
        "MLFLOW_SERVER_X_FRAME_OPTIONS": "DENY",
        "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
        "MLFLOW_ENABLE_AI_GATEWAY": "false",
        "MLFLOW_ALLOW_HTTP_REDIRECTS": "false",
        "MLFLOW_HTTP_REQUEST_TIMEOUT": "10",
        "MLFLOW_CREATE_MODEL_VERSION_SOURCE_VALIDATION_REGEX": "^(models|runs|mlflow-artifacts):",
    }
