"""The last step of a load: staged rows into the shared tables, all in one transaction."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from lab.core.adoption import Work, adopt
from lab.core.errors import BadInput
from lab.core.schemas import INCIDENTS, LOADS, OBSERVATIONS, REJECTS, ROLLUPS, SERIES, TABLES
from lab.core.sql import land, literal, quoted, write_rows
from lab.core.store import Store
from lab.data.mapping import Mapping
from lab.data.rollups import land_rollups

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

MODES = ("replace", "add")
# Tables in which a set of metrics has rows beside those of others.
OF_A_DATASET = (OBSERVATIONS.name, SERIES.name, ROLLUPS.name, INCIDENTS.name)
# Rejects of a load beside those of earlier ones; no table of a person's is called like this.
TURNED_AWAY = "lab: turned away"


@dataclass(frozen=True)
class LoadRecord:
    """One row of table ``loads``.

    Args:
        load_id: Its id.
        loaded_at: When, tz-aware.
        source: What the person calls the file.
        sha256: Hash of the file.
        physical_lines: Lines in the file, 0 for Parquet.
        rows_read: Data rows met.
        rows_loaded: Rows that land.
        rows_rejected: Rows turned away.
        content_hash: Hash of what lands, whatever its order.
    """

    load_id: str
    loaded_at: datetime
    source: str
    sha256: str
    physical_lines: int
    rows_read: int
    rows_loaded: int
    rows_rejected: int
    content_hash: str


def land_load(
    connection: "duckdb.DuckDBPyConnection",
    record: LoadRecord,
    mapping: Mapping,
    mode: str,
    incidents: "pd.DataFrame | None",
) -> None:
    """Land everything of a load, inside the transaction of ``Store.publish``.

    Args:
        connection: With the private database attached as ``staged``.
        record: What is known about the load.
        mapping: The mapping it used.
        mode: ``replace`` what is there under that name, or ``add`` rows by their key.
        incidents: Labelled truth that comes with the data set.

    Raises:
        BadInput: The rows do not fit what is there.
    """
    if mapping.kind == "metrics":
        _land_metrics(connection, mapping.dataset, mode)
    else:
        _land_table(connection, mapping, mode)
    _land_record(connection, record, mapping, "staged.rejects", incidents)


def adopt_load(
    store: Store,
    staged: Path,
    record: LoadRecord,
    mapping: Mapping,
    incidents: "pd.DataFrame | None",
    also: Work,
) -> bool:
    """Land a load in place of an earlier one by taking over its file.

    Args:
        store: The store.
        staged: The private database, closed.
        record: What is known about the load.
        mapping: The mapping it used.
        incidents: Labelled truth that comes with the data set.
        also: More work on the file that takes the place of the shared one.

    Returns:
        Whether it landed; it does not where all else is not small beside it, and then nothing
        has changed.

    Raises:
        BadInput: There is a table of that name that did not come from a file.
        Busy: Somebody held the database all the time.
    """
    name, metrics = mapping.dataset, mapping.kind == "metrics"
    if name in TABLES and not metrics:
        return False

    def tidy(connection: "duckdb.DuckDBPyConnection") -> None:
        _keep_alone(connection, OF_A_DATASET if metrics else ("landing",))
        if metrics:
            for one in OF_A_DATASET:
                connection.execute(TABLES[one].ddl())
        else:
            connection.execute(f"ALTER TABLE landing RENAME TO {quoted(name)}")

    def note(connection: "duckdb.DuckDBPyConnection") -> None:
        if not metrics:
            check_owner(connection, name, "shared")
        _land_record(connection, record, mapping, quoted(TURNED_AWAY), incidents)
        connection.execute(f"DROP TABLE {quoted(TURNED_AWAY)}")
        also(connection)

    if not metrics:
        return adopt(store, staged, name, tidy, note)
    stay = dict.fromkeys(OF_A_DATASET, f"dataset <> {literal(name)}")
    return adopt(store, staged, OBSERVATIONS.name, tidy, note, stay)


def _keep_alone(connection: "duckdb.DuckDBPyConnection", tables: Sequence[str]) -> None:
    """Drop all that was staged but some tables, and what was turned away under a name of ours."""
    views = "SELECT view_name FROM duckdb_views() WHERE NOT internal AND database_name <> 'shared'"
    for (view,) in connection.execute(views).fetchall():
        connection.execute(f"DROP VIEW {quoted(view)}")
    connection.execute(f"ALTER TABLE rejects RENAME TO {quoted(TURNED_AWAY)}")
    made = connection.execute(
        "SELECT table_name FROM duckdb_tables() WHERE database_name <> 'shared' "
        "AND NOT list_contains($1, table_name)",
        [[*tables, TURNED_AWAY]],
    ).fetchall()
    for (table,) in made:
        connection.execute(f"DROP TABLE {quoted(table)}")


def _land_metrics(connection: "duckdb.DuckDBPyConnection", dataset: str, mode: str) -> None:
    for table in (OBSERVATIONS, SERIES):
        connection.execute(table.ddl())
        if mode == "replace":
            connection.execute(f"DELETE FROM {table.name} WHERE dataset = ?", [dataset])
        how = "upsert" if mode == "add" else "append"
        land(connection, table.name, f"staged.{table.name}", how)  # type: ignore[arg-type]
    connection.execute(INCIDENTS.ddl())
    if mode == "replace":
        connection.execute("DELETE FROM incidents WHERE dataset = ?", [dataset])
        land_rollups(connection)


def _land_table(connection: "duckdb.DuckDBPyConnection", mapping: Mapping, mode: str) -> None:
    name = mapping.dataset
    declared = TABLES.get(name)
    key = declared.key if declared else tuple(mapping.landed(name) for name in mapping.key)
    check_owner(connection, name)
    if mode == "add":
        if not key:
            raise BadInput(
                f"Rows can be added to {name} only by a key.",
                "Name the columns that make a row unique, or replace the table.",
            )
        _check_same_columns(connection, name)
        land(connection, name, "staged.landing", "upsert", key)
    else:
        land(connection, name, "staged.landing", "replace", key)


def check_owner(connection: "duckdb.DuckDBPyConnection", name: str, shared: str = "") -> None:
    """Refuse to write over a table that did not come from a file or stream.

    Args:
        connection: Where the table is.
        name: Its name.
        shared: Database to look in; the current one when not given.

    Raises:
        BadInput: Something else made it.
    """
    if name in TABLES:
        return
    connection.execute(LOADS.ddl())
    exists, loaded = connection.execute(
        "SELECT (SELECT count(*) FROM duckdb_tables() WHERE database_name = $2 "
        "AND lower(table_name) = lower($1)), "
        "(SELECT count(*) FROM loads WHERE lower(dataset) = lower($1) AND kind = 'table')",
        [name, shared or connection.execute("SELECT current_database()").fetchall()[0][0]],
    ).fetchall()[0]
    if exists and not loaded:
        raise BadInput(
            f"There is a table {name!r} already, and it was not loaded from a file.",
            "Load under another name.",
        )


def _check_same_columns(connection: "duckdb.DuckDBPyConnection", name: str) -> None:
    sql = (
        "SELECT column_name, data_type FROM duckdb_columns() WHERE table_name = ? "
        "AND (database_name = 'staged') = ?"
    )
    there = dict(connection.execute(sql, [name, False]).fetchall())
    coming = dict(connection.execute(sql, ["landing", True]).fetchall())
    if there and name not in TABLES and there != coming:
        raise BadInput(
            f"Table {name} has other columns: {', '.join(map(' '.join, there.items()))}.",
            "Give the columns the same names and types, or replace the table.",
        )


def _land_record(
    connection: "duckdb.DuckDBPyConnection",
    record: LoadRecord,
    mapping: Mapping,
    rejects: str,
    incidents: "pd.DataFrame | None",
) -> None:
    """Write down a load, the rows it turned away and the truth that comes with it."""
    connection.execute(LOADS.ddl())
    connection.execute(REJECTS.ddl())
    values = {
        **vars(record),
        "dataset": mapping.dataset,
        "kind": mapping.kind,
        "mapping": json.dumps(mapping.as_dict()),
    }
    names = ", ".join(map(quoted, values))
    marks = ", ".join(f"${name}" for name in values)
    connection.execute(f"INSERT INTO loads ({names}) VALUES ({marks})", values)
    connection.execute(
        f"INSERT INTO rejects BY NAME SELECT ? AS load_id, * FROM {rejects} ORDER BY line",
        [record.load_id],
    )
    if incidents is not None:
        write_rows(connection, INCIDENTS.name, incidents, "append")
