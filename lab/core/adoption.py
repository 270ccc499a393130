"""Landing a large table by taking over its file instead of copying it row by row.

A table that was staged in a file of its own need not be written twice: when everything else in
the database is small beside it, the rest is copied over to the staged file, and that file takes
the place of the database in one rename. Whoever reads sees the old file or the new one.
"""

import glob
import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from lab.core.errors import Unavailable
from lab.core.gate import gate
from lab.core.sql import literal, quoted, translated
from lab.core.store import Store

if TYPE_CHECKING:
    import duckdb

Work = Callable[["duckdb.DuckDBPyConnection"], None]
# The rest may have this share of the cells of the table that lands.
SMALL = 0.1
# Plain tables can be copied in any order by their DDL and rows. Whatever else a database holds
# depends on an order, or has no DDL, or names of its own: then everything stays where it is.
STRANGE = " UNION ALL ".join(
    f"SELECT 1 FROM {what} WHERE database_name = 'shared' AND {which}"
    for what, which in (
        ("duckdb_tables()", "(comment IS NOT NULL OR sql ILIKE '%GENERATED%')"),
        ("duckdb_columns()", "NOT internal AND comment IS NOT NULL"),
        ("duckdb_constraints()", "constraint_type = 'FOREIGN KEY'"),
        ("duckdb_schemas()", "NOT internal AND schema_name <> 'main'"),
        ("duckdb_views()", "NOT internal"),
        ("duckdb_functions()", "NOT internal"),
        ("duckdb_types()", "NOT internal"),
        ("duckdb_indexes()", "true"),
        ("duckdb_sequences()", "true"),
        ("duckdb_triggers()", "true"),
    )
)  # fmt: skip


def adopt(
    store: Store,
    staged: Path,
    table: str,
    tidy: Work,
    also: Work,
    stay: Mapping[str, str] | None = None,
) -> bool:
    """Make a staged file the database, if that is safe and costs less than copying its table.

    Args:
        store: The store whose file is replaced.
        staged: A closed DuckDB file with the table that lands.
        table: Its name; a table of that name that is there already goes.
        tidy: Leaves nothing but that table, and those of ``stay``, in the staged file.
        also: More work on the file once all else has been copied over.
        stay: Tables that other data sets share with what lands, that one among them, and SQL for
            which of the rows that are there already stay.

    Returns:
        Whether it was done; when not, nothing has changed.

    Raises:
        Busy: Somebody held the database all the time we waited.
        Unavailable: The disk is full, or another program holds the file.
    """
    with store.connect() as connection, translated(store.path):
        connection.execute("CHECKPOINT")  # what is still in the log goes to the file
    with gate(store.path).lend(store.wait_seconds), translated(store.path):
        if not replaceable(store.path, staged):
            return False
        if not _filled(store, staged, table, tidy, also, stay or {}):
            return False
        replace(staged, store.path)
    return True


def replaceable(place: Path, staged: Path) -> bool:
    """Whether the file is all there is of the database, and one rename can take its place.

    Args:
        place: The database.
        staged: What would take its place, or the folder where that will be.
    """
    here = place.stat().st_dev == staged.stat().st_dev
    return here and not place.is_symlink() and not _logs(place)


def _filled(
    store: Store, staged: Path, table: str, tidy: Work, also: Work, stay: Mapping[str, str]
) -> bool:
    connection = store.opened(staged)
    try:
        connection.execute(f"ATTACH {literal(str(store.path))} AS shared (READ_ONLY)")
        connection.execute("BEGIN")
        tidy(connection)
        rest = _rest(connection, table, stay)
        if rest is None:
            connection.execute("ROLLBACK")
            return False
        for name, ddl in rest:
            if name not in stay:
                connection.execute(ddl)
            connection.execute(f"INSERT INTO {quoted(name)} BY NAME {_kept(name, stay)}")
        also(connection)
        connection.execute("COMMIT")
        connection.execute("DETACH shared")
        connection.execute("CHECKPOINT")
    finally:
        connection.close()
    return True


def _rest(
    connection: "duckdb.DuckDBPyConnection", table: str, stay: Mapping[str, str]
) -> list[tuple[str, str]] | None:
    """Name and DDL of all else in the shared file; ``None`` when it is too much or too strange."""
    if connection.execute(f"SELECT count(*) FROM ({STRANGE})").fetchall()[0][0]:
        return None
    found = connection.execute(
        "SELECT table_name, sql, column_count FROM duckdb_tables() WHERE database_name = 'shared'"
    ).fetchall()
    rest = [one for one in found if one[0] in stay or one[0].lower() != table.lower()]
    cells = sum(
        width * connection.execute(f"SELECT count(*) {_kept(name, stay)}").fetchall()[0][0]
        for name, _, width in rest
    )
    coming = connection.execute(
        "SELECT estimated_size * column_count FROM duckdb_tables() "
        "WHERE database_name <> 'shared' AND table_name = $1",
        [table],
    ).fetchall()
    if cells > SMALL * coming[0][0]:
        return None
    return [(name, ddl) for name, ddl, _ in rest]


def _kept(table: str, stay: Mapping[str, str]) -> str:
    """SQL for the rows of a table that are there already and stay."""
    return f"FROM shared.{quoted(table)} WHERE {stay.get(table, 'true')}"


def replace(staged: Path, place: Path) -> None:
    """Put a closed file in the place of the database, in one rename that survives a power cut.

    Raises:
        Unavailable: The disk is full, or another program holds the file.
    """
    try:
        shutil.copymode(place, staged)
        with staged.open("r+b") as stream:
            os.fsync(stream.fileno())
        staged.replace(place)
    except OSError as error:
        raise Unavailable(
            f"{place} cannot be replaced: {error.strerror}.",
            "Close other programs that have it open, and load again.",
        ) from error
    if os.name == "posix":
        folder = os.open(place.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _logs(path: Path) -> list[Path]:
    return list(path.parent.glob(f"{glob.escape(path.name)}.wal*"))
