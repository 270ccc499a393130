"""Landing a large table by taking over its file instead of copying it row by row.

A table that was staged in a file of its own need not be written twice: when everything else in
the database is small beside it, the rest is copied over to the staged file, and that file takes
the place of the database in one rename. Whoever reads sees the old file or the new one.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from lab.core.gate import gate
from lab.core.sql import literal, quoted, translated
from lab.core.store import Store

if TYPE_CHECKING:
    import duckdb

Work = Callable[["duckdb.DuckDBPyConnection"], None]
# The rest may have this share of the cells of the table that lands.
SMALL = 0.1


def adopt(store: Store, staged: Path, table: str, tidy: Work, also: Work) -> bool:
    """Make a staged file the database, if that is safe and costs less than copying its table.

    Args:
        store: The store whose file is replaced.
        staged: A closed DuckDB file with the table that lands.
        table: Its name; a table of that name that is there already goes.
        tidy: Leaves nothing but that table in the staged file.
        also: More work on the file once all else has been copied over.

    Returns:
        Whether it was done; when not, nothing has changed.

    Raises:
        Busy: Somebody held the database all the time we waited.
    """
    if not _alone_in_its_log(store):
        return False
    with gate(store.path).lend(store.wait_seconds), translated(store.path):
        if _log(store.path).exists():
            return False  # somebody wrote in between, and has not tidied up yet
        if not _filled(store, staged, table, tidy, also):
            return False
        _replace(staged, store.path)
    return True


def _alone_in_its_log(store: Store) -> bool:
    """Write what is still in the log to the file itself, so that the file is all there is."""
    with store.connect() as connection:
        connection.execute("CHECKPOINT")
    return not _log(store.path).exists()


def _filled(store: Store, staged: Path, table: str, tidy: Work, also: Work) -> bool:
    connection = store.opened(staged)
    try:
        connection.execute(f"ATTACH {literal(str(store.path))} AS shared (READ_ONLY)")
        connection.execute("BEGIN")
        tidy(connection)
        rest = _rest(connection, table)
        if rest is None:
            connection.execute("ROLLBACK")
            return False
        for name, ddl in rest:
            connection.execute(ddl)
            if ddl.startswith("CREATE TABLE"):
                connection.execute(f"INSERT INTO {quoted(name)} FROM shared.{quoted(name)}")
        also(connection)
        connection.execute("COMMIT")
        connection.execute("DETACH shared")
        connection.execute("CHECKPOINT")
    finally:
        connection.close()
    return not _log(staged).exists()


def _rest(connection: "duckdb.DuckDBPyConnection", table: str) -> list[tuple[str, str]] | None:
    """Name and DDL of all else in the shared file; ``None`` when it is too much or too strange."""
    cells = dict(
        connection.execute(
            "SELECT database_name = 'shared', sum(estimated_size * column_count) "
            "FROM duckdb_tables() WHERE database_name = 'shared' AND lower(table_name) <> lower($1)"
            " OR database_name <> 'shared' AND table_name = $1 GROUP BY 1",
            [table],
        ).fetchall()
    )
    strange = connection.execute(
        "SELECT (SELECT count(*) FROM duckdb_indexes() WHERE database_name = 'shared') + "
        "(SELECT count(*) FROM duckdb_sequences() WHERE database_name = 'shared') + "
        "(SELECT count(*) FROM duckdb_tables() WHERE database_name = 'shared' "
        "AND schema_name <> 'main')"
    ).fetchall()[0][0]
    if strange or cells.get(True, 0) > SMALL * cells.get(False, 0):
        return None
    return connection.execute(
        "SELECT table_name, sql FROM duckdb_tables() WHERE database_name = 'shared' "
        "AND lower(table_name) <> lower($1) UNION ALL BY NAME "
        "SELECT view_name AS table_name, sql FROM duckdb_views() "
        "WHERE database_name = 'shared' AND NOT internal",
        [table],
    ).fetchall()


def _replace(staged: Path, place: Path) -> None:
    with staged.open("rb") as stream:
        os.fsync(stream.fileno())
    staged.replace(place)
    if os.name == "posix":
        folder = os.open(place.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _log(path: Path) -> Path:
    return path.with_name(path.name + ".wal")
