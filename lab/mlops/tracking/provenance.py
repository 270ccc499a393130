"""Where a run's code and data came from."""

import json
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from lab.mlops.tracking.engine import translated
from lab.mlops.tracking.run import Run

if TYPE_CHECKING:
    import pandas as pd

COMMIT = "mlflow.source.git.commit"  # the name MLflow's own UI shows
DIRTY = "lab.git_dirty"


def git_tags(folder: Path) -> dict[str, str]:
    """The commit a folder stands at; empty outside a git repository or without git.

    Args:
        folder: Any folder in the repository.

    Returns:
        Tags with the commit and whether tracked files were changed since.
    """
    argv = ["git", "describe", "--always", "--abbrev=40", "--dirty", "--exclude=*"]
    try:
        done = subprocess.run(
            argv, cwd=folder, capture_output=True, text=True, timeout=10, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return {}
    if done.returncode:
        return {}
    commit, _, dirty = done.stdout.strip().partition("-")
    return {COMMIT: commit, DIRTY: str(bool(dirty)).lower()}


def log_dataset(
    run: Run, table: "pd.DataFrame", *, name: str, target: str, source: str, sha256: str
) -> None:
    """Say which rows a run learned from.

    Args:
        run: The run.
        table: The rows; only their schema and size are stored.
        name: Name of the table.
        target: Column that was predicted.
        source: Where the snapshot of the rows lies.
        sha256: Its hash; the first 32 digits become MLflow's digest.
    """
    from mlflow.entities import Dataset, DatasetInput, InputTag

    # Built by hand: MLflow's from_pandas warns about every integer column and about our source.
    columns = [{"name": c, "type": _kind(table[c]), "required": True} for c in table.columns]
    dataset = Dataset(
        name=name,
        digest=sha256[:32],
        source_type="local",
        source=json.dumps({"uri": source}),
        schema=json.dumps({"mlflow_colspec": columns}),
        profile=json.dumps({"num_rows": len(table), "num_elements": int(table.size)}),
    )
    tags = [
        InputTag("mlflow.data.context", "training"),
        InputTag("lab.sha256", sha256),
        InputTag("lab.target", target),
    ]
    with translated("Logging the data set"):
        run.client.log_inputs(run.run_id, [DatasetInput(dataset, tags)])


def _kind(column: "pd.Series") -> str:
    from pandas.api import types

    kinds = {
        "boolean": types.is_bool_dtype,
        "long": types.is_integer_dtype,
        "double": types.is_float_dtype,
        "datetime": types.is_datetime64_any_dtype,
    }
    return next((kind for kind, fits in kinds.items() if fits(column)), "string")
