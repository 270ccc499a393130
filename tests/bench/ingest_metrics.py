"""Loading a wide CSV of 1 GB as metrics, beside DuckDB's own reading of the same file.

Run it with ``.venv/bin/python -m tests.bench.ingest_metrics``; rows and rounds may follow. Each of
the eight numbers of a row becomes a sample, so the file of ``tests.bench.ingest`` lands as eight
times as many rows, under 2,400 series. One peer reads the file into a table as it stands, the other
also turns it into such samples with ``UNPIVOT``, unordered and unchecked. Ours ends with checked
samples by series and time, counts, hashes, and what charts read of long series. All run in turn,
each in a process of its own.
"""

import sys
import tempfile
from pathlib import Path

from tests.bench.ingest import OURS, PEER, ROWS, make, ours, run
from tests.bench.measure import record, row

COMMAND = ".venv/bin/python -m tests.bench.ingest_metrics"
UNPIVOT = """
import duckdb, sys
connection = duckdb.connect(sys.argv[2])
connection.execute('''
    CREATE TABLE t AS SELECT 't' AS dataset, timestamp,
        concat(metric, '{host="', host, '",note="', note, '"}') AS series_id, value
    FROM (UNPIVOT (FROM read_csv($1)) ON COLUMNS('metric_.*') INTO NAME metric VALUE value)
''', [sys.argv[1]])
"""
METRICS = OURS.replace('"kind": "table"', '"kind": "metrics"')


def main() -> None:
    """Measure in turn and write it down."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name)
        path = folder / "metrics.csv"
        make(path, rows)
        found: dict[str, list[list[float]]] = {"read": [], "unpivot": [], "ours": []}
        for number in range(rounds):
            for peer, code in (("read", PEER), ("unpivot", UNPIVOT)):
                database = folder / f"{peer}.duckdb"
                found[peer].append(run(code, path, database))
                database.unlink()
            found["ours"].append(ours(path, folder / str(number), rows, METRICS))
            print(number, *(runs[-1] for runs in found.values()), flush=True)
        size = f"{path.stat().st_size / 1e9:.2f} GB, {8 * rows:,} samples"
        _record(size, " ".join([COMMAND, *sys.argv[1:]]), found)


def _record(size: str, command: str, found: dict[str, list[list[float]]]) -> None:
    peers = {"read": "`CREATE TABLE AS` from `read_csv`", "unpivot": "the same, with `UNPIVOT`"}
    lines = []
    for place, what, unit in ((0, "wall time", "s"), (1, "processor time", "s"),
                              (2, "peak memory", "MB")):  # fmt: skip
        middle = {
            name: sorted(one[place] for one in runs)[len(runs) // 2] for name, runs in found.items()
        }
        lines += [
            row(f"{size}, {what}", middle["ours"], said, middle[peer], unit)
            for peer, said in peers.items()
        ]
    record("Loading metrics", command, lines)


if __name__ == "__main__":
    main()
