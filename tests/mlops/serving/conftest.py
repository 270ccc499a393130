from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.mlops.serving.live import Client, client_of
from tests.mlops.serving.models import saved_model


@pytest.fixture(scope="session")
def model_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One saved model; tests that change it must copy it first."""
    folder = tmp_path_factory.mktemp("serving") / "model"
    saved_model(folder)
    return folder


@pytest.fixture(scope="module")
def client(model_folder: Path) -> Iterator[Client]:
    with client_of(model_folder) as client:
        assert client.app.state.slot.wait() == "ready"
        yield client
