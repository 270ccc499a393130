"""What the bytes of a file said, held against what DuckDB made of it."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from lab.core.sql import literal, quoted
from lab.data.byte_scan import ByteScan
from lab.data.mapping import Mapping as Columns
from lab.data.quick_file import Declined, number, relation
from lab.data.shortcuts import EXPONENT
from lab.data.source import Source
from lab.data.typed import TypedColumn

if TYPE_CHECKING:
    import duckdb


def odd_of(source: Source, seen: ByteScan) -> str:
    """Which odd characters may stand in a cell."""
    # A delimiter that is no quoted cell's cannot stand in a cell.
    return seen.odd if seen.quoted else seen.odd.replace(source.dialect.delimiter, "")


def foretold(
    connection: "duckdb.DuckDBPyConnection",
    source: Source,
    mapping: Columns,
    texts: Sequence[str],
    first: ByteScan,
    seen: ByteScan,
) -> bool:
    """Whether plain reading as the first bytes suggested it is right for all of the file.

    Args:
        connection: With table ``cells``.
        source: The file.
        mapping: A checked mapping.
        texts: Columns of ``cells`` with texts as they stand in the file.
        first: What its first bytes said.
        seen: What all of them said.
    """
    new = set(odd_of(source, seen)) - set(odd_of(source, first))
    if new - {EXPONENT}:
        return False
    if seen.quoted and not first.quoted and texts:
        # Only quotes make a text that is empty and no gap.
        empty = " OR ".join(f"{quoted(name)} = ''" for name in texts)
        if number(connection, f"SELECT count(*) FROM cells WHERE {empty}"):
            return False
    whole = [source.columns.index(n) for n in mapping.used if mapping.types[n] == "integer"]
    if not new or not whole:
        return True
    found = " OR ".join(f"contains(lower(c{place}), '{EXPONENT}')" for place in whole)
    return not number(connection, f"SELECT count(*) FROM {relation(source, {})} WHERE {found}")


def check_width(
    connection: "duckdb.DuckDBPyConnection",
    source: Source,
    seen: ByteScan,
    columns: Sequence[TypedColumn],
    texts: Sequence[str] | None,
) -> None:
    """Decline where a row has one delimiter too many at its end, which DuckDB lets pass.

    Args:
        connection: Where the file was read.
        source: The file.
        seen: What all of its bytes said.
        columns: From ``typed_columns``.
        texts: Columns of ``cells`` with texts as they stand in the file; ``None`` before it is
            read.

    Raises:
        Declined: There is such a row.
    """
    if seen.quoted and not seen.trailing:
        return
    inside, mark = 0, literal(source.dialect.delimiter)
    # No delimiter stands in a number or a time that was read plainly.
    known = len(texts or ()) + sum(1 for one in columns if one.plain)
    if seen.quoted and (texts is None or known < len(source.columns)):
        row = f"concat({', '.join(f'c{i}' for i in range(len(source.columns)))})"
        inside = _marks(connection, [row], mark, relation(source, {}))
    elif seen.quoted and texts:
        inside = _marks(connection, list(map(quoted, texts)), mark, "cells")
    rows = seen.lines - seen.above
    if seen.delimiters != rows * (len(source.columns) - 1) + inside:
        raise Declined


def _marks(
    connection: "duckdb.DuckDBPyConnection", texts: Sequence[str], mark: str, relation: str
) -> int:
    """How many delimiters stand in some texts."""
    counts = (f"strlen({text}) - strlen(replace({text}, {mark}, ''))" for text in texts)
    total = " + ".join(f"coalesce(sum({count}), 0)" for count in counts)
    return number(connection, f"SELECT ({total})::BIGINT FROM {relation}")


def plain_texts(columns: Sequence[TypedColumn], names: Mapping[str, str]) -> list[str]:
    """Columns of ``cells`` with texts as they stand in the file."""
    return [names[one.value] for one in columns if one.cell.reason == "NULL"]
