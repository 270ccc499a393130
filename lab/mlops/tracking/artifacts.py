"""Files of a run on this machine: where they lie, or a copy fetched from the server."""

import shutil
import tempfile
from pathlib import Path

from lab.core.errors import NotFound
from lab.core.workspace import Workspace
from lab.mlops.tracking.engine import translated
from lab.mlops.tracking.store import client, is_remote, tracking_uri


def fetch(ws: Workspace, run_id: str, path: str, into: Path | None = None) -> Path:
    """A file or folder of a run as a local path.

    Args:
        ws: The workspace.
        run_id: The run.
        path: What in it, such as ``"lab_model"``.
        into: Folder for the copy of a remote one, or of a local one too when given.

    Returns:
        The path; read-only by agreement, since it may be the run's own file.

    Raises:
        NotFound: The run or the file does not exist.
    """
    from mlflow.artifacts import download_artifacts

    mlflow = client(ws)
    with translated(f"Fetching {path} of run {run_id}"):
        parent, _, name = path.rpartition("/")
        if name not in [Path(f.path).name for f in mlflow.list_artifacts(run_id, parent or None)]:
            raise NotFound(f"Run {run_id} holds no {path}.", "Train again, then choose that run.")
        uri = f"{mlflow.get_run(run_id).info.artifact_uri}/{path}"
        found = download_artifacts(
            artifact_uri=uri,
            dst_path=str(into) if into else None,
            tracking_uri=tracking_uri(ws),
            registry_uri=tracking_uri(ws),
        )
    return Path(found)


def cached(ws: Workspace, run_id: str, path: str) -> Path:
    """A folder of a run on this machine; one from a server is fetched at most once.

    Args:
        ws: The workspace; copies from a server are kept in its ``models`` folder, by run.
        run_id: The run, whose files never change once it has ended.
        path: A folder in it.

    Returns:
        The folder.
    """
    if not is_remote(ws):
        return fetch(ws, run_id, path)
    place = ws.models / run_id / path
    if place.is_dir():
        return place
    with tempfile.TemporaryDirectory(dir=ws.staging) as scratch:
        copy = fetch(ws, run_id, path, Path(scratch))
        place.parent.mkdir(parents=True, exist_ok=True)
        try:
            copy.rename(place)
        except OSError:  # another process was faster, or this is another file system
            if not place.is_dir():
                shutil.move(copy, place)
    return place
