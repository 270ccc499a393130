"""Days of the simulated shop into DuckDB, against DuckDB loading the same rows from CSV.

Run it with ``.venv/bin/python -m tests.bench.world_batch [days]``. The CSV is written before
anything is measured. Ours makes the rows of every table, stages, lands and seals them; the peer
only loads them into a new database of the same tables. Both take turns, and the median counts.
"""

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import duckdb

from lab.core.progress import drain
from lab.core.schemas import TABLES
from lab.core.sql import literal, quoted
from lab.core.workspace import Workspace, open_workspace
from lab.flows.world import WorldSummary, batch
from tests.bench.measure import record, row

COMMAND = ".venv/bin/python -m tests.bench.world_batch"
RUNS = 3
# Otherwise an empty text would come back as nothing at all.
AS_TEXT = r"HEADER, NULLSTR '\N'"


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds by the clock and seconds of all CPUs that a piece of work takes."""
    began, used = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - began, time.process_time() - used


def ours(root: Path, days: int) -> tuple[Workspace, WorldSummary]:
    """Make and load the days in a fresh workspace."""
    ws = open_workspace(root)
    return ws, drain(batch(ws, days))


def write_csv(ws: Workspace, summary: WorldSummary, folder: Path) -> list[Path]:
    """Write the rows that were made as CSV, a file for each table."""
    files = [folder / f"{table}.csv" for table in summary.rows]
    with ws.store.connect() as connection:
        for file in files:
            connection.execute(f"COPY {quoted(file.stem)} TO {literal(str(file))} ({AS_TEXT})")
    return files


def theirs(files: list[Path], path: Path) -> None:
    """Load the CSV into a new database."""
    with duckdb.connect(str(path), config={"memory_limit": "1024MB"}) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        for file in files:
            connection.execute(TABLES[file.stem].ddl())
            connection.execute(f"COPY {quoted(file.stem)} FROM {literal(str(file))} ({AS_TEXT})")


def main(days: int) -> None:
    """Measure and write it down."""
    mine, peer = [], []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        ws, summary = ours(folder / "first", days)
        files = write_csv(ws, summary, folder)
        size = sum(file.stat().st_size for file in files)
        for number in range(RUNS):
            place = folder / f"ours-{number}"
            mine.append(timed(lambda place=place: ours(place, days)))  # type: ignore[misc]
            place = folder / f"peer-{number}.duckdb"
            peer.append(timed(lambda place=place: theirs(files, place)))  # type: ignore[misc]
    for seconds in zip(mine, peer, strict=True):
        print("ours {:.2f} s (CPU {:.2f}), peer {:.2f} s (CPU {:.2f})".format(*sum(seconds, ())))
    what = f"make and load {days} days, {sum(summary.rows.values()):,} rows"
    against = f"DuckDB loads them from CSV ({size / 1e9:.1f} GB)"
    clocks = ("", ", CPU seconds")
    figures = [
        row(what + clock, median(s[i] for s in mine), against, median(s[i] for s in peer))
        for i, clock in enumerate(clocks)
    ]
    record("Days of the simulated shop", f"{COMMAND} {days}", figures)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 30)
