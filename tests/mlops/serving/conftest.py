from pathlib import Path

import pytest

from tests.mlops.serving.models import saved_model


@pytest.fixture(scope="session")
def model_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One saved model; tests that change it must copy it first."""
    folder = tmp_path_factory.mktemp("serving") / "model"
    saved_model(folder)
    return folder
