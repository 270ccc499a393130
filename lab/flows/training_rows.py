"""The rows of a table, in one order, so that the same rows give the same snapshot."""

from collections.abc import Sequence

import pandas as pd

from lab.core.errors import BadInput, NotFound
from lab.core.sql import quoted
from lab.core.workspace import Workspace
from lab.mlops.models.features import as_times


def read_table(ws: Workspace, table: str) -> pd.DataFrame:
    """All rows of a table to learn from.

    Raises:
        NotFound: There is no such table.
    """
    if not ws.store.has(table):
        raise NotFound(
            f"There is no table {table!r} in this workspace.",
            "Load it first (Load data), or name another table.",
        )
    return ws.store.read(f"SELECT * FROM {quoted(table)}")


def in_order(rows: pd.DataFrame, key: Sequence[str], until: str | None = None) -> pd.DataFrame:
    """Rows sorted by their key, so that the same rows give the same snapshot.

    Args:
        rows: The rows.
        key: Time column first, then the groups.
        until: Keep only rows before this time.

    Raises:
        BadInput: ``until`` is not a time, or no row is before it.
    """
    if until is not None:
        try:
            end = pd.Timestamp(until)
        except ValueError as error:
            raise BadInput(f"{until!r} is not a time.", "Write it as 2026-01-31.") from error
        end = end.tz_convert("UTC").tz_localize(None) if end.tzinfo else end
        rows = rows[as_times(rows[key[0]]) < end]
        if rows.empty:
            raise BadInput(f"No row is before {until}.", "Choose a later time.")
    return rows.sort_values(list(key), ignore_index=True)
