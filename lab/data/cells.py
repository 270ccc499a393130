"""The typed cells of a file in one statement: plainly where every cell allows it, else judged.

Nearly every file that a machine wrote has plain cells only, and then DuckDB's casts are all the
work there is. Where a cell turns up that is not plain, that reading ends at once, and the file is
read again by expressions that judge every cell.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from lab.core.sql import literal, quoted
from lab.data.mapping import Mapping as Columns
from lab.data.shortcuts import Plainly
from lab.data.typed import TypedColumn, tried

if TYPE_CHECKING:
    import duckdb

# SQL for a file whose columns c0 and so on are read in these ways, by place; else as text.
File = Callable[[Mapping[int, Plainly]], str]
HEAD_ROWS = 1_000
GOOD_ROW, BAD_ROW, BLANK_ROW = 0, 1, 2
# Beside columns that a person named.
FLAG = "lab: flag"
NOT_PLAIN = "a cell is not plain"
# What Python's strip() takes away.
BLANK = r"^[\s\p{Z}\x0b\x1c-\x1f\x{85}]*$"


def landed_names(columns: list[TypedColumn], mapping: Columns) -> dict[str, str]:
    """How each typed column is called in ``cells``."""
    table = mapping.kind == "table"
    return {one.value: mapping.landed(one.name) if table else one.value for one in columns}


def view_typed(
    connection: "duckdb.DuckDBPyConnection", names: Mapping[str, str], line: str
) -> None:
    """Show the rows of ``cells`` as ``typed``, the columns under the names they have elsewhere.

    Args:
        connection: With table ``cells``.
        names: From ``landed_names``.
        line: SQL for the line of a row.
    """
    shown = ", ".join(f"{quoted(name)} AS {value}" for value, name in names.items())
    connection.execute(f"CREATE OR REPLACE VIEW typed AS SELECT {line} AS line, {shown} FROM cells")


def read_plain(
    connection: "duckdb.DuckDBPyConnection",
    columns: list[TypedColumn],
    names: dict[str, str],
    file: File,
    *,
    quotes: bool,
) -> bool:
    """Make table ``cells`` of a file, if its cells are plain, or gaps.

    Args:
        connection: From ``staged_database``.
        columns: From ``typed_columns``.
        names: How each typed column is called in the table.
        file: The file as SQL.
        quotes: Whether a cell may be quoted; without quotes there is no empty text, only gaps.

    Returns:
        Whether the table is there; it has good rows only, and no column ``FLAG``.

    Raises:
        duckdb.Error: The file has rows of another width.
    """
    if not any(one.plain for one in columns):
        return False
    ways = {one.place: _way(one, quotes=quotes) for one in columns}
    # The first rows tell in no time whether all of them are worth a try.
    head = f"{file(ways)} LIMIT {HEAD_ROWS}"
    if not _made(connection, columns, ways, names, "TEMP TABLE", "head", head):
        return False
    connection.execute("DROP TABLE head")
    return _made(connection, columns, ways, names, "TABLE", "cells", file(ways))


def _made(
    connection: "duckdb.DuckDBPyConnection",
    columns: list[TypedColumn],
    ways: Mapping[int, Plainly],
    names: dict[str, str],
    kind: str,
    table: str,
    file: str,
) -> bool:
    """Make a table of plain cells; nothing where a cell is not plain."""
    import duckdb

    judged = [one for one in columns if one.value == ways[one.place].value]
    values = "".join(f", {one.cell.value} AS {one.value}" for one in judged)
    kept = ", ".join(f"{ways[one.place].value} AS {quoted(names[one.value])}" for one in columns)
    wrong = " OR ".join(way.wrong for way in ways.values() if way.wrong)
    fault = f" WHERE CASE WHEN {wrong} THEN error({literal(NOT_PLAIN)}) END IS NULL" * bool(wrong)
    try:
        connection.execute(
            f"CREATE {kind} {table} AS SELECT {kept} FROM "
            f"(SELECT *{values} FROM {tried(judged, f'(FROM {file})')}){fault}"
        )
    except duckdb.ConversionException:
        return False
    except duckdb.InvalidInputException as error:
        if NOT_PLAIN in str(error):
            return False
        raise
    found = any(
        connection.execute(f"SELECT 1 FROM {table} WHERE {condition} LIMIT 1").fetchall()
        for condition in _never(columns, ways, names)
    )
    if found:
        connection.execute(f"DROP TABLE {table}")
    return not found


def _way(column: TypedColumn, *, quotes: bool) -> Plainly:
    """How a column is read: as its type, or as text."""
    text = f"c{column.place}"
    if column.plain:
        return column.plain
    if column.cell.reason == "NULL":
        return Plainly("VARCHAR", column.cell.value if quotes else text)
    return Plainly("VARCHAR", column.value, column.suspect)


def _never(
    columns: list[TypedColumn], ways: Mapping[int, Plainly], names: dict[str, str]
) -> Iterator[str]:
    """SQL for what may not be among plain cells."""
    for one in columns:
        cell = quoted(names[one.value])
        yield from (f"{cell} {beyond}" for beyond in ways[one.place].beyond)
        if one.plain and one.needed:
            yield f"{cell} IS NULL"
    # Where DuckDB knows that a column has no gaps, there is no row of nothing but delimiters.
    yield " AND ".join(
        f"{_seen(cell)} IS NOT TRUE" if one.cell.reason == "NULL" else f"{cell} IS NULL"
        for one in columns
        for cell in [quoted(names[one.value])]
    )


def read_judged(
    connection: "duckdb.DuckDBPyConnection",
    columns: list[TypedColumn],
    names: dict[str, str],
    file: str,
    width: int,
) -> None:
    """Make table ``cells`` of a file with what is to be said of each row in column ``FLAG``.

    Args:
        connection: From ``staged_database``.
        columns: From ``typed_columns``.
        names: How each typed column is called in the table.
        file: SQL for the file, its columns ``c0`` and so on as text.
        width: How many columns the file has.

    Raises:
        duckdb.Error: The file has rows of another width.
    """
    bad = " OR ".join(one.suspect for one in columns)
    flag = (
        f"CASE WHEN whole THEN {GOOD_ROW} "
        f"WHEN {_blank(columns, width)} THEN {BLANK_ROW} "
        f"WHEN {bad} THEN {BAD_ROW} ELSE {GOOD_ROW} END"
    )
    _create(
        connection,
        columns,
        names,
        file,
        [one.cell.value for one in columns],
        flag,
        _settled(columns),
    )


def _create(
    connection: "duckdb.DuckDBPyConnection",
    columns: list[TypedColumn],
    names: dict[str, str],
    file: str,
    values: list[str],
    flag: str,
    whole: str,
) -> None:
    pairs = zip(values, columns, strict=True)
    typed = ", ".join(f"{value} AS {one.value}" for value, one in pairs)
    kept = ", ".join(f"{value} AS {quoted(name)}" for value, name in names.items())
    connection.execute(
        f"CREATE TABLE cells AS SELECT {kept}, ({flag})::UTINYINT AS {quoted(FLAG)} "
        f"FROM (SELECT *, {whole} AS whole FROM (SELECT *, {typed} FROM {tried(columns, file)}))"
    )


def _settled(columns: list[TypedColumn]) -> str:
    """SQL for a row that has all its values, which settles the matter for nearly every row."""
    asked = [f"{one.value} IS NOT NULL" for one in columns if one.cell.reason != "NULL"]
    sure = any(one.trial for one in columns) and all(one.told for one in columns)
    return " AND ".join(asked) if sure else "false"


def _blank(columns: list[TypedColumn], width: int) -> str:
    """SQL for a row of nothing but delimiters; a value or a visible ASCII letter decides it."""
    values = " ".join(f"WHEN {one.value} IS NOT NULL THEN false" for one in columns if one.trial)
    texts = [f"c{i}" for i in range(width)]
    whens = " ".join(f"WHEN {_seen(text)} THEN false" for text in texts)
    nothing = f"regexp_matches(concat({', '.join(texts)}), '{BLANK}')"
    return f"CASE {values} {whens} ELSE {nothing} END"


def _seen(text: str) -> str:
    """SQL for whether a text begins with a visible ASCII letter."""
    return f"({text} >= '!' AND {text} < '\x7f')"
