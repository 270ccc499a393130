"""What is tidied when the app starts: half-done loads, stuck runs, old job folders."""

import shutil
from dataclasses import dataclass

from lab.core.jobs import Jobs
from lab.core.progress import Progress, Steps
from lab.core.workspace import Workspace

KEPT_JOBS = 200


@dataclass(frozen=True)
class Tidied:
    """How much was tidied away."""

    loads: int
    uploads: int
    jobs: int
    runs: int


def tidy(ws: Workspace) -> Steps[Tidied]:
    """Remove what a crash left behind; safe at any time, also while others work.

    Args:
        ws: The workspace.

    Returns:
        Counts of what was removed or closed.
    """
    yield Progress(0, 3, "Looking for half-done loads")
    loads = ws.store.sweep()
    uploads = 0
    for part in ws.uploads.glob("*.part"):
        part.unlink(missing_ok=True)
        uploads += 1
    yield Progress(1, 3, "Looking for old jobs")
    old = [job for job in Jobs(ws).all()[KEPT_JOBS:] if not job.active]
    for job in old:
        shutil.rmtree(ws.jobs / job.id)
    yield Progress(2, 3, "Looking for stuck runs")
    from lab.mlops.tracking import sweep

    return Tidied(loads, uploads, len(old), sweep(ws))
