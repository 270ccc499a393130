"""Answers of Prometheus in a private database, arranged as what lands."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lab.core.schemas import OBSERVATIONS, SERIES
from lab.data.mapping import Mapping
from lab.data.prometheus import Answer
from lab.data.staging import REJECTS

if TYPE_CHECKING:
    import duckdb

SAMPLES = "CREATE TABLE samples (place BIGINT, timestamp TIMESTAMPTZ, value DOUBLE)"
NAMES = "CREATE TABLE names (place BIGINT, series_id VARCHAR, metric VARCHAR, labels VARCHAR)"


@dataclass(frozen=True)
class Question(Mapping):
    """What was asked of Prometheus, kept with the load as its mapping.

    Args:
        query: PromQL.
        start: First moment, ISO 8601.
        end: First moment after, ISO 8601.
        step_seconds: Seconds from one moment to the next.
    """

    query: str = ""
    start: str = ""
    end: str = ""
    step_seconds: int = 0


@dataclass(frozen=True)
class Staged:
    """What is arranged.

    Args:
        series: Series with at least one sample that lands.
        met: Series that Prometheus gave, with numbers or without.
        loaded: Samples that will land.
        rejected: Infinite samples, each a reject.
        first: First moment that lands, ISO 8601; empty when nothing does.
        last: Last moment that lands.
    """

    series: int
    met: int
    loaded: int
    rejected: int
    first: str
    last: str


def make_tables(connection: "duckdb.DuckDBPyConnection") -> None:
    """Make the tables that ``stage`` and ``arrange`` fill, in an empty private database."""
    for ddl in (SAMPLES, NAMES, REJECTS, OBSERVATIONS.ddl(), SERIES.ddl()):
        connection.execute(ddl)


def stage(
    connection: "duckdb.DuckDBPyConnection", answers: Iterable[Answer], places: dict[str, int]
) -> int:
    """Keep the samples of one request.

    Args:
        connection: After ``make_tables``.
        answers: The series of the request.
        places: Number of each series seen so far, by its id; new ones are added.

    Returns:
        Samples kept; NaN is Prometheus' way to say "no number", so it stays a gap.
    """
    import numpy as np
    import pyarrow as pa

    found = [one for one in answers if len(one.times)]
    if not found:
        return 0
    _name(connection, [one for one in found if one.series_id not in places], places)
    sizes = [len(one.times) for one in found]
    times = pa.array(np.concatenate([one.times for one in found]), pa.timestamp("us", "UTC"))
    batch = {
        "place": np.repeat([places[one.series_id] for one in found], sizes),
        "timestamp": times,
        "value": np.concatenate([one.values for one in found]),
    }
    connection.register("batch", pa.table(batch))
    connection.execute("INSERT INTO samples BY NAME FROM batch WHERE NOT isnan(value)")
    connection.unregister("batch")
    return int((~np.isnan(batch["value"])).sum())


def _name(
    connection: "duckdb.DuckDBPyConnection", new: list[Answer], places: dict[str, int]
) -> None:
    import pyarrow as pa

    rows = []
    for one in new:
        places[one.series_id] = place = len(places)
        rows.append({"place": place, "series_id": one.series_id, "metric": one.metric,
                     "labels": json.dumps(one.labels, sort_keys=True)})  # fmt: skip
    if rows:
        connection.register("batch", pa.Table.from_pylist(rows))
        connection.execute("INSERT INTO names BY NAME FROM batch")
        connection.unregister("batch")


def arrange(connection: "duckdb.DuckDBPyConnection", dataset: str) -> Staged:
    """Make what lands: ``observations``, ``series`` and ``rejects``.

    Args:
        connection: After the last ``stage``.
        dataset: Name of the data set.

    Returns:
        The counts.
    """
    connection.execute(
        "INSERT INTO observations BY NAME SELECT ? AS dataset, timestamp, series_id, value "
        "FROM samples JOIN names USING (place) WHERE isfinite(value) "
        "ORDER BY series_id, timestamp",
        [dataset],
    )
    connection.execute(
        "INSERT INTO rejects SELECT NULL, 'value', 'The value is ' || "
        "CASE WHEN value > 0 THEN '+Inf' ELSE '-Inf' END, "
        "series_id || ' ' || strftime(timestamp, '%Y-%m-%dT%H:%M:%SZ') "
        "FROM samples JOIN names USING (place) WHERE isinf(value) ORDER BY series_id, timestamp"
    )
    connection.execute(
        "INSERT INTO series BY NAME SELECT ? AS dataset, series_id, metric, labels FROM names "
        "WHERE series_id IN (SELECT series_id FROM observations) ORDER BY series_id",
        [dataset],
    )
    loaded, first, last, series, met, rejected = connection.execute(
        "SELECT count(*), min(timestamp), max(timestamp), (SELECT count(*) FROM series), "
        "(SELECT count(*) FROM names), (SELECT count(*) FROM rejects) FROM observations"
    ).fetchall()[0]
    connection.execute("DROP TABLE samples")
    times = [time.isoformat() if time else "" for time in (first, last)]
    return Staged(series, met, loaded, rejected, *times)
