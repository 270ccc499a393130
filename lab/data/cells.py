"""The typed cells of a file in one statement: plainly where every cell allows it, else judged.

Nearly every file that a machine wrote has plain cells only, and then DuckDB's casts are all the
work there is. Where a cell turns up that is not plain, that reading ends at once, and the file is
read again by expressions that judge every cell.
"""

from typing import TYPE_CHECKING

from lab.core.sql import literal, quoted
from lab.data.casts import empty_as_none
from lab.data.typed import TypedColumn, tried

if TYPE_CHECKING:
    import duckdb

GOOD_ROW, BAD_ROW, BLANK_ROW = 0, 1, 2
# Beside columns that a person named.
FLAG = "lab: flag"
NOT_PLAIN = "a cell is not plain"
# What Python's strip() takes away.
BLANK = r"^[\s\p{Z}\x0b\x1c-\x1f\x{85}]*$"


def read_plain(
    connection: "duckdb.DuckDBPyConnection",
    columns: list[TypedColumn],
    names: dict[str, str],
    file: str,
    head: str,
    *,
    quotes: bool,
) -> bool:
    """Make table ``cells`` of a file, if its cells are plain, or gaps that its head foretells.

    Args:
        connection: From ``staged_database``.
        columns: From ``typed_columns``.
        names: How each typed column is called in the table.
        file: SQL for the file, its columns ``c0`` and so on as text.
        head: SQL for its first rows.
        quotes: Whether a cell may be quoted; without quotes there is no empty text, only gaps.

    Returns:
        Whether the table is there; each row has ``GOOD_ROW`` in column ``FLAG``.

    Raises:
        duckdb.Error: The file has rows of another width.
    """
    import duckdb

    if not any(one.cell.plain for one in columns):
        return False
    # To ask for gaps is dear even where there are none: DuckDB holds on to the text of all cells.
    gaps = f"WHEN {_gaps(columns)} THEN {GOOD_ROW}" if _gappy(connection, columns, head) else ""
    wrong = f"error({literal(NOT_PLAIN)})::INTEGER"
    flag = f"CASE WHEN whole THEN {GOOD_ROW} {gaps} ELSE {wrong} END"
    whole = f"CASE WHEN {_whole(columns)} THEN true ELSE false END"
    values = [_plain_value(one, quotes=quotes) for one in columns]
    try:
        _create(connection, columns, names, file, values, flag, whole)
    except duckdb.ConversionException:
        # Where nothing else asks for a text, DuckDB lets the reader itself try the type, and fail.
        return False
    except duckdb.InvalidInputException as error:
        if NOT_PLAIN in str(error):
            return False
        raise
    return True


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


def _plain_value(column: TypedColumn, *, quotes: bool) -> str:
    text = f"c{column.place}"
    if column.cell.plain:
        return f"t{column.place}"
    return text if column.cell.value == empty_as_none(text) and not quotes else column.cell.value


def _whole(columns: list[TypedColumn]) -> str:
    """SQL for a row of plain values without a gap, as nearly all are."""
    return " AND ".join(
        one.cell.plain or f"NOT ({one.suspect})" for one in columns if one.cell.reason != "NULL"
    )


def _gappy(connection: "duckdb.DuckDBPyConnection", columns: list[TypedColumn], head: str) -> bool:
    """Whether a column that is plain has gaps in some rows."""
    asked = " OR ".join(f"c{one.place} IS NULL" for one in columns if one.cell.plain)
    found = connection.execute(f"SELECT count(*) FROM {head} WHERE {asked}").fetchall()
    return bool(found[0][0])


def _gaps(columns: list[TypedColumn]) -> str:
    """SQL for a row that is plain but for gaps, and has a value in one column at least."""
    allowed = [
        f"(c{one.place} IS NULL OR {one.cell.plain})"
        if one.cell.plain and not one.needed
        else one.cell.plain or f"NOT ({one.suspect})"
        for one in columns
        if one.cell.reason != "NULL"
    ]
    present = " OR ".join(f"t{one.place} IS NOT NULL" for one in columns if one.cell.plain)
    return f"{' AND '.join(allowed)} AND ({present})"


def _settled(columns: list[TypedColumn]) -> str:
    """SQL for a row that has all its values, which settles the matter for nearly every row."""
    asked = [f"{one.value} IS NOT NULL" for one in columns if one.cell.reason != "NULL"]
    sure = any(one.trial for one in columns) and all(one.told for one in columns)
    return " AND ".join(asked) if sure else "false"


def _blank(columns: list[TypedColumn], width: int) -> str:
    """SQL for a row of nothing but delimiters; a value or a visible ASCII letter decides it."""
    values = " ".join(f"WHEN {one.value} IS NOT NULL THEN false" for one in columns if one.trial)
    texts = [f"c{i}" for i in range(width)]
    whens = " ".join(f"WHEN {text} > ' ' AND {text} < '\x7f' THEN false" for text in texts)
    nothing = f"regexp_matches(concat({', '.join(texts)}), '{BLANK}')"
    return f"CASE {values} {whens} ELSE {nothing} END"
