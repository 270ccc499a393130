"""Delimited text read, typed and checked by DuckDB in one statement, where that is safe.

Safe means that each physical line is the header or one row. Rows with bad cells are read again by
the careful path, the authority on every finding; when lines do not add up, it reads the whole file.
"""

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING

from lab.core.sql import quoted
from lab.data.byte_scan import ByteScan, Hear, scan_bytes
from lab.data.cells import (
    BAD_ROW,
    BLANK_ROW,
    FLAG,
    HEAD_ROWS,
    landed_names,
    read_judged,
    read_plain,
    view_typed,
)
from lab.data.landing import GOOD
from lab.data.mapping import Mapping
from lab.data.picked_lines import MOST_LINES, put_lines
from lab.data.quick_checks import check_width, foretold, odd_of, plain_texts
from lab.data.quick_file import ENCODINGS, PACKERS, Declined, number, relation, unreadable_declined
from lab.data.source import Source
from lab.data.staging import REJECTS, Tally, create_raw
from lab.data.typed import (
    TypedColumn,
    asking,
    reject_repeats,
    type_raw,
    typed_columns,
)

if TYPE_CHECKING:
    import duckdb

# Blocks of bytes that foretell the others.
HEAD_BLOCKS = 4
MADE = ("VIEW IF EXISTS typed", *(f"TABLE IF EXISTS {name}" for name in (
    "cells", "raw", "rejects", "faults", "twice", "repeats")))  # fmt: skip


def read_quickly(
    connection: "duckdb.DuckDBPyConnection", source: Source, mapping: Mapping, hear: Hear
) -> Tally | None:
    """Make ``typed``, ``good`` and ``rejects`` of a file in one go.

    Args:
        connection: From ``staged_database``.
        source: The file.
        mapping: A checked mapping.
        hear: Told all bytes of a file that is not packed, while they are looked through.

    Returns:
        Where every line went; ``None`` when the careful path must read the file, and nothing is
        staged.

    Raises:
        BadInput: The file is damaged, or unpacks to more than a table does.
    """
    if not _suits(source):
        return None
    try:
        return _staged(connection, source, mapping, hear)
    except Declined:
        for made in MADE:
            connection.execute(f"DROP {made}")
        return None


def _suits(source: Source) -> bool:
    dialect, packing = source.dialect, source.format.packing
    return (
        source.format.name == "csv"
        and source.door is None
        and packing.packer in PACKERS
        and dialect.plain
        and not dialect.comment
        and dialect.encoding in ENCODINGS
        and len({dialect.delimiter, dialect.quote, "\r", "\n"}) == 4
        and (dialect.delimiter + dialect.quote).isascii()
    )


def _staged(
    connection: "duckdb.DuckDBPyConnection", source: Source, mapping: Mapping, hear: Hear
) -> Tally:
    columns, names, seen, plain = _cells(connection, source, mapping, hear)
    rows = seen.lines - seen.above
    bad = 0 if plain else _judged(connection)
    if number(connection, "SELECT count(*) FROM cells") != rows or bad > MOST_LINES:
        raise Declined
    connection.execute(REJECTS)
    create_raw(connection, source)
    view_typed(connection, names, f"rowid + {seen.above + 1}")
    if bad:
        _reject_bad(connection, source, columns, seen.above + 1, bad)
    reject_repeats(connection, source, mapping, lambda lines: _fetch(connection, source, lines))
    if not plain:
        connection.execute(f"ALTER TABLE cells DROP COLUMN {quoted(FLAG)}")
    connection.execute(GOOD)
    above = {"preamble": source.dialect.skip, "header": int(source.dialect.header)}
    return Tally(seen.lines, {k: n for k, n in {**above, "row": rows}.items() if n}, rows)


def _judged(connection: "duckdb.DuckDBPyConnection") -> int:
    """How many rows have bad cells."""
    counted = f"SELECT {quoted(FLAG)}, count(*) FROM cells GROUP BY 1"
    found = dict(connection.execute(counted).fetchall())
    if found.get(BLANK_ROW):
        raise Declined
    return int(found.get(BAD_ROW, 0))


def _cells(
    connection: "duckdb.DuckDBPyConnection", source: Source, mapping: Mapping, hear: Hear
) -> tuple[list[TypedColumn], dict[str, str], ByteScan, bool]:
    """Make ``cells``, while the bytes of the file are looked through beside it."""
    file = relation(source, {})
    with ThreadPoolExecutor(1) as beside:
        look = partial(scan_bytes, source, exponents="integer" in mapping.types.values())
        packed = bool(source.format.packing.packer)
        scanning = beside.submit(look, hear=None if packed else hear)
        # What is packed may unpack to more than a table does: that must be known first.
        first = scanning.result() if packed else look(HEAD_BLOCKS)
        with unreadable_declined():
            columns = _columns(connection, source, mapping, first, file)
            names = _names(columns, mapping)
            reader = partial(relation, source)
            plain = read_plain(connection, columns, names, reader, quotes=first.quoted)
        seen = scanning.result()
    if seen.nul or not seen.even:
        raise Declined
    texts = plain_texts(columns, names)
    check_width(connection, source, seen, columns, texts if plain else None)
    if plain and not foretold(connection, source, mapping, texts, first, seen):
        connection.execute("DROP TABLE cells")
        plain = False
    if not plain:
        with unreadable_declined():
            columns = _columns(connection, source, mapping, seen, file)
            read_judged(connection, columns, names, file, len(source.columns))
    return columns, names, seen, plain


def _names(columns: list[TypedColumn], mapping: Mapping) -> dict[str, str]:
    names = landed_names(columns, mapping)
    if {"rowid", FLAG} & {name.lower() for name in names.values()}:
        raise Declined  # these names are DuckDB's and ours
    return names


def _columns(
    connection: "duckdb.DuckDBPyConnection",
    source: Source,
    mapping: Mapping,
    seen: ByteScan,
    file: str,
) -> list[TypedColumn]:
    head = asking(connection, f"(FROM {file} LIMIT {HEAD_ROWS})")
    return typed_columns(source, mapping, head, odd_of(source, seen), plain=True)


def _reject_bad(
    connection: "duckdb.DuckDBPyConnection",
    source: Source,
    columns: list[TypedColumn],
    first: int,
    bad: int,
) -> None:
    """Let the careful path say what is wrong with the rows that were flagged."""
    flagged = connection.execute(
        f"SELECT rowid + {first} FROM cells WHERE {quoted(FLAG)} = {BAD_ROW} ORDER BY 1"
    ).fetchall()
    _fetch(connection, source, [line for (line,) in flagged])
    type_raw(connection, source, columns, "faults")
    if number(connection, "SELECT count(DISTINCT line) FROM rejects") != bad:
        raise Declined


def _fetch(connection: "duckdb.DuckDBPyConnection", source: Source, lines: list[int]) -> None:
    """Put some lines of the file in ``raw`` as the careful path reads them."""
    if lines and not put_lines(connection, source, lines):
        raise Declined
