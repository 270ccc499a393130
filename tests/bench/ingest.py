"""Loading a clean CSV of 1 GB, beside DuckDB's own reading of the same file.

Run it with ``.venv/bin/python -m tests.bench.ingest``; sizes and rounds may follow. The peer is
``CREATE TABLE AS SELECT * FROM read_csv`` into a fresh DuckDB file. Ours ends with the checked
table in a fresh workspace, with its counts, hashes and record. Both run in turn, each in a
process of its own with the machine to itself; one more load has another process reading from the
workspace meanwhile.
"""

import json
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from lab.core.workspace import open_workspace
from tests.bench.measure import record, row

COMMAND = ".venv/bin/python -m tests.bench.ingest"
ROWS = 10_450_000
HOSTS = 50
NOTES = ("ok", "slow answer", "queue is long", "cache miss", "restarted", "")
PEER = """
import duckdb, sys
duckdb.connect(sys.argv[2]).execute("CREATE TABLE t AS SELECT * FROM read_csv(?)", [sys.argv[1]])
"""
OURS = """
import sys
from lab.core.progress import drain
from lab.core.workspace import open_workspace
from lab.flows.ingest import ingest
done = drain(ingest(open_workspace(sys.argv[2]), sys.argv[1], {"kind": "table", "dataset": "t"}))
assert done.rows_rejected == 0 and done.rows_loaded == int(sys.argv[3]), done
"""
TIMED = """
import json, resource, time
began = time.perf_counter()
{work}
used = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps([time.perf_counter() - began, used.ru_utime + used.ru_stime,
                  used.ru_maxrss / 1024]))
"""


def make(path: Path, rows: int) -> None:
    """Write metrics-like rows: a time, a host, eight numbers, and a text that may be empty."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.csv as csv

    rng, block, writer = np.random.default_rng(7), 200_000, None
    names = np.array([f"host-{i:02d}" for i in range(HOSTS)])
    with pa.OSFile(str(path), "wb") as stream:
        for at in range(0, rows, block):
            place = np.arange(at, min(at + block, rows))
            seconds = (place // HOSTS).astype("timedelta64[s]")
            times = np.datetime_as_string(np.datetime64("2026-01-01T00:00:00", "s") + seconds)
            columns = {"timestamp": np.char.add(times, "Z"), "host": names[place % HOSTS]}
            for k in range(1, 9):
                columns[f"metric_{k}"] = np.round(rng.gamma(2, 10 * k, len(place)), 4)
            columns["note"] = np.array(NOTES)[rng.integers(0, len(NOTES), len(place))]
            table = pa.table(columns)
            options = csv.WriteOptions(quoting_style="none")
            writer = writer or csv.CSVWriter(stream, table.schema, write_options=options)
            writer.write(table)


def run(code: str, *args: object) -> list[float]:
    """Wall seconds, processor seconds and peak memory in MB of a process of its own."""
    argv = [sys.executable, "-c", TIMED.format(work=code), *map(str, args)]
    found = subprocess.run(argv, check=True, capture_output=True, text=True)
    return list(json.loads(found.stdout.splitlines()[-1]))


def answering(root: Path, stop: threading.Event, taken: list[float]) -> None:
    """Read a little from the workspace every 50 ms, as a page does."""
    store = open_workspace(root).store
    while not stop.wait(0.05):
        began = time.perf_counter()
        store.rows("SELECT count(*) FROM small")
        taken.append(time.perf_counter() - began)


def ours(path: Path, root: Path, rows: int, code: str = OURS) -> list[float]:
    """One load into a fresh workspace."""
    open_workspace(root)
    return run(code, path, root, rows)


def read_meanwhile(path: Path, root: Path, rows: int) -> list[float]:
    """Seconds that reads of somebody else take while a load goes on, sorted."""
    taken: list[float] = []
    open_workspace(root).store.execute("CREATE TABLE small AS SELECT 1 AS a")
    stop = threading.Event()
    reader = threading.Thread(target=answering, args=(root, stop, taken))
    reader.start()
    try:
        run(OURS, path, root, rows)
    finally:
        stop.set()
        reader.join()
    return sorted(taken)


def main() -> None:
    """Measure in turn and write it down."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name)
        path = folder / "metrics.csv"
        make(path, rows)
        found: dict[str, list[list[float]]] = {"peer": [], "ours": []}
        for number in range(rounds):
            found["peer"].append(run(PEER, path, folder / f"{number}.duckdb"))
            found["ours"].append(ours(path, folder / str(number), rows))
            (folder / f"{number}.duckdb").unlink()
            print(number, found["peer"][-1], found["ours"][-1], flush=True)
        wall, cpu, memory = ([_median(one, k) for one in found.values()] for k in range(3))
        size = f"{path.stat().st_size / 1e9:.2f} GB of clean CSV"
        waits = read_meanwhile(path, folder / "read", rows)
        record("Loading", COMMAND, [
            row(f"{size}, wall time", wall[1], "`CREATE TABLE AS` from `read_csv`", wall[0]),
            row("the same, processor time", cpu[1], "the same", cpu[0]),
            row("the same, peak memory", memory[1], "the same", memory[0], "MB"),
            row("a read by another process meanwhile, 95th percentile",
                waits[int(0.95 * len(waits))], "the median of those reads",
                waits[len(waits) // 2]),
        ])  # fmt: skip


def _median(runs: list[list[float]], place: int) -> float:
    return sorted(one[place] for one in runs)[len(runs) // 2]


if __name__ == "__main__":
    main()
