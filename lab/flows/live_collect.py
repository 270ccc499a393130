"""What a live world shows, collected into the workspace: metrics by scraping, events by cursor."""

import logging
import threading
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from lab.core.errors import LabError
from lab.core.progress import Progress, Steps
from lab.core.schemas import LIVE_CURSORS, TABLES
from lab.core.sql import write_rows
from lab.core.workspace import Workspace
from lab.data.scrape import scrape_all
from lab.flows.live_config import world_targets
from lab.flows.live_steer import ask
from lab.flows.live_world import LiveWorld, world_of
from lab.flows.scrape_landing import Landing

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

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
        self.events: dict[str, int] = {}
        self.missed: dict[str, int] = {}

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
        self.landing.land(scrape_all(targets, time.time_ns() // 1_000_000))
        self.reached = reached
        for table in about["streams"]:
            self._drain(table)
        return self.so_far()

    def so_far(self) -> Collected:
        """The counts of all rounds so far."""
        return Collected(self.world.world, self.landing.loaded, self.events, self.missed)

    def _drain(self, table: str) -> None:
        while table in TABLES:
            cursor = _cursor(self.ws, self.world, table)
            batch = ask(self.ws, f"/events/{table}", since=cursor)
            if batch["world"] != self.world.world or batch["cursor"] == cursor:
                return
            rows = _rows(batch["events"], table, self.world.world)
            self.ws.store.change(partial(_land, table, rows, self.world.world, batch["cursor"]))
            self.events[table] = self.events.get(table, 0) + len(rows)
            self.missed[table] = self.missed.get(table, 0) + batch["missed"]


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
            min(spent, seconds), seconds, f"{found.samples:,} samples of {found.dataset}"
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
    collector = Collector(ws)
    while not stopping.wait(EVERY_SECONDS):
        try:
            collector.collect()
        except LabError as error:
            LOG.warning("this round was not collected: %s", error)


def _cursor(ws: Workspace, world: LiveWorld, table: str) -> int:
    if not ws.store.has(LIVE_CURSORS.name):
        return 0
    found = ws.store.rows(
        "SELECT read_to FROM live_cursors WHERE world = ? AND stream = ?", [world.world, table]
    )
    return int(found[0][0]) if found else 0


def _rows(events: list[dict[str, Any]], table: str, dataset: str) -> "pd.DataFrame":
    import pandas as pd

    declared = TABLES[table]
    rows = pd.DataFrame(events, columns=[name for name in declared.names if name != "dataset"])
    if "dataset" in declared.names:
        rows["dataset"] = dataset
    for column in declared.columns:
        if column.type == "TIMESTAMPTZ":
            rows[column.name] = pd.to_datetime(rows[column.name], utc=True, format="ISO8601")
    return rows


def _land(
    table: str, rows: "pd.DataFrame", world: str, read_to: int, shared: "duckdb.DuckDBPyConnection"
) -> None:
    """Rows and cursor in one change: each event lands once, whatever breaks off."""
    import pandas as pd

    write_rows(shared, table, rows, "upsert" if TABLES[table].key else "append")
    read = {"world": world, "stream": table, "read_to": read_to}
    write_rows(shared, LIVE_CURSORS.name, pd.DataFrame([read]), "upsert")
