import shutil

import pytest

from lab.core.process import free_port, python, start, wait_for
from lab.mlops.tracking.store import prepare


@pytest.fixture(scope="session")
def fresh_database(tmp_path_factory):
    """A tracking file made once; a copy of it saves each test two seconds."""
    path = tmp_path_factory.mktemp("mlflow") / "mlflow.db"
    prepare(path)
    return path


@pytest.fixture
def tracked(ws, fresh_database):
    """A workspace whose tracking file is there and empty."""
    shutil.copy(fresh_database, ws.mlflow_database)
    return ws


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    """A real MLflow server, as somebody else would run it."""
    place = tmp_path_factory.mktemp("server")
    database, port = place / "mlflow.db", free_port()
    prepare(database)
    argv = python(
        "mlflow", "server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1",
        "--backend-store-uri", f"sqlite:///{database}",
        "--artifacts-destination", (place / "artifacts").as_uri(),
    )  # fmt: skip
    log, env = place / "log.txt", {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}
    child = start(argv, log, env=env, cwd=place, port=port)
    wait_for(f"http://127.0.0.1:{port}/health", child, log, 120)
    yield f"http://127.0.0.1:{port}"
    child.stop()
