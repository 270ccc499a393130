"""Rows of a file as text in a private database, every one with the line it came from."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lab.core.errors import BadInput
from lab.core.progress import Progress, Steps
from lab.core.scratch import spill
from lab.core.sql import literal, quoted, translated
from lab.core.words import grouped
from lab.core.workspace import Workspace
from lab.data.records import Item
from lab.data.source import Source

if TYPE_CHECKING:
    import duckdb

BATCH_ROWS = 20_000
# Of the memory that DuckDB may use; the rest is for rows on their way through Python.
MEMORY_SHARE = 0.75
REJECTS = "CREATE TABLE rejects (line BIGINT, column_name VARCHAR, reason VARCHAR, text VARCHAR)"


@dataclass(frozen=True)
class Tally:
    """Where every physical line of a file went.

    Args:
        physical_lines: Lines counted without looking at what they hold; 0 for Parquet.
        lines: Lines by kind: row, bad, header, blank, comment, preamble.
        rows: Data rows met, good or bad; one may take several lines.
    """

    physical_lines: int
    lines: dict[str, int]
    rows: int

    def check(self, loaded: int, rejected: int) -> None:
        """Hold lines and rows against each other.

        Args:
            loaded: Rows that would land.
            rejected: Rows that would be turned away.

        Raises:
            BadInput: A line or row is unaccounted for.
        """
        seen = sum(self.lines.values())
        if seen != self.physical_lines:
            raise BadInput(
                f"The file has {grouped(self.physical_lines)} lines, "
                f"but {grouped(seen)} were read.",
                "Nothing was loaded. Check the encoding, and for a file that is still written to.",
            )
        if loaded + rejected != self.rows:
            raise BadInput(
                f"Of {grouped(self.rows)} rows {grouped(loaded)} would land and "
                f"{grouped(rejected)} be rejected; "
                f"{grouped(abs(self.rows - loaded - rejected))} are unaccounted for.",
                "Nothing was loaded. Please report this file as a bug.",
            )


@contextmanager
def staged_database(
    ws: Workspace, path: Path, source: Path
) -> "Iterator[duckdb.DuckDBPyConnection]":
    """Open a private database that can reach one file and nothing else.

    Args:
        ws: The workspace, for memory and spill space.
        path: The private database.
        source: The file.

    Yields:
        A connection in UTC.
    """
    import duckdb

    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": f"{MEMORY_SHARE * ws.settings.store_memory_mb:.0f}MB",
        "temp_directory": str(spill(ws.staging, path)),
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "allow_community_extensions": "false",
        "python_enable_replacements": "false",
        "preserve_insertion_order": "true",
    }
    connection = duckdb.connect(str(path), config=config)
    try:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute(f"SET allowed_paths = [{literal(str(source))}]")
        connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
        with translated(ws.database):
            yield connection
    finally:
        connection.close()


def stage_rows(connection: "duckdb.DuckDBPyConnection", source: Source) -> Steps[Tally]:
    """Put every row of a file in table ``raw`` as text, and every bad one in ``rejects``.

    Args:
        connection: From ``staged_database``.
        source: The file.

    Returns:
        Where every line went.

    Raises:
        BadInput: The file breaks while it is read.
    """
    connection.execute(REJECTS)
    if not source.is_text:
        return (yield from _parquet(connection, source))
    create_raw(connection, source)
    total = source.physical_lines()
    lines: Counter[str] = Counter()
    counts: Counter[str] = Counter()
    batch: list[Item] = []
    bad: list[Item] = []
    for item in source.items():
        lines[item.kind] += item.span
        counts[item.kind] += 1
        if item.kind == "row":
            batch.append(item)
        elif item.kind == "bad":
            bad.append(item)
        if len(batch) + len(bad) >= BATCH_ROWS:
            write_items(connection, batch, bad, len(source.columns))
            batch, bad = [], []
            yield Progress(
                item.line, total, f"Reading line {grouped(item.line)} of {grouped(total)}"
            )
    write_items(connection, batch, bad, len(source.columns))
    return Tally(total, dict(lines), counts["row"] + counts["bad"])


def create_raw(connection: "duckdb.DuckDBPyConnection", source: Source) -> None:
    """Make the empty table ``raw``: a line and its cells as text."""
    cells = ", ".join(f"c{i} VARCHAR" for i in range(len(source.columns)))
    connection.execute(f"CREATE TABLE raw (line BIGINT, {cells})")


def write_items(
    connection: "duckdb.DuckDBPyConnection", batch: list[Item], bad: list[Item], width: int
) -> None:
    """Write rows to ``raw`` and bad ones to ``rejects``.

    Args:
        connection: With both tables.
        batch: Good rows.
        bad: Bad ones.
        width: How many columns the file has.
    """
    import pyarrow as pa

    if batch:
        columns = {"line": pa.array([item.line for item in batch], pa.int64())}
        for i, cells in enumerate(zip(*(item.cells for item in batch), strict=True)):
            columns[f"c{i}"] = pa.array(cells, pa.string())
        connection.register("batch", pa.table(columns))
        names = ", ".join(["line", *(f"c{i}" for i in range(width))])
        connection.execute(f"INSERT INTO raw ({names}) SELECT {names} FROM batch")
        connection.unregister("batch")
    if bad:
        table = pa.table(
            {
                "line": pa.array([item.line for item in bad], pa.int64()),
                "reason": [f"The line {item.reason}" for item in bad],
                "text": [item.text for item in bad],
            }
        )
        connection.register("bad", table)
        connection.execute("INSERT INTO rejects SELECT line, '', reason, text FROM bad")
        connection.unregister("bad")


def _parquet(connection: "duckdb.DuckDBPyConnection", source: Source) -> Steps[Tally]:
    import duckdb

    yield Progress(0, 1, f"Reading {grouped(source.rows)} rows")
    # As text, like every other file: one set of checks for all; doubles keep every digit.
    cells = ", ".join(
        f"CAST({quoted(name)} AS VARCHAR) AS c{i}" for i, name in enumerate(source.columns)
    )
    try:
        connection.execute(
            f"CREATE TABLE raw AS SELECT row_number() OVER () AS line, {cells} "
            "FROM read_parquet(?)",
            [str(source.path)],
        )
    except duckdb.Error as error:
        raise BadInput(
            f"{source.path.name} breaks while it is read: {str(error).splitlines()[0]}",
            "Copy or export it again.",
        ) from error
    rows = connection.execute("SELECT count(*) FROM raw").fetchall()[0][0]
    if rows != source.rows:
        raise BadInput(
            f"{source.path.name} says it has {grouped(source.rows)} rows, "
            f"but gives {grouped(rows)}.",
            "Nothing was loaded. Export it again.",
        )
    return Tally(0, {}, rows)
