"""Registered versions: which there are, who is champion, and its verified files on this machine."""

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from lab.core.errors import BadInput, NotFound
from lab.core.names import inside
from lab.core.workspace import Workspace
from lab.flows.runs import model_title
from lab.flows.trained_run import FINGERPRINT, MODEL_FOLDER

if TYPE_CHECKING:
    from lab.mlops.tracking.registry import Version

NAME = "shop-sales"
CHAMPION = "champion"


@dataclass(frozen=True)
class ModelVersion:
    """A registered version whose files are on this machine and verified.

    Args:
        name: Registered name.
        version: Its number as text.
        run_id: Run that made it.
        folder: Its model folder, the version written into its manifest; see
            ``lab.mlops.models.artifact.load_model``.
    """

    name: str
    version: str
    run_id: str
    folder: str


def champion(ws: Workspace, name: str = NAME) -> ModelVersion:
    """The present champion, its files on this machine and verified.

    Args:
        ws: The workspace.
        name: Registered name.

    Returns:
        Its version, the run that made it and the folder of its files.

    Raises:
        NotFound: There is none.
        BadInput: Its files are not those that were registered.
    """
    number = champion_number(ws, name)
    if number is None:
        raise NotFound(f"{name} has no champion.", "Train a model and register it first.")
    return model_version(ws, name, number)


def model_version(ws: Workspace, name: str, version: str) -> ModelVersion:
    """One version, its files on this machine and verified.

    Raises:
        NotFound: It does not exist.
        BadInput: It was not registered by the lab, or its files are not those registered.
    """
    from lab.mlops.tracking import registry

    found = registry.version(ws, name, version)
    return ModelVersion(name, found.version, found.run_id, str(_folder(ws, found)))


def versions(ws: Workspace, name: str = NAME) -> pd.DataFrame:
    """Versions of a registered name, newest first.

    Args:
        ws: The workspace.
        name: Registered name.

    Returns:
        Columns ``version``, ``aliases``, ``model``, ``mae``, ``baseline_mae``, ``improvement``,
        ``created`` (UTC) and ``run_id``; empty when there is none.
    """
    from lab.mlops.tracking import client, registry
    from lab.mlops.tracking.engine import translated

    rows = []
    for found in registry.versions(ws, name):
        with translated(f"Reading version {found.version} of {name}"):
            data = client(ws).get_run(found.run_id).data
        scores = {key: data.metrics.get(key) for key in ("mae", "baseline_mae", "improvement")}
        rows.append({
            "version": found.version, "aliases": ", ".join(found.aliases),
            "model": model_title(data.params.get("model", "")), **scores,
            "created": found.created_ms, "run_id": found.run_id,
        })  # fmt: skip
    columns = ["version", "aliases", "model", "mae", "baseline_mae", "improvement", "created",
               "run_id"]  # fmt: skip
    table = pd.DataFrame(rows, columns=columns)
    table["created"] = pd.to_datetime(table["created"], unit="ms", utc=True).dt.as_unit("us")
    return table


def names(ws: Workspace) -> list[str]:
    """Registered names, sorted; empty when there is none."""
    from lab.mlops.tracking import registry

    return registry.names(ws)


def champion_number(ws: Workspace, name: str = NAME) -> str | None:
    """Which version is champion; ``None`` when there is none. Nothing is fetched or verified."""
    from lab.mlops.tracking import registry

    return registry.aliases(ws, name).get(CHAMPION)


def _folder(ws: Workspace, found: "Version") -> Path:
    """The version's own folder: its run's files, verified, with the version in the manifest."""
    from lab.mlops.models.artifact import stamp, verify_model
    from lab.mlops.tracking.artifacts import cached

    registered = found.tags.get(FINGERPRINT, "")
    if not registered:
        raise BadInput(
            f"Version {found.version} of {found.name} was not registered by the lab.",
            "Register its run on the Registry page: only verified models are loaded.",
        )
    source = cached(ws, found.run_id, MODEL_FOLDER)
    kept = verify_model(source, expected=registered)
    place = inside(ws.models, "registered", found.name, found.version)
    if not place.is_dir():
        with tempfile.TemporaryDirectory(dir=ws.staging) as scratch:
            copy = Path(scratch) / "model"
            shutil.copytree(source, copy)
            stamp(copy, found.version, found.run_id, name=found.name)
            place.parent.mkdir(parents=True, exist_ok=True)
            try:
                copy.rename(place)
            except OSError:  # another process was faster; its copy is verified below
                if not place.is_dir():
                    raise
    if verify_model(place).files != kept.files:
        raise BadInput(
            f"{place} is not version {found.version} of {found.name}.",
            "Delete that folder; it is made again from the registered model.",
        )
    return place
