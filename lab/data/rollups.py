"""Long series summed up in stretches of time, so that no chart reads millions of rows.

Each stretch keeps its first, last, lowest and highest sample: what a line chart needs to draw
the very same pixels as all samples would (M4: Jugel, Jerzak, Hackenbroich, Markl, "M4: A
Visualization-Oriented Time Series Data Aggregation", PVLDB 7(10), 2014). Stretches of one width
are made from those of the next smaller one; all begin at multiples of their width.
"""

from typing import TYPE_CHECKING

from lab.core.schemas import OBSERVATIONS, ROLLUPS
from lab.core.sql import land

if TYPE_CHECKING:
    import duckdb

SECOND = 1_000_000
# Microseconds; each goes into the next.
WIDTHS = (
    10_000, 100_000, SECOND, 10 * SECOND, 60 * SECOND, 600 * SECOND, 3_600 * SECOND,
    21_600 * SECOND, 86_400 * SECOND,
)  # fmt: skip
# A Monday, so that weeks begin where a calendar has them.
ORIGIN = "TIMESTAMPTZ '2000-01-03 00:00:00+00'"
ORIGIN_MICROSECONDS = 946_857_600 * SECOND
# Shorter series are read as they are.
LONG = 20_000
# Fewer samples in a stretch are as quickly read as they stand: a chart has 2,000 columns, and so
# reads at most ten times as many samples for each. Fewer stretches are never drawn.
LEAST_SAMPLES, LEAST_STRETCHES = 32, 200
GATHERED = (
    "min(first_at) AS first_at, arg_min(first, first_at) AS first, max(last_at) AS last_at, "
    "arg_max(last, last_at) AS last, arg_min(low_at, low) AS low_at, min(low) AS low, "
    "arg_max(high_at, high) AS high_at, max(high) AS high, sum(total) AS total, "
    "sum(samples)::BIGINT AS samples"
)


def each_sample(source: str) -> str:
    """SQL that gives every sample as a stretch of its own; what is no number is a gap.

    Args:
        source: A relation with ``dataset``, ``series_id``, ``timestamp`` and ``value``.
    """
    return (
        "SELECT dataset, series_id, timestamp AS bucket, timestamp AS first_at, value AS first, "
        "timestamp AS last_at, value AS last, timestamp AS low_at, value AS low, "
        "timestamp AS high_at, value AS high, value AS total, 1 AS samples "
        f"FROM {source} WHERE isfinite(value)"
    )


SAMPLES = each_sample(OBSERVATIONS.name)


def stretched(width: int, source: str) -> str:
    """SQL that sums up rows of rollups in wider stretches.

    Args:
        width: Width of the new stretches in microseconds; a multiple of the old width.
        source: A relation with the columns of rollups.
    """
    start = f"time_bucket(INTERVAL '{width} microseconds', bucket, {ORIGIN})"
    return (
        f"SELECT dataset, series_id, {width} AS width, {start} AS bucket, {GATHERED} "
        f"FROM {source} GROUP BY dataset, series_id, {start}"
    )


def known(connection: "duckdb.DuckDBPyConnection", dataset: str) -> bool:
    """Whether a data set is summed up as it stands."""
    connection.execute(ROLLUPS.ddl())
    count, there = connection.execute(
        f"SELECT (SELECT samples FROM {ROLLUPS.name} WHERE dataset = $1 AND series_id = '' "
        f"AND width = 0), (SELECT count(*) FROM {OBSERVATIONS.name} WHERE dataset = $1)",
        [dataset],
    ).fetchall()[0]
    return count is not None and count == there


def sum_up(connection: "duckdb.DuckDBPyConnection", dataset: str, begun: str = "") -> None:
    """Sum up every series of a data set, and the long ones in stretches, inside a transaction.

    Args:
        connection: Where the observations are.
        dataset: Their data set.
        begun: Table with the narrowest stretches of some series, each in one row or several;
            none when empty.
    """
    connection.execute(ROLLUPS.ddl())
    connection.execute(f"DELETE FROM {ROLLUPS.name} WHERE dataset = ?", [dataset])
    if begun:
        connection.execute(
            f"INSERT INTO {ROLLUPS.name} BY NAME SELECT ? AS dataset, series_id, width, bucket, "
            f"{GATHERED} FROM {begun} GROUP BY series_id, width, bucket "
            "ORDER BY series_id, bucket",
            [dataset],
        )
    connection.execute(
        f"INSERT INTO {ROLLUPS.name} BY NAME SELECT ? AS dataset, series_id, 0 AS width, "
        "min(timestamp) AS bucket, min(timestamp) AS first_at, max(timestamp) AS last_at, "
        f"count(*) AS samples FROM {OBSERVATIONS.name} WHERE dataset = ? GROUP BY series_id",
        [dataset, dataset],
    )
    below = 0
    for width in WIDTHS:
        below = _add(connection, dataset, width, below)
    connection.execute(
        f"INSERT INTO {ROLLUPS.name} BY NAME SELECT ? AS dataset, '' AS series_id, 0 AS width, "
        f"to_timestamp(0) AS bucket, count(*) AS samples FROM {OBSERVATIONS.name} "
        "WHERE dataset = ?",
        [dataset, dataset],
    )


def land_rollups(connection: "duckdb.DuckDBPyConnection") -> None:
    """Land what was summed up beside staged samples, if it was, once those have landed."""
    there = connection.execute(
        "SELECT count(*) FROM duckdb_tables() WHERE database_name = 'staged' AND table_name = ?",
        [ROLLUPS.name],
    ).fetchall()
    if there[0][0]:
        land(connection, ROLLUPS.name, f"staged.{ROLLUPS.name}")


def _add(connection: "duckdb.DuckDBPyConnection", dataset: str, width: int, below: int) -> int:
    """Add the stretches of one width, from those below where there are any."""
    span = "epoch_us(last_at) - epoch_us(first_at)"
    worth = (
        f"SELECT series_id FROM {ROLLUPS.name} WHERE dataset = $1 AND width = 0 "
        f"AND series_id <> '' AND samples >= {LONG} "
        f"AND samples * {float(width)!r} >= {LEAST_SAMPLES} * ({span}) "
        f"AND {span} >= {float(LEAST_STRETCHES * width)!r} EXCEPT "
        f"SELECT series_id FROM {ROLLUPS.name} WHERE dataset = $1 AND width = {width}"
    )
    ready = f"SELECT series_id FROM {ROLLUPS.name} WHERE dataset = $1 AND width = {below}"
    ready += " AND width > 0"
    rolled = (
        f"FROM {ROLLUPS.name} WHERE dataset = $1 AND width = {below} AND width > 0 "
        f"AND series_id IN ({worth})"
    )
    raw = f"{SAMPLES} AND dataset = $1 AND series_id IN (({worth}) EXCEPT ({ready}))"
    for source in (f"({rolled})", f"({raw})"):
        connection.execute(
            f"INSERT INTO {ROLLUPS.name} BY NAME {stretched(width, source)} "
            "ORDER BY series_id, bucket",
            [dataset],
        )
    return width
