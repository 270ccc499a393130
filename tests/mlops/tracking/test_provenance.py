import json
import subprocess

import pandas as pd

from lab.mlops.tracking import client, track
from lab.mlops.tracking.provenance import COMMIT, DIRTY, git_tags, log_dataset


def test_the_rows_of_a_run_are_its_input(tracked):
    table = pd.DataFrame({
        "date": pd.to_datetime(["2026-01-01"]), "n": [1], "x": [0.5], "on": [True], "s": ["a"],
    })  # fmt: skip
    with track(tracked, "sales", "data") as run:
        log_dataset(run, table, name="sales", target="n", source="/snap.parquet", sha256="ab" * 32)
    logged = client(tracked).get_run(run.run_id).inputs.dataset_inputs[0]
    assert (logged.dataset.name, logged.dataset.digest) == ("sales", "ab" * 16)
    kinds = {c["name"]: c["type"] for c in json.loads(logged.dataset.schema)["mlflow_colspec"]}
    assert kinds == {
        "date": "datetime", "n": "long", "x": "double", "on": "boolean", "s": "string",
    }  # fmt: skip
    assert {t.key: t.value for t in logged.tags}["lab.sha256"] == "ab" * 32


def test_the_commit_of_a_repository_is_found_and_changes_are_told(tmp_path):
    assert git_tags(tmp_path) == {}

    def git(*words):
        names = ["-c", "user.name=a", "-c", "user.email=a@b"]
        subprocess.run(["git", *names, *words], cwd=tmp_path, check=True, capture_output=True)

    git("init")
    (tmp_path / "a.txt").write_text("one")
    git("add", "a.txt")
    git("commit", "-m", "one")
    clean = git_tags(tmp_path)
    assert len(clean[COMMIT]) == 40
    assert clean[DIRTY] == "false"
    (tmp_path / "a.txt").write_text("two")
    assert git_tags(tmp_path) == {**clean, DIRTY: "true"}
