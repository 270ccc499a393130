"""A real MLflow server, as somebody else would run it."""

from contextlib import contextmanager

from lab.core.process import free_port, python, start, wait_for
from lab.mlops.tracking.store import prepare


@contextmanager
def running_server(place):
    """Start one in an empty folder; gives its address and ends it."""
    database, port = place / "mlflow.db", free_port()
    prepare(database)
    argv = python(
        "mlflow", "server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1",
        "--backend-store-uri", f"sqlite:///{database}",
        "--artifacts-destination", (place / "artifacts").as_uri(),
    )  # fmt: skip
    log, env = place / "log.txt", {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}
    child = start(argv, log, env=env, cwd=place, port=port)
    wait_for(f"http://127.0.0.1:{port}/health", child, log, 300)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        child.stop()
