"""Features of past rows, as they were known at the time of each row."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from lab.core.errors import BadInput, unknown
from lab.core.sql import translated
from lab.core.words import grouped
from lab.core.workspace import Workspace
from lab.data.features_sql import asked_query, features_query
from lab.flows.features import feature_set, source_types

if TYPE_CHECKING:
    import duckdb

    from lab.data.features import FeatureSet

MOST_ROWS = 1_000_000


def offline_features(
    ws: Workspace, name: str, rows: pd.DataFrame, time: str = "at"
) -> pd.DataFrame:
    """Features as they were known at the time of each row: for training, without the future.

    Args:
        ws: The workspace.
        name: A kept set of features.
        rows: The entity's columns, and a time in each row.
        time: Column with that time; without a zone it is UTC.

    Returns:
        The rows with ``newest_event`` and the features; empty where they have expired.

    Raises:
        NotFound: A column, the set or its source does not exist.
        BadInput: A column of the rows is called like a feature.
    """
    wanted = feature_set(ws, name)
    types = source_types(ws, wanted)
    for column in (*wanted.entity, time):
        if column not in rows:
            raise unknown("column", column, rows.columns)
    if taken := sorted({"newest_event", *wanted.features} & set(rows)):
        raise BadInput(f"The rows have a column {taken[0]!r} already.", "Rename one of the two.")
    given = given_rows(rows, wanted, pd.to_datetime(rows[time], utc=True))
    with ws.store.connect() as connection, translated(ws.database):
        found = compute(connection, wanted, types, given)
    return pd.concat([rows.reset_index(drop=True), found], axis=1)


def training_features(ws: Workspace, name: str, table: str, time: str, into: str) -> int:
    """Write the rows of a table with their features, as known at the time of each row.

    Args:
        ws: The workspace.
        name: A kept set of features.
        table: A table with the entity's columns and a time.
        time: Its time column.
        into: Table that is written; replaced when it is there.

    Returns:
        Rows written.

    Raises:
        NotFound: A table, a column or the set does not exist.
        BadInput: The table has too many rows, or would be written over by itself.
    """
    from lab.flows.training_rows import read_table

    if into in (table, feature_set(ws, name).source):
        raise BadInput(f"Table {into!r} is read from.", "Write into another one.")
    rows = read_table(ws, table)
    if len(rows) > MOST_ROWS:
        raise BadInput(
            f"Table {table} has more than {grouped(MOST_ROWS)} rows.", "Take a part of it."
        )
    return ws.store.write(into, offline_features(ws, name, rows, time))


def given_rows(rows: pd.DataFrame, wanted: "FeatureSet", times: "pd.Series[Any]") -> pd.DataFrame:
    """What is asked for, as ``lab.data.features_sql.asked_query`` reads it."""
    cells = {f"c{i}": rows[column].to_numpy() for i, column in enumerate(wanted.entity)}
    moment = pd.to_datetime(times, utc=True).dt.as_unit("us").reset_index(drop=True)
    return pd.DataFrame({"n": range(len(rows)), **cells}).assign(moment=moment)


def compute(
    connection: "duckdb.DuckDBPyConnection",
    wanted: "FeatureSet",
    types: Mapping[str, str],
    given: pd.DataFrame,
) -> pd.DataFrame:
    """Features of what is asked for, in its order.

    Args:
        connection: Where the source is.
        wanted: The set.
        types: DuckDB types of the source's columns.
        given: From ``given_rows``.
    """
    connection.register("given", given)
    asked = asked_query([types[column] for column in wanted.entity])
    found: pd.DataFrame = connection.sql(features_query(wanted, f"({asked})")).df()
    connection.unregister("given")
    return found.drop(columns="n").set_axis(["newest_event", *wanted.features], axis=1)
