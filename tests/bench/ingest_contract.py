"""Loading a clean CSV of 1 GB under a contract, beside the same load without one.

Run it with ``.venv/bin/python -m tests.bench.ingest_contract``; sizes and rounds may follow. The
other peer is DuckDB: ``CREATE TABLE AS SELECT * FROM read_csv`` and the same promises as SQL by
hand, in one aggregate and one ``GROUP BY``. All three run in turn, each in a process of its own.
"""

import sys
import tempfile
from pathlib import Path

from lab.core.progress import drain
from lab.core.workspace import open_workspace
from lab.flows.contracts import keep_contract
from lab.flows.ingest import ingest
from tests.bench.ingest import NOTES, OURS, ROWS, make, run
from tests.bench.measure import record, row

COMMAND = ".venv/bin/python -m tests.bench.ingest_contract"
# What drift is measured from.
REFERENCE_ROWS = 200_000
METRICS = [f"metric_{k}" for k in range(1, 9)]
CONTRACT = f"""
dataset: t
columns:
  timestamp: {{type: time, required: true, least: 2026-01-01}}
  host: {{type: text, required: true, pattern: "host-[0-9]{{2}}"}}
{"".join(f"  {m}: {{type: number, required: true, least: 0, most: 10000}}" + chr(10) for m in METRICS)}
  note: {{type: text, only: [{", ".join(filter(None, NOTES))}], complete: 0.8}}
unique: [[timestamp, host]]
rows: {{least: 1000}}
extra_columns: false
freshness: {{column: timestamp, within_days: 36500}}
drift: {{reference: before, columns: {{metric_1: {{method: psi}}, metric_8: {{method: psi}}}}}}
"""  # noqa: E501  # one line for each metric
# Uniqueness asks for a GROUP BY; PSI for shares between the deciles of the reference.
PEER = f"""
import duckdb, sys
path, place, reference = sys.argv[1:]
con = duckdb.connect(place)
con.execute("CREATE TABLE t AS SELECT * FROM read_csv(?)", [path])
con.execute("CREATE TABLE before AS SELECT * FROM read_csv(?)", [reference])
kinds = [row[1] for row in con.execute("DESCRIBE t").fetchall()]
assert kinds == ["TIMESTAMP WITH TIME ZONE", "VARCHAR", *["DOUBLE"] * 8, "VARCHAR"], kinds
bad = ["timestamp IS NULL OR timestamp < TIMESTAMPTZ '2026-01-01 00:00:00+00'",
       "host IS NULL OR NOT regexp_full_match(host, 'host-[0-9]{{2}}')",
       "note NOT IN {tuple(filter(None, NOTES))}"]
bad += [m + " IS NULL OR " + m + " < 0 OR " + m + " > 10000" for m in {METRICS}]
counts = ", ".join("count(*) FILTER (" + one + ")" for one in bad)
rows, filled, newest, *found = con.execute(
    "SELECT count(*), count(note), epoch(max(timestamp)), " + counts + " FROM t").fetchall()[0]
assert rows >= 1000 and filled >= 0.8 * rows and newest and not any(found), found
assert not con.execute("SELECT count(*) FROM (SELECT 1 FROM t GROUP BY timestamp, host "
                       "HAVING count(*) > 1)").fetchall()[0][0]
for m in ("metric_1", "metric_8"):
    ends = con.execute("SELECT quantile_cont(" + m + ", [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, "
                       "0.9]) FROM before").fetchall()[0][0]
    said = " + ".join("(x > " + str(end) + ")::INT" for end in ends)
    psi = con.execute("WITH s AS (SELECT " + said + " AS bin, count(*) AS n FROM (SELECT " + m +
        " AS x FROM t) GROUP BY 1) SELECT sum((n / ? - 0.1) * ln(n / ? / 0.1)) FROM s",
        [rows, rows]).fetchall()[0][0]
    assert abs(psi) < 0.1, psi
"""


def started(place: Path, reference: Path, contract: str = "") -> Path:
    """A fresh workspace with the reference, and with the contract where one is given."""
    ws = open_workspace(place)
    drain(ingest(ws, reference, {"kind": "table", "dataset": "before"}))
    if contract:
        keep_contract(ws, "t", contract)
    return place


def main() -> None:
    """Measure in turn and write it down."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    found: dict[str, list[list[float]]] = {"with": [], "without": [], "by hand": []}
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name)
        path, reference = folder / "metrics.csv", folder / "before.csv"
        make(path, rows)
        make(reference, REFERENCE_ROWS)
        for number in range(rounds):
            for way, contract in (("without", ""), ("with", CONTRACT)):
                place = started(folder / f"{way} {number}", reference, contract)
                found[way].append(run(OURS, path, place, rows))
            found["by hand"].append(run(PEER, path, folder / f"{number}.duckdb", reference))
            (folder / f"{number}.duckdb").unlink()
            print(number, *(runs[-1] for runs in found.values()), flush=True)
        size = f"{path.stat().st_size / 1e9:.2f} GB of clean CSV under a contract"
    ours, plain, hand = ([_median(runs, k) for k in range(3)] for runs in found.values())
    by_hand = "DuckDB's `CREATE TABLE AS` and checks by hand"
    record("Loading under a contract", COMMAND, [
        row(f"{size}, wall time", ours[0], "the same load without", plain[0]),
        row("the same, processor time", ours[1], "the same load without", plain[1]),
        row("the same, peak memory", ours[2], "the same load without", plain[2], "MB"),
        row("the same, wall time", ours[0], by_hand, hand[0]),
        row("the same, processor time", ours[1], by_hand, hand[1]),
        row("the same, peak memory", ours[2], by_hand, hand[2], "MB"),
    ])  # fmt: skip


def _median(runs: list[list[float]], place: int) -> float:
    return sorted(one[place] for one in runs)[len(runs) // 2]


if __name__ == "__main__":
    main()
