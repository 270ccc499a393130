"""Days of the simulated shop into DuckDB, against DuckDB loading the same rows from CSV.

Run it with ``.venv/bin/python -m tests.bench.world_batch [days]``. The CSV is written before
anything is measured. Ours makes the rows of every table, stages, lands and seals them; the peer
only loads them into a new database of the same tables. Both take turns, and the median counts.
A second world is put beside the first in the same database, by both.
"""

import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
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
TITLE = "Days of the simulated shop"
RUNS = 3
Seconds = tuple[float, float]  # by the clock, and of all CPUs
# Otherwise an empty text would come back as nothing at all.
AS_TEXT = r"HEADER, NULLSTR '\N'"


def timed(work: Callable[[], object]) -> Seconds:
    """Seconds by the clock and seconds of all CPUs that a piece of work takes."""
    began, used = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - began, time.process_time() - used


def ours(root: Path, days: int, dataset: str = "shop") -> tuple[Workspace, WorldSummary]:
    """Make and load the days in a workspace."""
    ws = open_workspace(root)
    return ws, drain(batch(ws, days, dataset=dataset))


def write_csv(ws: Workspace, summary: WorldSummary, folder: Path) -> list[Path]:
    """Write the rows that were made as CSV, a file for each table."""
    files = [folder / f"{table}.csv" for table in summary.rows]
    with ws.store.connect() as connection:
        for file in files:
            connection.execute(f"COPY {quoted(file.stem)} TO {literal(str(file))} ({AS_TEXT})")
    return files


def theirs(files: list[Path], path: Path) -> None:
    """Load the CSV into a database."""
    with duckdb.connect(str(path), config={"memory_limit": "1024MB"}) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        for file in files:
            connection.execute(TABLES[file.stem].ddl())
            connection.execute(f"COPY {quoted(file.stem)} FROM {literal(str(file))} ({AS_TEXT})")


def main(days: int) -> None:
    """Measure and write it down."""
    first: list[tuple[Seconds, Seconds]] = []
    second: list[tuple[Seconds, Seconds]] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        ws, summary = ours(folder / "made", days)
        files = write_csv(ws, summary, folder)
        size = sum(file.stat().st_size for file in files)
        for number in range(RUNS):
            root, path = folder / f"ours-{number}", folder / f"peer-{number}.duckdb"
            for taken, dataset in ((first, "shop"), (second, "other")):
                mine = timed(partial(ours, root, days, dataset))
                taken.append((mine, timed(partial(theirs, files, path))))
            shutil.rmtree(root)
            path.unlink()
    for mine, peer in (*first, *second):
        print(f"ours {mine[0]:.2f} s (CPU {mine[1]:.2f}), peer {peer[0]:.2f} s (CPU {peer[1]:.2f})")
    what = f"make and load {days} days, {sum(summary.rows.values()):,} rows"
    against = f"DuckDB loads them from CSV ({size / 1e9:.1f} GB)"
    for taken, title in ((first, TITLE), (second, f"{TITLE}, beside as many")):
        figures = [
            row(what + clock, median(mine[i] for mine, _ in taken), against,
                median(peer[i] for _, peer in taken))
            for i, clock in enumerate(("", ", CPU seconds"))
        ]  # fmt: skip
        record(title, f"{COMMAND} {days}", figures)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 30)
