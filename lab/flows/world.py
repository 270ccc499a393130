"""The simulated shop as tables: days of it, made and landed whole or not at all."""

import json
import uuid
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from lab.core.errors import BadInput
from lab.core.growing import State, copied, take_over
from lab.core.names import checked_name
from lab.core.progress import Progress, Steps
from lab.core.schemas import INCIDENTS, LOADS, OBSERVATIONS, ROLLUPS
from lab.core.sql import write_rows
from lab.core.words import grouped
from lab.core.workspace import Workspace
from lab.data.generated import Generated, adopt_generated, land_generated, make_room
from lab.data.staging import staged_database
from lab.flows.world_incidents import MOST_INCIDENTS, drawn, incident_rows
from lab.flows.world_truth import seal

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

    from lab.world.faults.fault import Incident
    from lab.world.lenses.samples import Series
    from lab.world.shop.run import ShopRun
    from lab.world.shop.simulate import Shop

Lens = Callable[["ShopRun"], Mapping[str, "pd.DataFrame"]]
# What one lens shows of some days, and how it is written down.
Piece: TypeAlias = tuple[range, Callable[[Generated], None]]

DAY_MINUTES = 1440
STRETCH_DAYS = 3  # made and staged at a time, so that memory does not grow with the days
PIECES_AHEAD = 6  # less than a stretch
MOST_DAYS = 400
DAY_BYTES = 20_000_000  # staged and landed
MOST_COPIED = 2_000_000_000


@dataclass(frozen=True)
class WorldSummary:
    """What was made.

    Args:
        load_id: Its id in table ``loads``.
        dataset: Name of the data set.
        seed: World seed.
        start: First moment, ISO 8601.
        end: First moment after.
        series: Series of metrics.
        rows: Rows by table.
        incidents: Incidents that struck.
        sha256: Hash of the metrics; the same seed, start and incidents give the same.
    """

    load_id: str
    dataset: str
    seed: int
    start: str
    end: str
    series: int
    rows: dict[str, int]
    incidents: int
    sha256: str


def lenses() -> tuple[Lens, ...]:
    """Return everything that looks at the shop besides its metrics, new for each batch.

    A lens is called with each stretch in turn and gives rows by table; it may remember what
    came before.
    """
    from lab.world.lenses.tables import business, operations

    return (*operations(), *business())


def batch(
    ws: Workspace,
    days: int = 30,
    seed: int = 7,
    start: str = "2026-03-02T00:00Z",
    *,
    incidents: int = 6,
    sealed: bool = False,
    dataset: str = "shop",
) -> Steps[WorldSummary]:
    """Make days of the simulated shop and load them as tables.

    Metrics go to observations and series; logs, spans, alerts, changes, orders, their labels and
    daily sales to tables of those names. Incidents strike in the second half of the time; the
    same call with no incidents gives the twin, whose background is the same. Labels of orders
    that come after the last day stay unknown, as they would be then.

    Args:
        ws: The workspace.
        days: How many, 1 to 400.
        seed: World seed, 0 or more.
        start: First moment as ISO 8601 with a time zone.
        incidents: How many strike, 0 to 60.
        sealed: Keep what struck only in the sealed truth, not in table ``incidents``.
        dataset: Name of the data set; what has that name is replaced.

    Yields:
        Progress.

    Returns:
        What was made.

    Raises:
        BadInput: An argument is out of range; nothing is loaded.
        Busy: Somebody else held the database all the time; nothing is loaded.
    """
    from lab.world.shop.simulate import Shop

    _check(days, incidents)
    dataset, shop = checked_name(dataset.strip(), "data set name"), Shop(seed, start)
    struck = drawn(seed, shop.start.to_pydatetime(), days, incidents)
    ws.need_space(days * DAY_BYTES)
    ws.store.sweep()
    with ws.store.stage() as path:
        state = _beside(ws, path, days)
        with staged_database(ws, path, path) as connection:
            made = Generated(connection, dataset)
            yield from _stage(made, shop, days, struck)
            made.add_rows(INCIDENTS.name, incident_rows(() if sealed else struck))
            made.finish()
            summary = _summary(made, shop, days, len(struck))
            if state:
                _note(connection, summary)
        yield Progress(days, days + 1, f"Landing {grouped(sum(made.rows.values()))} rows")
        _land(ws, path, state, made, summary)
    seal(ws, dataset, struck)
    return summary


