"""From staged text to typed rows: each bad cell a reject with its line, the rest good."""

from typing import TYPE_CHECKING

from lab.core.sql import quoted
from lab.data.mapping import Mapping
from lab.data.source import Source
from lab.data.typed import asking, reject_repeats, type_raw, typed_columns

if TYPE_CHECKING:
    import duckdb

GOOD = "CREATE VIEW good AS FROM typed WHERE line NOT IN (SELECT line FROM rejects)"


def type_rows(connection: "duckdb.DuckDBPyConnection", source: Source, mapping: Mapping) -> None:
    """Make table ``typed`` from ``raw`` and add what does not fit to ``rejects``.

    Args:
        connection: With ``raw`` and ``rejects`` from ``stage_rows``.
        source: The file they came from.
        mapping: A checked mapping.
    """
    columns = typed_columns(source, mapping, asking(connection, "raw"))
    type_raw(connection, source, columns)
    reject_repeats(connection, source, mapping)
    connection.execute(GOOD)


def forget(connection: "duckdb.DuckDBPyConnection") -> None:
    """Drop all that was staged."""
    for kind in ("view", "table"):
        names = f"SELECT {kind}_name FROM duckdb_{kind}s() WHERE NOT internal"
        for (name,) in connection.execute(names).fetchall():
            connection.execute(f"DROP {kind} {quoted(name)}")


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
