import shutil

import pytest

from lab.mlops.tracking.store import prepare
from tests.mlops.tracking.served import running_server


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
    with running_server(tmp_path_factory.mktemp("server")) as address:
        yield address
