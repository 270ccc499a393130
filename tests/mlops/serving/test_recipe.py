"""The server runs with the files and packages that an image holds, and with no others."""

import io
import json
import os
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from lab.core.config import PROJECT
from lab.core.errors import BadInput
from lab.mlops.models.artifact import fingerprint
from lab.mlops.serving.recipe import PROGRAM, build_context, dockerfile
from tests.mlops.serving.models import saved_model

BASE = "python:3.11-slim"
IMPORTED = """
import json, sys
from lab.mlops.serving.app import create_app
from lab.mlops.models.artifact import load_model
load_model(sys.argv[1])
import lab.mlops.serving.server
names = {name.partition(".")[0] for name in sys.modules}
print(json.dumps(sorted(names & {"mlflow", "streamlit", "duckdb", "docker", "tensorflow"})))
"""


def members(context: bytes) -> dict[str, bytes]:
    with tarfile.open(fileobj=io.BytesIO(context)) as archive:
        return {entry.name: archive.extractfile(entry).read() for entry in archive}


def test_context_holds_server_lock_and_model_only(model_folder):
    files = members(build_context(model_folder, BASE))
    model = {"model/manifest.json", "model/model.skops"}
    assert set(files) == {"Dockerfile", "requirements.txt", *PROGRAM} | model
    assert files["model/model.skops"] == (model_folder / "model.skops").read_bytes()


def test_what_lies_beside_a_model_is_not_sent(tmp_path):
    saved_model(tmp_path / "m")
    (tmp_path / "m" / "MLmodel").write_text("loader_module: evil_loader")
    assert "model/MLmodel" not in members(build_context(tmp_path / "m", BASE))


def test_same_model_same_bytes(model_folder):
    assert build_context(model_folder, BASE) == build_context(model_folder, BASE)


def test_recipe_ends_as_nobody_and_names_the_model(model_folder):
    text = dockerfile(BASE, fingerprint(model_folder))
    assert text.startswith(f"FROM {BASE}\n")
    assert text.index("pip") < text.index("COPY lab") < text.index("COPY model")
    assert "USER 65534:65534" in text
    assert fingerprint(model_folder) in text
    assert "index-url" not in text


@pytest.mark.parametrize("base", ["", "-rf", "a b", "x\nRUN curl evil", "Python:3", "$(id)"])
def test_base_that_is_no_image_name_is_refused(model_folder, base):
    with pytest.raises(BadInput, match="not an image name"):
        build_context(model_folder, base)


def test_server_needs_no_other_file_and_no_heavy_library(tmp_path, model_folder):
    for name in PROGRAM:
        place = tmp_path / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes((PROJECT / name).read_bytes())
    result = subprocess.run(
        [sys.executable, "-c", IMPORTED, str(model_folder)],
        env={"PYTHONPATH": str(tmp_path), "PATH": os.environ["PATH"], "HOME": str(tmp_path)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout) == []


def test_program_is_all_there():
    assert all((PROJECT / name).is_file() for name in PROGRAM)
    assert Path("lab/mlops/serving/server.py").as_posix() in PROGRAM
