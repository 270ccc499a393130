"""From staged text to what lands: typed, checked, each bad cell a reject with its line."""

import json
from typing import TYPE_CHECKING, Any

from lab.core.errors import BadInput
from lab.core.schemas import OBSERVATIONS, SERIES, series_id
from lab.core.sql import quoted
from lab.data.mapping import Mapping
from lab.data.source import Source
from lab.data.typed import mostly_zoned, reject_repeats, type_raw, typed_columns

if TYPE_CHECKING:
    import duckdb

MAX_SERIES = 20_000
GOOD = "CREATE VIEW good AS FROM typed WHERE line NOT IN (SELECT line FROM rejects)"


def type_rows(connection: "duckdb.DuckDBPyConnection", source: Source, mapping: Mapping) -> None:
    """Make table ``typed`` from ``raw`` and add what does not fit to ``rejects``.

    Args:
        connection: With ``raw`` and ``rejects`` from ``stage_rows``.
        source: The file they came from.
        mapping: A checked mapping.
    """
    columns = typed_columns(source, mapping, lambda text: mostly_zoned(connection, text, "raw"))
    type_raw(connection, source, columns)
    reject_repeats(connection, source, mapping)
    connection.execute(GOOD)


def count_rows(connection: "duckdb.DuckDBPyConnection") -> tuple[int, int]:
    """Rows that will land and rows turned away; a row with several faults counts once."""
    return connection.execute(
        "SELECT (SELECT count(*) FROM good), (SELECT count(DISTINCT line) FROM rejects)"
    ).fetchall()[0]


def build_table(connection: "duckdb.DuckDBPyConnection", source: Source, mapping: Mapping) -> None:
    """Make the table that lands, named ``landing``.

    Args:
        connection: After ``type_rows``.
        source: The file.
        mapping: A mapping of kind ``table``.
    """
    if _taken_over(connection):
        return
    columns = ", ".join(
        f"v{source.columns.index(name)} AS {quoted(mapping.landed(name))}" for name in mapping.used
    )
    connection.execute(f"CREATE TABLE landing AS SELECT {columns} FROM good ORDER BY line")


def _taken_over(connection: "duckdb.DuckDBPyConnection") -> bool:
    """Let rows that were read quickly be the table that lands, if all of them are good."""
    quick, rejects = connection.execute(
        "SELECT (SELECT count(*) FROM duckdb_tables() WHERE table_name = 'cells'), "
        "(SELECT count(*) FROM rejects)"
    ).fetchall()[0]
    if not quick or rejects:
        return False
    for view in ("good", "typed"):
        connection.execute(f"DROP VIEW {view}")
    connection.execute("ALTER TABLE cells RENAME TO landing")
    connection.execute("CREATE VIEW good AS FROM landing")
    return True


def build_metrics(
    connection: "duckdb.DuckDBPyConnection", source: Source, mapping: Mapping
) -> None:
    """Make tables ``observations`` and ``series`` from the good rows.

    Args:
        connection: After ``type_rows``.
        source: The file.
        mapping: A mapping of kind ``metrics``.

    Raises:
        BadInput: There are more series than any set of metrics has.
    """
    at = {name: f"v{source.columns.index(name)}" for name in mapping.used}
    groups = [at[name] for name in (*mapping.label_columns, mapping.metric_column) if name]
    connection.execute(OBSERVATIONS.ddl())
    connection.execute(SERIES.ddl())
    _name_series(connection, mapping, groups)
    same = " AND ".join(f"good.{column} IS NOT DISTINCT FROM names.{column}" for column in groups)
    parts = [
        f"SELECT names.series_id, good.{at[mapping.time_column]} AS timestamp, "
        f"CAST(good.{at[value]} AS DOUBLE) AS value FROM good JOIN names "
        f"ON {same or 'true'} AND names.value_column = {i} WHERE good.{at[value]} IS NOT NULL"
        for i, value in enumerate(mapping.values)
    ]
    connection.execute(
        "INSERT INTO observations BY NAME SELECT ? AS dataset, * FROM "
        f"({' UNION ALL '.join(parts)}) ORDER BY series_id, timestamp",
        [mapping.dataset],
    )
    connection.execute(
        "INSERT INTO series BY NAME SELECT DISTINCT ? AS dataset, series_id, metric, labels "
        "FROM names ORDER BY series_id",
        [mapping.dataset],
    )


def _name_series(
    connection: "duckdb.DuckDBPyConnection", mapping: Mapping, groups: list[str]
) -> None:
    import pandas as pd

    select = ", ".join(groups) or "1"
    found = connection.execute(f"SELECT DISTINCT {select} FROM good").fetchall()
    if len(found) * len(mapping.values) > MAX_SERIES:
        raise BadInput(
            f"These labels make {len(found) * len(mapping.values):,} series; "
            f"at most {MAX_SERIES:,} can be loaded.",
            "Take out the label column that differs on every row, such as an id.",
        )
    rows: list[dict[str, Any]] = []
    for cells in found:
        labels = {
            name: str(cell).lower() if isinstance(cell, bool) else str(cell)
            for name, cell in zip(mapping.label_columns, cells, strict=False)
            if cell is not None
        }
        for i, value in enumerate(mapping.values):
            metric = str(cells[len(mapping.label_columns)]) if mapping.metric_column else value
            rows.append(
                {
                    **dict(zip(groups, cells, strict=False)),
                    "value_column": i,
                    "series_id": series_id(metric, labels),
                    "metric": metric,
                    "labels": json.dumps(labels, sort_keys=True),
                }
            )
    connection.register("named", pd.DataFrame(rows))
    connection.execute("CREATE TABLE names AS FROM named")
    connection.unregister("named")
