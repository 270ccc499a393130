"""From staged text to what lands: typed, checked, each bad cell a reject with its line."""

import hashlib
import json
from typing import TYPE_CHECKING, Any

from lab.core.errors import BadInput
from lab.core.schemas import OBSERVATIONS, SERIES, TABLES, series_id
from lab.core.sql import literal, quoted
from lab.data.casts import cast, zone_count
from lab.data.mapping import Mapping
from lab.data.rules import kept
from lab.data.source import Source

if TYPE_CHECKING:
    import duckdb

MAX_SERIES = 20_000


def type_rows(connection: "duckdb.DuckDBPyConnection", source: Source, mapping: Mapping) -> None:
    """Make table ``typed`` from ``raw`` and add what does not fit to ``rejects``.

    Args:
        connection: With ``raw`` and ``rejects`` from ``stage_rows``.
        source: The file they came from.
        mapping: A checked mapping.
    """
    used = [(name, source.columns.index(name)) for name in mapping.used]
    parts, reasons = ["line"], []
    required = _required(mapping)
    for name, i in used:
        kind = mapping.types[name]
        zoned = kind == "time" and _mostly_zoned(connection, f"c{i}")
        one = cast(f"c{i}", kind, zone=mapping.timezone or "UTC", zoned=zoned)
        if name in mapping.rules:
            one = kept(one, mapping.rules[name], f"c{i}")
        reason = one.reason
        if mapping.landed(name) in required:
            empty = f"CASE WHEN ({one.value}) IS NULL THEN 'is empty' END"
            reason = f"coalesce({one.reason}, {empty})"
        parts += [f"{one.value} AS v{i}", f"CAST({reason} AS VARCHAR) AS r{i}"]
        reasons.append((name, f"r{i}"))
    connection.execute(f"CREATE TABLE typed AS SELECT {', '.join(parts)} FROM raw")
    shown = row_text(source)
    for name, reason in reasons:
        connection.execute(
            "INSERT INTO rejects SELECT typed.line, ?, ?::VARCHAR || ': ' || "
            f"{reason}, left({shown}, 500) FROM typed JOIN raw USING (line) "
            f"WHERE {reason} IS NOT NULL",
            [name, name],
        )
    _drop_repeats(connection, source, mapping)
    connection.execute(
        "CREATE VIEW good AS FROM typed WHERE line NOT IN (SELECT line FROM rejects)"
    )


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
    columns = ", ".join(
        f"v{source.columns.index(name)} AS {quoted(mapping.landed(name))}" for name in mapping.used
    )
    connection.execute(f"CREATE TABLE landing AS SELECT {columns} FROM good ORDER BY line")


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


def content_hash(connection: "duckdb.DuckDBPyConnection", table: str) -> str:
    """A hash of the rows of a table, whatever their order.

    Args:
        connection: Where the table is.
        table: Its name.

    Returns:
        64 hexadecimal digits; the same rows give the same on any machine.
    """
    described = connection.execute(f"DESCRIBE {quoted(table)}").fetchall()
    columns = sorted((str(row[0]), str(row[1])) for row in described)
    cells = ", ".join(f"coalesce({_canonical(name, kind)}, chr(1))" for name, kind in columns)
    # A sum, not XOR, so that a row and its double do not cancel out.
    sums = connection.execute(
        "SELECT count(*), sum(CAST(md5_number_lower(row) AS HUGEINT)), "
        "sum(CAST(md5_number_upper(row) AS HUGEINT)) "
        f"FROM (SELECT concat_ws(chr(31), {cells}) AS row FROM {quoted(table)})"
    ).fetchall()[0]
    return hashlib.sha256(json.dumps([columns, *map(str, sums)]).encode()).hexdigest()


def _required(mapping: Mapping) -> set[str]:
    if mapping.kind == "metrics":
        return {mapping.time_column, mapping.metric_column} - {""}
    declared = TABLES.get(mapping.dataset)
    if declared is None:
        return {mapping.landed(name) for name in mapping.key}
    return {column.name for column in declared.columns if not column.nullable}


def _mostly_zoned(connection: "duckdb.DuckDBPyConnection", column: str) -> bool:
    present = f"count(nullif(trim({column}), ''))"
    zoned, all_of_them = connection.execute(
        f"SELECT {zone_count(column)}, {present} FROM raw"
    ).fetchall()[0]
    return bool(zoned > all_of_them - zoned)


def row_text(source: Source) -> str:
    """SQL that writes a row of ``raw`` as it stands in the file, as nearly as its cells tell."""
    mark = literal(source.dialect.delimiter if source.is_text else ",")
    cells = ", ".join(f"coalesce(c{i}, '')" for i in range(len(source.columns)))
    return f"concat_ws({mark}, {cells})"


def _drop_repeats(
    connection: "duckdb.DuckDBPyConnection", source: Source, mapping: Mapping
) -> None:
    if mapping.kind == "metrics":
        key = [mapping.time_column, mapping.metric_column, *mapping.label_columns]
        what = "the time and labels"
    else:
        declared = TABLES.get(mapping.dataset)
        named = {mapping.landed(name): name for name in mapping.used}
        key = [named[name] for name in declared.key] if declared else list(mapping.key)
        what = f"the key ({', '.join(key)})"
    columns = ", ".join(f"v{source.columns.index(name)}" for name in key if name)
    if not columns:
        return
    # Two passes, so that a file without repeats pays for one small aggregate only.
    connection.execute(
        f"CREATE TABLE twice AS SELECT {columns}, min(line) AS first FROM typed "
        f"WHERE line NOT IN (SELECT line FROM rejects) GROUP BY {columns} HAVING count(*) > 1"
    )
    same = " AND ".join(f"t.{c} IS NOT DISTINCT FROM k.{c}" for c in columns.split(", "))
    said = literal(f"The row repeats {what} of {'line' if source.is_text else 'row'} ")
    connection.execute(
        f"INSERT INTO rejects SELECT t.line, '', {said} || k.first, "
        f"left({row_text(source)}, 500) "
        f"FROM typed t JOIN twice k ON {same} JOIN raw ON raw.line = t.line "
        "WHERE t.line > k.first AND t.line NOT IN (SELECT line FROM rejects)"
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


def _canonical(name: str, kind: str) -> str:
    column = quoted(name)
    if kind == "TIMESTAMP WITH TIME ZONE":
        return f"CAST(epoch_us({column}) AS VARCHAR)"
    return f"CAST({column} AS VARCHAR)"
