"""Who refers to a snapshot: training runs, contracts and recipes."""

import re
from collections.abc import Iterator

from lab.core.workspace import Workspace

SHA256 = re.compile(r"\b[0-9a-f]{64}\b")
# Folders of small texts that may name a snapshot.
TEXTS = ("contracts", "recipes")


def uses(ws: Workspace) -> dict[str, tuple[str, ...]]:
    """What refers to each snapshot.

    Args:
        ws: The workspace.

    Returns:
        By id, the names of what refers to it; snapshots nothing refers to are absent.

    Raises:
        Unavailable: MLflow cannot be asked.
    """
    found: dict[str, list[str]] = {}
    for sha256, name in (*_runs(ws), *_texts(ws)):
        found.setdefault(sha256, []).append(name)
    return {sha256: tuple(sorted(set(names))) for sha256, names in found.items()}


def _runs(ws: Workspace) -> Iterator[tuple[str, str]]:
    from lab.flows.trained_run import SHA256 as TAG
    from lab.mlops.tracking.engine import translated
    from lab.mlops.tracking.experiments import experiment_ids

    where = experiment_ids(ws)
    if not where:
        return
    from mlflow.entities import ViewType

    from lab.mlops.tracking import client

    token: str | None = None
    while True:
        with translated("Listing the runs"):
            # Deleted ones too: MLflow can bring them back.
            page = client(ws).search_runs(
                where, "", run_view_type=ViewType.ALL, max_results=1000, page_token=token
            )
        for run in page:
            if sha256 := run.data.tags.get(TAG):
                yield sha256, f"run {run.info.run_id[:8]}"
        token = page.token
        if not token:
            return


def _texts(ws: Workspace) -> Iterator[tuple[str, str]]:
    for folder in TEXTS:
        for path in sorted(ws.folder(folder).iterdir()):
            if path.suffix in (".yaml", ".json"):
                for sha256 in SHA256.findall(path.read_text(encoding="utf-8")):
                    yield sha256, f"{folder.removesuffix('s')} {path.stem}"
