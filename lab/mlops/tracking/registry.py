"""Versions and aliases in MLflow's registry, as plain values."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from lab.core.errors import NotFound
from lab.core.workspace import Workspace
from lab.mlops.tracking.engine import translated
from lab.mlops.tracking.store import client, is_remote


@dataclass(frozen=True)
class Version:
    """One registered version.

    Args:
        name: Registered name.
        version: Its number as text, ``"1"`` and up.
        run_id: Run that made it.
        created_ms: When, milliseconds since 1970.
        aliases: Names that point at it now, such as ``champion``.
        tags: What was written beside it.
    """

    name: str
    version: str
    run_id: str
    created_ms: int
    aliases: tuple[str, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)


def aliases(ws: Workspace, name: str) -> dict[str, str]:
    """Which version each alias points at; empty when the name is not registered.

    Read from the registered model: MLflow's version search returns none.
    """
    if not is_remote(ws) and not ws.mlflow_database.exists():
        return {}
    try:
        with translated(f"Reading the aliases of {name}"):
            return {k: str(v) for k, v in client(ws).get_registered_model(name).aliases.items()}
    except NotFound:
        return {}


def names(ws: Workspace) -> list[str]:
    """Registered names, sorted."""
    if not is_remote(ws) and not ws.mlflow_database.exists():
        return []
    with translated("Reading the registry"):
        return sorted(model.name for model in client(ws).search_registered_models())


def versions(ws: Workspace, name: str) -> list[Version]:
    """Versions of a registered name, newest first; empty when there is none."""
    if name not in names(ws):
        return []
    pointing = aliases(ws, name)
    with translated(f"Reading the versions of {name}"):
        quote = '"' if "'" in name else "'"
        wanted = f"name = {quote}{name}{quote}"
        found = client(ws).search_model_versions(wanted, max_results=1000)
    listed = [
        Version(
            name,
            str(v.version),
            str(v.run_id),
            int(v.creation_timestamp),
            tuple(sorted(a for a, number in pointing.items() if number == str(v.version))),
            dict(v.tags),
        )
        for v in found
    ]
    return sorted(listed, key=lambda v: int(v.version), reverse=True)


def version(ws: Workspace, name: str, number: str) -> Version:
    """One version.

    Raises:
        NotFound: It does not exist.
    """
    for found in versions(ws, name):
        if found.version == str(number):
            return found
    raise NotFound(f"{name} has no version {number}.", "See the versions on the Registry page.")


def create_version(
    ws: Workspace, name: str, *, run_id: str, model_id: str, tags: Mapping[str, str]
) -> str:
    """Register the model of a run as a new version and return its number.

    Args:
        ws: The workspace.
        name: Registered name; made on first use.
        run_id: Run that made the model.
        model_id: MLflow's id of the logged model.
        tags: Written beside the version.
    """
    from mlflow.exceptions import MlflowException

    mlflow = client(ws)
    with translated(f"Registering {name}"):
        try:
            mlflow.create_registered_model(name)
        except MlflowException as error:
            if error.error_code != "RESOURCE_ALREADY_EXISTS":
                raise
        # A server resolves the id itself; in a file MLflow would look it up in whatever store is
        # the global one, so there the version names the place.
        source = (
            f"models:/{model_id}" if is_remote(ws)
            else mlflow.get_logged_model(model_id).artifact_location
        )  # fmt: skip
        made = mlflow.create_model_version(
            name, source, run_id=run_id, tags=dict(tags), model_id=model_id
        )
    return str(made.version)


def point(ws: Workspace, name: str, alias: str, number: str) -> None:
    """Let an alias point at a version."""
    with translated(f"Pointing {alias} at version {number} of {name}"):
        client(ws).set_registered_model_alias(name, alias, number)