def _check(days: int, incidents: int) -> None:
    if not 1 <= days <= MOST_DAYS:
        raise BadInput(f"Days must be 1 to {MOST_DAYS}, got {days}.", "Choose fewer or more.")
    if not 0 <= incidents <= MOST_INCIDENTS:
        raise BadInput(
            f"Incidents must be 0 to {MOST_INCIDENTS}, got {incidents}.", "Choose another number."
        )


def _stage(made: Generated, shop: "Shop", days: int, struck: "Sequence[Incident]") -> Steps[None]:
    yield Progress(0, days + 1, "Opening the shop")
    for lived, write in _ahead(_pieces(shop, days, struck)):
        yield Progress(lived.start, days + 1, f"Days {lived.start + 1} to {lived.stop}")
        write(made)


def _pieces(shop: "Shop", days: int, struck: "Sequence[Incident]") -> Iterator[Piece]:
    """Live on for some days at a time, and look through every lens."""
    from lab.world.lenses.metrics import Totals, series

    totals, others = Totals(), lenses()
    for first in range(0, days, STRETCH_DAYS):
        lived = range(first, min(first + STRETCH_DAYS, days))
        run = shop.advance(len(lived) * DAY_MINUTES, struck)
        yield lived, partial(_add_samples, run.times, series(run, totals))
        for look in others:
            for table, frame in look(run).items():
                yield lived, partial(Generated.add_rows, table=table, frame=frame)


def _add_samples(times: "pd.DatetimeIndex", samples: "list[Series]", made: Generated) -> None:
    # A scrape at the end of a minute carries the time of that moment.
    scraped = (times + timedelta(minutes=1)).as_unit("us").asi8
    made.add_samples(scraped, [(one.metric, one.labels, one.values) for one in samples])


def _ahead(pieces: Iterator[Piece]) -> Iterator[Piece]:
    """Make the next pieces while earlier ones are being written down."""
    hand = ThreadPoolExecutor(1)
    try:
        waiting = deque(hand.submit(next, pieces, None) for _ in range(PIECES_AHEAD))
        while (piece := waiting.popleft().result()) is not None:
            waiting.append(hand.submit(next, pieces, None))
            yield piece
    finally:
        hand.shutdown(cancel_futures=True)


def _summary(made: Generated, shop: "Shop", days: int, incidents: int) -> WorldSummary:
    start = shop.start.to_pydatetime()
    end = start + timedelta(days=days)
    return WorldSummary(
        uuid.uuid4().hex[:12], made.dataset, shop.seed, start.isoformat(), end.isoformat(),
        len(made.met), dict(made.rows), incidents, made.sha256,
    )  # fmt: skip


def _beside(ws: Workspace, path: Path, days: int) -> State | None:
    """Stage in a copy of the database where it has samples already and is not too large."""
    if not ws.store.has(OBSERVATIONS.name):
        return None
    # The space that was asked for has room for so much; and everyone waits while it is copied.
    return copied(ws.store, path, min(days * DAY_BYTES * 3 // 2, MOST_COPIED))


def _land(
    ws: Workspace, path: Path, state: State | None, made: Generated, summary: WorldSummary
) -> None:
    def note(connection: "duckdb.DuckDBPyConnection") -> None:
        write_rows(connection, LOADS.name, _record(summary))

    def landing(connection: "duckdb.DuckDBPyConnection") -> None:
        land_generated(connection, made.dataset, list(made.rows))
        note(connection)

    if state:
        landed = take_over(ws.store, path, state)
    else:
        landed = adopt_generated(ws.store, path, list(made.rows), note)
    if not landed:
        ws.store.publish(path, {}, landing)


def _note(connection: "duckdb.DuckDBPyConnection", summary: WorldSummary) -> None:
    """Write down in the copy what was loaded, and forget what charts knew of the data set."""
    make_room(connection, summary.dataset, ROLLUPS.name)
    write_rows(connection, LOADS.name, _record(summary))


def _record(summary: WorldSummary) -> "pd.DataFrame":
    import pandas as pd

    rows = sum(summary.rows.values())
    record = {
        "load_id": summary.load_id, "loaded_at": datetime.now(UTC), "dataset": summary.dataset,
        "kind": "metrics", "source": f"shop:{summary.seed}", "sha256": summary.sha256,
        "rows_read": rows, "rows_loaded": rows, "rows_rejected": 0,
        "mapping": json.dumps(asdict(summary)),
    }  # fmt: skip
    return pd.DataFrame([record])
