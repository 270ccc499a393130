"""A contract held against a large table: seconds and peak memory.

Run it with ``.venv/bin/python -m tests.bench.contracts``. The peer is pandera itself, on the whole
table in one frame, with the same promises about the same cells.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.bench.measure import record, row

COMMAND = ".venv/bin/python -m tests.bench.contracts"
ROWS = 2_000_000
CONTRACT = """
dataset: big
columns:
  price: {type: number, required: true, least: 0, most: 1500000}
  units: {type: integer, required: true, least: 0}
  store: {type: text, required: true, only: [s0, s1, s2, s3, s4, s5, s6]}
  sku: {type: text, pattern: "[A-Z]{2}-[0-9]+"}
"""
# One row in a thousand breaks a promise.
MAKE = f"""CREATE TABLE big AS SELECT
CASE WHEN i % 1000 = 0 THEN -1.0 ELSE i / 2 END AS price, i % 900 AS units,
's' || (i % 7) AS store, 'AB-' || i AS sku FROM range({ROWS}) r(i)"""
OURS = """
from lab.core.store import Store
from lab.data.quality.reading import read_contract
from lab.data.quality.rows import judge_rows
from lab.data.quality.whole import Relation
import pandera.pandas
contract = read_contract(open(folder + "/contract.yaml").read())
begin()
with Store(Path(folder) / "lab.duckdb", Path(folder)).connect() as connection:
    relation = Relation.of(connection, "big", "rowid + 1")
    bad = judge_rows(relation, contract, True)[1]
"""
THEIRS = """
import duckdb, pandera.pandas as pa
schema = pa.DataFrameSchema({
    "price": pa.Column(checks=[pa.Check.ge(0), pa.Check.le(1500000)]),
    "units": pa.Column(checks=pa.Check.ge(0)),
    "store": pa.Column(checks=pa.Check.isin(["s%d" % i for i in range(7)])),
    "sku": pa.Column(checks=pa.Check.str_matches("[A-Z]{2}-[0-9]+$"), nullable=True),
})
begin()
with duckdb.connect(folder + "/lab.duckdb") as connection:
    frame = connection.sql("SELECT * FROM big").df()
try:
    schema.validate(frame, lazy=True)
except pa.errors.SchemaErrors as error:
    bad = error.failure_cases["index"].nunique()
"""
CHILD = """
import json, resource, sys, time
from pathlib import Path
folder, started = sys.argv[1], []
def begin():
    started.append((time.perf_counter(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss))
{work}
seconds = time.perf_counter() - started[0][0]
grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - started[0][1]) / 1024
print(json.dumps([seconds, grown, int(bad)]))
"""


def once(work: str, folder: Path) -> list[float]:
    """Seconds, megabytes of growth and bad rows of one run in a fresh process."""
    argv = [sys.executable, "-W", "ignore", "-c", CHILD.format(work=work), str(folder)]
    done = subprocess.run(argv, check=True, capture_output=True, text=True)
    figures: list[float] = json.loads(done.stdout)
    return figures


def main() -> None:
    """Measure both in turn, three times, and record the medians."""
    from lab.core.store import Store

    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        (folder / "contract.yaml").write_text(CONTRACT)
        Store(folder / "lab.duckdb", folder).execute(MAKE)
        pairs = [(once(OURS, folder), once(THEIRS, folder)) for _ in range(3)]
    assert {one[2] for pair in pairs for one in pair} == {ROWS / 1000}
    (s, m, _), (ts, tm, _) = (
        [sorted(pair[side][k] for pair in pairs)[1] for k in range(3)] for side in (0, 1)
    )
    peer = "pandera on the whole frame"
    record("Contracts", COMMAND, [row(f"check {ROWS:,} rows, 8 promises", s, peer, ts),
                                  row("memory it grows by", m, peer, tm, "MB")])  # fmt: skip


if __name__ == "__main__":
    main()
