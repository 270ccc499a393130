"""SQL pieces: quoting, landing rows in a table, and DuckDB's errors in words."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from lab.core.contracts import validate
from lab.core.errors import BadInput, Busy, LabError, Unavailable
from lab.core.gate import busy
from lab.core.names import checked_table
from lab.core.opening import held, held_by
from lab.core.schemas import OBSERVATIONS, ROLLUPS, TABLES

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

FULL = "No space left"
Mode = Literal["replace", "append", "upsert"]
NUMBERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT",
           "UINTEGER", "UBIGINT", "UHUGEINT", "FLOAT", "DOUBLE", "DECIMAL")  # fmt: skip


def quoted(name: str) -> str:
    """Quote an identifier for SQL.

    >>> print(quoted('the "good" ones'))
    "the ""good"" ones"
    """
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Write a text as SQL does, where a parameter cannot stand.

    >>> print(literal("it's"))
    'it''s'
    """
    return "'" + text.replace("'", "''") + "'"


def row_id(columns: Iterable[str]) -> str:
    """SQL of a number for each row of a table, from 0, in the order the rows lie.

    Args:
        columns: Names of the table's columns; one called rowid hides DuckDB's own number.

    >>> row_id(["day", "units"]), row_id(["RowID"])
    ('rowid', 'row_number() OVER () - 1')
    """
    hidden = "rowid" in {name.lower() for name in columns}
    return "row_number() OVER () - 1" if hidden else "rowid"


def is_number(kind: str) -> bool:
    """Whether a DuckDB type holds numbers.

    >>> is_number("DECIMAL(18,3)"), is_number("DOUBLE[]")
    (True, False)
    """
    return kind.partition("(")[0] in NUMBERS


def is_time(kind: str) -> bool:
    """Whether a DuckDB type holds days or moments.

    >>> is_time("TIMESTAMP WITH TIME ZONE"), is_time("DATE"), is_time("TIME")
    (True, True, False)
    """
    return kind == "DATE" or (kind.startswith("TIMESTAMP") and not kind.endswith("]"))


def write_rows(
    connection: "duckdb.DuckDBPyConnection",
    table: str,
    frame: "pd.DataFrame",
    mode: Mode = "append",
    key: Sequence[str] = (),
) -> int:
    """Write rows inside a transaction that is already open; see ``Store.write``."""
    declared = TABLES.get(table)
    if declared is not None:
        frame, key = validate(frame, declared), key or declared.key
    connection.register("incoming", frame)
    land(connection, table, "incoming", mode, key)
    connection.unregister("incoming")
    return len(frame)


def land(
    connection: "duckdb.DuckDBPyConnection",
    table: str,
    source: str,
    mode: Mode = "append",
    key: Sequence[str] = (),
) -> None:
    """Move rows from one relation into a table, inside a transaction that is open.

    Args:
        connection: Where both can be seen.
        table: The table they land in; made on first use, as declared if it is declared.
        source: Quoted name of the relation they come from.
        mode: ``replace`` the table, ``append`` to it, or ``upsert`` rows by key.
        key: Columns that identify a row; the declared key when not given.
    """
    name, declared = quoted(checked_table(table)), TABLES.get(table)
    if mode == "replace":
        connection.execute(f"DROP TABLE IF EXISTS {name}")
    if declared is not None:
        connection.execute(declared.ddl())
        key = key or declared.key
    else:
        connection.execute(f"CREATE TABLE IF NOT EXISTS {name} AS FROM {source} LIMIT 0")
    if mode == "upsert":
        if not key:
            raise BadInput(f"Table {table} has no key to update by.", "Name the key columns.")
        same = " AND ".join(f"t.{quoted(k)} IS NOT DISTINCT FROM i.{quoted(k)}" for k in key)
        connection.execute(f"DELETE FROM {name} t USING {source} i WHERE {same}")
    connection.execute(f"INSERT INTO {name} BY NAME FROM {source}")
    if table == OBSERVATIONS.name:
        _forget_rollups(connection, source)


def _forget_rollups(connection: "duckdb.DuckDBPyConnection", source: str) -> None:
    """Take away what charts had worked out of data sets that have new samples."""
    connection.execute(ROLLUPS.ddl())
    connection.execute(
        f"DELETE FROM {ROLLUPS.name} WHERE dataset IN (SELECT DISTINCT dataset FROM {source})"
    )


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Turn DuckDB's errors about the world, not about our SQL, into words."""
    import duckdb

    try:
        yield
    except duckdb.TransactionException as error:
        if FULL in str(error):
            raise _failed(path, error) from error
        raise Busy(f"{path.name} was changed by someone else meanwhile.", "Try again.") from error
    except duckdb.FatalException as error:
        if FULL in str(error):
            raise _failed(path, error) from error
        raise
    except duckdb.OutOfMemoryException as error:
        raise Unavailable(
            "DuckDB needs more memory than it may use.", "Raise LAB_STORE_MEMORY_MB."
        ) from error
    except (duckdb.IOException, duckdb.ConversionException, duckdb.ConstraintException) as error:
        if held(error):
            raise busy(path, held_by(error)) from error
        raise _failed(path, error) from error


def _failed(path: Path, error: Exception) -> LabError:
    text = str(error)
    if FULL in text:
        return Unavailable(f"The disk is full; nothing was written to {path.name}.", "Free space.")
    return BadInput(f"{path.name}: {text.splitlines()[0]}", "Correct the rows and try again.")
