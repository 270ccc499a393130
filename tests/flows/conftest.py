from pathlib import Path

import pytest

from tests.mlops.tracking.served import running_server


@pytest.fixture(scope="session")
def mlflow_server(tmp_path_factory):
    """The address of a real MLflow server that is not ours."""
    with running_server(tmp_path_factory.mktemp("mlflow-server")) as address:
        yield address


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty folder that a stream may watch."""
    place = tmp_path / "drop"
    place.mkdir()
    return place
