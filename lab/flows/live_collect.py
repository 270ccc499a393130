"""What a live world shows, collected into the workspace: metrics by scraping, events by cursor."""

import logging
import threading
import time
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from lab.core.errors import LabError
from lab.core.progress import Progress, Steps
from lab.core.words import grouped
from lab.core.workspace import Workspace
from lab.data.scrape import Scraped, scrape_all
from lab.flows.live_config import world_targets
from lab.flows.live_events import EventReader
from lab.flows.live_steer import ask
from lab.flows.live_world import world_of
from lab.flows.scrape_landing import Landing

LOG = logging.getLogger("lab.live")
EVERY_SECONDS = 2.0
MOST_MINUTES = 60  # the world shows no more


@dataclass(frozen=True)
class Collected:
    """What was collected.

    Args:
        dataset: Data set it went into: the name of the world.
        samples: New samples.
        events: New rows by table.
        missed: Events that were gone before they were asked for, by table.
    """

    dataset: str
    samples: int
    events: dict[str, int]
    missed: dict[str, int]


class Collector:
    """Collects from one live world, round by round.

    Args:
        ws: The workspace.
    """

    def __init__(self, ws: Workspace) -> None:
        """Find the world.

        Raises:
            NotFound: No live world runs.
        """
        self.ws, self.world = ws, world_of(ws)
        self.landing = Landing(ws, self.world.world, f"live world {self.world.world}")
        self.reached: datetime | None = None
        self.events = EventReader(ws, self.world.world)

    def collect(self) -> Collected:
        """One round: every target once, and every event not seen yet.

        Returns:
            The counts of all rounds so far.

        Raises:
            Busy: Somebody held the database all the time; the next round takes it up.
            Unavailable: The world does not answer any more.
        """
        about = ask(self.ws, "/health")
        reached = datetime.fromisoformat(about["minute"])
        # As many minutes as went by, so that none is missed however fast the world runs.
        passed = (reached - self.reached) // timedelta(minutes=1) if self.reached else MOST_MINUTES
        targets = world_targets(self.world, max(1, min(passed + 1, MOST_MINUTES)))
        found = scrape_all(targets, time.time_ns() // 1_000_000)
        self.landing.land([_in_world_time(one, reached) for one in found])
        self.reached = reached
        self.events.read(about["streams"])
        return self.so_far()

    def so_far(self) -> Collected:
        """The counts of all rounds so far."""
        landed, missed = dict(self.events.landed), dict(self.events.missed)
        return Collected(self.world.world, self.landing.loaded, landed, missed)


def _in_world_time(one: Scraped, reached: datetime) -> Scraped:
    """Let ``up`` stand beside each sample it is about, not at the wall clock a day ahead."""
    up, *rows = one.rows
    times = {row.time_ms for row in rows} or {round(1000 * reached.timestamp())}
    return replace(one, rows=(*(replace(up, time_ms=time_ms) for time_ms in sorted(times)), *rows))


def collect(ws: Workspace, seconds: float = 60.0) -> Steps[Collected]:
    """Collect what the live world shows into the workspace, each sample and event once.

    Args:
        ws: The workspace.
        seconds: How long; 0 looks once.

    Yields:
        Progress.

    Returns:
        The counts.

    Raises:
        NotFound: No live world runs.
    """
    collector, began = Collector(ws), time.monotonic()
    while True:
        found = collector.collect()
        spent = time.monotonic() - began
        yield Progress(
            min(spent, seconds), seconds, f"{grouped(found.samples)} samples of {found.dataset}"
        )
        if spent + EVERY_SECONDS > seconds:
            return found
        time.sleep(EVERY_SECONDS)


def collect_until(ws: Workspace, stopping: threading.Event) -> None:
    """Collect until the world stops; a round that fails is taken up by the next.

    Args:
        ws: The workspace.
        stopping: Set when the world stops.
    """
    collector = None
    while not stopping.wait(EVERY_SECONDS):
        try:
            collector = collector or Collector(ws)
            collector.collect()
        except LabError as error:
            LOG.warning("this round was not collected: %s", error)
