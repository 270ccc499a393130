"""What is tidied when the app starts: half-done loads, stuck runs, old job folders."""

import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from lab.core.jobs import Jobs
from lab.core.progress import Progress, Steps
from lab.core.workspace import Workspace

KEPT_JOBS = 200
# Saving a model takes seconds; what is this old was left by a process that is gone.
ABANDONED_SECONDS = 3600.0


@dataclass(frozen=True)
class Tidied:
    """How much was tidied away."""

    loads: int
    uploads: int
    jobs: int
    runs: int
    endpoints: int


def tidy(ws: Workspace) -> Steps[Tidied]:
    """Remove what a crash left behind; safe at any time, also while others work.

    Args:
        ws: The workspace.

    Returns:
        Counts of what was removed or closed.
    """
    yield Progress(0, 4, "Looking for half-done loads")
    loads = ws.store.sweep()
    uploads = 0
    for part in ws.uploads.glob("*.part"):
        part.unlink(missing_ok=True)
        uploads += 1
    for path in _abandoned(ws):
        _remove(path)
    yield Progress(1, 4, "Looking for old jobs")
    old = [job for job in Jobs(ws).all()[KEPT_JOBS:] if not job.active]
    for job in old:
        # Out of sight in one step: a page that lists jobs never meets half a folder.
        shutil.rmtree((ws.jobs / job.id).rename(ws.staging / job.id))
    yield Progress(2, 4, "Looking for launches that were cut off")
    from lab.flows import endpoints

    cut_off = endpoints.tidy(ws)
    yield Progress(3, 4, "Looking for stuck runs")
    from lab.mlops.tracking import sweep

    return Tidied(loads, uploads, len(old), sweep(ws), cut_off)


def _abandoned(ws: Workspace) -> Iterator[Path]:
    """What nobody works on any more, by its age: half-written models, copies, spilled rows.

    The files of loads have locks, and are the store's to sweep.
    """
    oldest = time.time() - ABANDONED_SECONDS
    for path in ws.staging.iterdir():
        if path.suffix == ".spill" or path.with_name(f"{path.name.split('.')[0]}.lock").exists():
            continue
        with suppress(FileNotFoundError):  # whoever made it has just taken it away
            if path.stat().st_mtime < oldest:
                yield path


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
