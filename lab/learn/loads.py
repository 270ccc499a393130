"""What belongs to an attempt because it was loaded from a file."""

from collections.abc import Sequence

from lab.core.workspace import Workspace
from lab.learn.belongings import Belongings, Rows


def made_by_loads(ws: Workspace, names: Sequence[str]) -> Belongings:
    """Everything that loads of some data sets or tables left in the store.

    Args:
        ws: The workspace.
        names: Names of data sets and of tables of their own.

    Returns:
        Their rows in the shared tables, and the tables.
    """
    names = tuple(names)
    by_name = [
        Rows(table, "dataset", names)
        for table in ("observations", "observation_rollups", "series", "incidents")
    ]
    tables = tuple(name for name in names if ws.store.has(name))
    return Belongings(rows=(*by_name, *load_records(ws, names)), tables=tables)


def load_records(ws: Workspace, names: Sequence[str]) -> tuple[Rows, ...]:
    """The records of loads under some names, the rows these turned away, and their checks."""
    if not ws.store.has("loads"):
        return ()
    sql = "SELECT load_id FROM loads WHERE list_contains($1, dataset)"
    ids = tuple(row[0] for row in ws.store.rows(sql, [list(names)]))
    if not ids:
        return ()
    return tuple(Rows(table, "load_id", ids) for table in ("loads", "rejects", "quality_results"))
