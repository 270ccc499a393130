"""The live world of a workspace: started once, found again, steered, and ended.

Its time lies some hours back at the start and runs fast until it has caught up with the wall clock
(``lab.world.live.pace``), so that Prometheus takes its samples and logs, alerts and changes agree
with them. Where it answers lies in ``state/live`` of the workspace.
"""

import json
import time
from dataclasses import dataclass
from pathlib import Path

from lab.core.errors import Busy, NotFound, Unavailable
from lab.core.process import Child, answers, python, start
from lab.core.progress import Progress, Steps
from lab.core.workspace import Workspace

# The app ends every child noted in the state folder; a world started by hand is not noted there.
OURS = "live-world.json"
NOTE = "world.json"
START_SECONDS = 120.0


@dataclass(frozen=True)
class LiveWorld:
    """A live world that runs.

    Args:
        world: Its name; also the data set its samples go into.
        url: Where it answers.
        pid: Its process.
        started: When that process began, seconds since 1970.
        prometheus_config: A Prometheus configuration that scrapes it.
    """

    world: str
    url: str
    pid: int
    started: float
    prometheus_config: str

    @property
    def child(self) -> Child:
        """Its process."""
        return Child(self.pid, self.started)


def folder(ws: Workspace) -> Path:
    """Where a live world leaves what is needed to find it."""
    path = ws.state / "live"
    path.mkdir(exist_ok=True, mode=0o700)
    return path


def running_world(ws: Workspace) -> LiveWorld | None:
    """The live world of the workspace; None when there is none."""
    try:
        world = LiveWorld(**json.loads((folder(ws) / NOTE).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
    return world if world.child.alive else None


def world_of(ws: Workspace) -> LiveWorld:
    """The live world of the workspace.

    Raises:
        NotFound: There is none.
    """
    world = running_world(ws)
    if world is None:
        raise NotFound("No live world runs here.", "Start one: python -m lab world live.")
    return world


def start_world(
    ws: Workspace,
    seed: int = 7,
    speed: float = 60.0,
    history_hours: float = 24.0,
    collect: bool = True,
) -> Steps[LiveWorld]:
    """Start a live world in a process of its own, which ends with the app.

    Args:
        ws: The workspace.
        seed: World seed, 0 or more.
        speed: World seconds in a second until it has caught up, 0 to 3600.
        history_hours: How far back it begins, 1 to 168.
        collect: Whether what it shows is collected into the workspace.

    Yields:
        Progress.

    Returns:
        The world, answering.

    Raises:
        Busy: One runs already; the message says where.
        Unavailable: It did not come up.
    """
    yield Progress(0, 2, "Opening the shop")
    refuse_second(ws)
    log = ws.logs / "live-world.log"
    argv = python(
        "lab", "world", "live", "--workspace", str(ws.root), "--seed", str(seed),
        "--speed", str(speed), "--history-hours", str(history_hours),
        "--collect" if collect else "--no-collect",
    )  # fmt: skip
    # Settings may hold passwords: they travel in the environment.
    child = start(argv, log, env=ws.settings.as_environment())
    child.save(ws.state / OURS)
    yield Progress(1, 2, "Living through its first hour")
    return _once_it_answers(ws, child, log)


def stop_world(ws: Workspace) -> str:
    """End the live world of the workspace.

    Args:
        ws: The workspace.

    Returns:
        What ended, in a sentence; there may have been none.
    """
    world = running_world(ws)
    if world is not None:
        world.child.stop()
    (ws.state / OURS).unlink(missing_ok=True)
    (folder(ws) / NOTE).unlink(missing_ok=True)
    return f"{world.world} has ended." if world else "No live world ran here."


def refuse_second(ws: Workspace) -> None:
    """Make sure that no live world runs in the workspace.

    Raises:
        Busy: One does; the message says where.
    """
    world = running_world(ws)
    if world is not None:
        raise Busy(
            f"A live world runs already: {world.world} at {world.url}, process {world.pid}.",
            "Use that one, or stop it: python -m lab world stop.",
        )


def _once_it_answers(ws: Workspace, child: Child, log: Path) -> LiveWorld:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and child.alive:
        world = running_world(ws)
        if world is not None and answers(f"{world.url}/health"):
            return world
        time.sleep(0.1)
    child.stop()
    said = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-1:]
    raise Unavailable(f"The live world did not come up. It said: {''.join(said)}", f"See {log}.")
