"""What is tidied when the app starts: half-done loads, abandoned files, stuck runs."""

import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from lab.core.progress import Progress, Steps
from lab.core.workspace import Workspace

# Saving a model takes seconds; what is this old was left by a process that is gone.
ABANDONED_SECONDS = 3600.0


@dataclass(frozen=True)
class Tidied:
    """How much was tidied away."""

    loads: int
    abandoned: int
    runs: int
    endpoints: int


def tidy(ws: Workspace) -> Steps[Tidied]:
    """Remove what a crash left behind; safe at any time, also while others work.

    Args:
        ws: The workspace.

    Returns:
        Counts of what was removed or closed.
    """
    yield Progress(0, 3, "Looking for half-done loads")
    loads = ws.store.sweep()
    abandoned = list(_abandoned(ws))
    for path in abandoned:
        _remove(path)
    yield Progress(1, 3, "Looking for launches that were cut off")
    from lab.flows import endpoints

    cut_off = endpoints.tidy(ws)
    yield Progress(2, 3, "Looking for stuck runs")
    from lab.mlops.tracking import sweep

    return Tidied(loads, len(abandoned), sweep(ws), cut_off)


def _abandoned(ws: Workspace) -> Iterator[Path]:
    """What nobody works on any more, by its age: half-written models, copies, uploads.

    The files of loads have locks, and are the store's to sweep.
    """
    oldest = time.time() - ABANDONED_SECONDS
    for path in (*ws.staging.iterdir(), *ws.uploads.glob("*.part")):
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
