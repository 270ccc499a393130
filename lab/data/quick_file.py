"""A delimited file as DuckDB is told to read it, and how it says that it cannot."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from lab.core.sql import literal
from lab.data.byte_scan import MAX_LINE_BYTES
from lab.data.shortcuts import Plainly
from lab.data.source import Source

if TYPE_CHECKING:
    import duckdb

# DuckDB's names for what it reads by itself.
ENCODINGS = {"utf-8": "utf-8", "utf-8-sig": "utf-8"}
PACKERS = {"": "none", "gzip": "gzip"}
BUFFER_BYTES = 16_000_000


class Declined(Exception):
    """The file needs the careful path."""


def relation(source: Source, ways: Mapping[int, Plainly]) -> str:
    """The file as SQL, its columns ``c0`` and so on; nothing is left to be guessed.

    Args:
        source: The file.
        ways: By place, columns that are read plainly; the others are read as text.
    """
    dialect, width = source.dialect, len(source.columns)
    types = {place: way.type for place, way in ways.items()}
    columns = ", ".join(f"'c{i}': '{types.get(i, 'VARCHAR')}'" for i in range(width))
    formed = {way.type: way.form for way in ways.values() if way.form}
    shapes = "".join(f"{kind}format = {literal(form)}, " for kind, form in formed.items())
    return (
        f"read_csv({literal(str(source.path))}, auto_detect = false, strict_mode = true, "
        f"delim = {literal(dialect.delimiter)}, quote = {literal(dialect.quote)}, "
        f"escape = {literal(dialect.quote)}, comment = '', skip = {dialect.skip}, "
        f"header = {str(dialect.header).lower()}, null_padding = false, "
        f"ignore_errors = false, encoding = {literal(ENCODINGS[dialect.encoding])}, "
        f"compression = {literal(PACKERS[source.format.packing.packer])}, "
        f"{shapes}max_line_size = {MAX_LINE_BYTES}, buffer_size = {BUFFER_BYTES}, "
        f"columns = {{{columns}}})"
    )


@contextmanager
def unreadable_declined() -> Iterator[None]:
    """A file that DuckDB does not read as it was told needs the careful path."""
    import duckdb

    try:
        yield
    except (duckdb.InvalidInputException, duckdb.ConversionException) as error:
        raise Declined from error


def number(connection: "duckdb.DuckDBPyConnection", sql: str) -> int:
    """The one number that a query over a file or what was read of it gives.

    Raises:
        Declined: DuckDB cannot read the file.
    """
    with unreadable_declined():
        return int(connection.execute(sql).fetchall()[0][0])
