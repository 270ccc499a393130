"""Delimited text read, typed and checked by DuckDB in one statement, where that is safe.

Safe means that each physical line is the header or one row. Rows with bad cells are read again by
the careful path, the authority on every finding; when lines do not add up, it reads the whole file.
"""

from collections.abc import Iterator
from collections.abc import Mapping as Dict
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

from lab.core.sql import literal, quoted
from lab.data.byte_scan import ByteScan, Hear, scan_bytes
from lab.data.cells import BAD_ROW, BLANK_ROW, FLAG, HEAD_ROWS, read_judged, read_plain
from lab.data.landing import GOOD
from lab.data.mapping import Mapping
from lab.data.picked_lines import MOST_LINES, put_lines
from lab.data.shortcuts import EXPONENT, Plainly
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

# DuckDB's names for what it reads by itself.
ENCODINGS = {"utf-8": "utf-8", "utf-8-sig": "utf-8"}
PACKERS = {"": "none", "gzip": "gzip"}
# No cell of a longer line is surely shorter than Python's reader allows.
MAX_LINE_BYTES = 131_072
BUFFER_BYTES = 16_000_000
# Blocks of bytes that foretell the others.
HEAD_BLOCKS = 4
MADE = ("VIEW IF EXISTS typed", *(f"TABLE IF EXISTS {name}" for name in (
    "cells", "raw", "rejects", "faults", "twice", "repeats")))  # fmt: skip


class Declined(Exception):
    """The file needs the careful path."""


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
    if _number(connection, "SELECT count(*) FROM cells") != rows or bad > MOST_LINES:
        raise Declined
    connection.execute(REJECTS)
    create_raw(connection, source)
    view = ", ".join(f"{quoted(name)} AS {value}" for value, name in names.items())
    connection.execute(
        f"CREATE VIEW typed AS SELECT rowid + {seen.above + 1} AS line, {view} FROM cells"
    )
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


def _relation(source: Source, ways: Dict[int, Plainly]) -> str:
    """The file as DuckDB is told to read it: nothing is left to be guessed."""
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


def _cells(
    connection: "duckdb.DuckDBPyConnection", source: Source, mapping: Mapping, hear: Hear
) -> tuple[list[TypedColumn], dict[str, str], ByteScan, bool]:
    """Make ``cells``, while the bytes of the file are looked through beside it."""
    file = _relation(source, {})
    with ThreadPoolExecutor(1) as beside:
        look = partial(scan_bytes, source, exponents="integer" in mapping.types.values())
        packed = bool(source.format.packing.packer)
        scanning = beside.submit(look, hear=None if packed else hear)
        # What is packed may unpack to more than a table does: that must be known first.
        first = scanning.result() if packed else look(HEAD_BLOCKS)
        with _unreadable_declined():
            columns = _columns(connection, source, mapping, first, file)
            names = _names(columns, mapping)
            reader = partial(_relation, source)
            plain = read_plain(connection, columns, names, reader, quotes=first.quoted)
        seen = scanning.result()
    if seen.nul or not seen.even:
        raise Declined
    if seen.trailing or not seen.quoted:
        _check_width(connection, source, seen, file)
    if plain and not _foretold(connection, source, mapping, first, seen):
        connection.execute("DROP TABLE cells")
        plain = False
    if not plain:
        with _unreadable_declined():
            columns = _columns(connection, source, mapping, seen, file)
            read_judged(connection, columns, names, file, len(source.columns))
    return columns, names, seen, plain


def _foretold(
    connection: "duckdb.DuckDBPyConnection",
    source: Source,
    mapping: Mapping,
    first: ByteScan,
    seen: ByteScan,
) -> bool:
    """Whether the first bytes told what stands in the way of plain reading further down."""
    new = set(_odd(source, seen)) - set(_odd(source, first))
    if new == {EXPONENT} and seen.quoted == first.quoted:
        whole = [
            f"c{source.columns.index(n)}" for n in mapping.used if mapping.types[n] == "integer"
        ]
        found = " OR ".join(f"contains(lower({text}), '{EXPONENT}')" for text in whole) or "false"
        file = _relation(source, {})
        return not _number(connection, f"SELECT count(*) FROM {file} WHERE {found}")
    return not new and seen.quoted == first.quoted


def _names(columns: list[TypedColumn], mapping: Mapping) -> dict[str, str]:
    """How each typed column is called in ``cells``."""
    table = mapping.kind == "table"
    names = {one.value: mapping.landed(one.name) if table else one.value for one in columns}
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
    return typed_columns(source, mapping, head, _odd(source, seen), plain=True)


def _odd(source: Source, seen: ByteScan) -> str:
    # A delimiter that is no quoted cell's cannot stand in a cell.
    return seen.odd if seen.quoted else seen.odd.replace(source.dialect.delimiter, "")


@contextmanager
def _unreadable_declined() -> Iterator[None]:
    """A file that DuckDB does not read as it was told needs the careful path."""
    import duckdb

    try:
        yield
    except (duckdb.InvalidInputException, duckdb.ConversionException) as error:
        raise Declined from error


def _check_width(
    connection: "duckdb.DuckDBPyConnection", source: Source, seen: ByteScan, file: str
) -> None:
    """Decline where a row has one delimiter too many at its end, which DuckDB lets pass."""
    inside = 0
    if seen.quoted:
        row = f"concat({', '.join(f'c{i}' for i in range(len(source.columns)))})"
        without = f"replace({row}, {literal(source.dialect.delimiter)}, '')"
        sql = f"SELECT coalesce(sum(strlen({row}) - strlen({without})), 0)::BIGINT FROM {file}"
        inside = _number(connection, sql)
    rows = seen.lines - seen.above
    if seen.delimiters != rows * (len(source.columns) - 1) + inside:
        raise Declined


def _number(connection: "duckdb.DuckDBPyConnection", sql: str) -> int:
    """The one number a query gives."""
    with _unreadable_declined():
        return int(connection.execute(sql).fetchall()[0][0])


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
    if _number(connection, "SELECT count(DISTINCT line) FROM rejects") != bad:
        raise Declined


def _fetch(connection: "duckdb.DuckDBPyConnection", source: Source, lines: list[int]) -> None:
    """Put some lines of the file in ``raw`` as the careful path reads them."""
    if lines and not put_lines(connection, source, lines):
        raise Declined
