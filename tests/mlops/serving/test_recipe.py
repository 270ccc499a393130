"""The server runs with the files and packages that an image holds, and with no others."""

import io
import json
import os
import subprocess
import sys
import tarfile

import pytest

from lab.core.errors import BadInput
from lab.mlops.models.artifact import fingerprint
from lab.mlops.serving.program import program_files
from lab.mlops.serving.recipe import archive, model_files, packages_files
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


def test_image_holds_server_and_model_only(model_folder):
    files = model_files(model_folder, "packages:1")
    assert set(files) == {
        "Dockerfile",
        *program_files(),
        "model/manifest.json",
        "model/model.skops",
    }
    assert files["model/model.skops"] == (model_folder / "model.skops").read_bytes()


def test_what_lies_beside_a_model_is_not_sent(tmp_path):
    saved_model(tmp_path / "m")
    (tmp_path / "m" / "MLmodel").write_text("loader_module: evil_loader")
    assert "model/MLmodel" not in model_files(tmp_path / "m", "packages:1")


def test_packages_are_the_same_for_every_model_and_name_no_index():
    files = packages_files(BASE, "sklearn")
    assert set(files) == {"Dockerfile", "requirements.txt"}
    text = files["Dockerfile"].decode()
    assert text.startswith(f"FROM {BASE}\n")
    assert "--require-hashes" in text
    assert "index-url" not in text


def test_recipe_ends_as_nobody_and_names_the_model(model_folder):
    text = model_files(model_folder, "packages:1")["Dockerfile"].decode()
    assert text.startswith("FROM packages:1\n")
    assert text.index("COPY lab") < text.index("COPY model") < text.index("USER 65534:65534")
    assert fingerprint(model_folder) in text


def test_archive_is_the_same_for_the_same_files():
    files = {"a": b"1", "b/c": b"2"}
    assert archive(files) == archive(dict(files))
    with tarfile.open(fileobj=io.BytesIO(archive(files))) as tar:
        assert [(entry.name, entry.mtime, entry.mode) for entry in tar] == [
            ("a", 0, 0o644),
            ("b/c", 0, 0o644),
        ]


@pytest.mark.parametrize("base", ["", "-rf", "a b", "x\nRUN curl evil", "Python:3", "$(id)"])
def test_base_that_is_no_image_name_is_refused(base):
    with pytest.raises(BadInput, match="not an image name"):
        packages_files(base, "sklearn")


def test_server_needs_no_other_file_and_no_heavy_library(tmp_path, model_folder):
    for name, content in program_files().items():
        place = tmp_path / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
    result = subprocess.run(
        [sys.executable, "-c", IMPORTED, str(model_folder)],
        env={"PYTHONPATH": str(tmp_path), "PATH": os.environ["PATH"], "HOME": str(tmp_path)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=550,
    )
    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout) == []


def test_program_is_the_server_and_little_else():
    names = set(program_files())
    assert {"lab/__init__.py", "lab/core/errors.py", "lab/mlops/serving/server.py"} <= names
    parts = ("flows", "tracking", "world", "data", "ui", "learn", "plots", "drift", "store")
    assert not [name for name in names if any(part in name for part in parts)]
    assert len(names) < 30
