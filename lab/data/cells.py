"""The typed cells of a file in one statement: plainly where every cell allows it, else judged.

Nearly every file that a machine wrote has plain cells only, and then DuckDB's casts are all the
work there is. Where a cell turns up that is not plain, that reading ends at once, and the file is
read again by expressions that judge every cell.
"""

from typing import TYPE_CHECKING

from lab.core.sql import literal, quoted
from lab.data.typed import TypedColumn, tried

if TYPE_CHECKING:
    import duckdb

GOOD_ROW, BAD_ROW, BLANK_ROW = 0, 1, 2
NOT_PLAIN = "a cell is not plain"
# What Python's strip() takes away.
BLANK = r"^[\s\p{Z}\x0b\x1c-\x1f\x{85}]*$"


def read_plain(
    connection: "duckdb.DuckDBPyConnection",
    columns: list[TypedColumn],
    names: dict[str, str],
    file: str,
) -> bool:
    """Make table ``cells`` of a file, if its rows have plain cells and gaps only.

    Args:
        connection: From ``staged_database``.
        columns: From ``typed_columns``.
        names: How each typed column is called in the table.
        file: SQL for the file, its columns ``c0`` and so on as text.

    Returns:
        Whether the table is there; each row has ``GOOD_ROW`` in its ``flag``.

    Raises:
        duckdb.Error: The file has rows of another width.
    """
    import duckdb

    if not any(one.cell.plain for one in columns):
        return False
    flag = (
        f"CASE WHEN {_whole(columns)} THEN {GOOD_ROW} WHEN {_gaps(columns)} THEN {GOOD_ROW} "
        f"ELSE error({literal(NOT_PLAIN)})::INTEGER END"
    )
    values = [f"t{one.place}" if one.cell.plain else one.cell.value
              for one in columns]  # fmt: skip
    try:
        _create(connection, columns, names, file, values, flag)
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
    """Make table ``cells`` of a file with what is to be said of each row in its ``flag``.

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
        f"CASE WHEN {_settled(columns)} THEN {GOOD_ROW} "
        f"WHEN {_blank(columns, width)} THEN {BLANK_ROW} "
        f"WHEN {bad} THEN {BAD_ROW} ELSE {GOOD_ROW} END"
    )
    _create(connection, columns, names, file, [one.cell.value for one in columns], flag)


def _create(
    connection: "duckdb.DuckDBPyConnection",
    columns: list[TypedColumn],
    names: dict[str, str],
    file: str,
    values: list[str],
    flag: str,
) -> None:
    pairs = zip(values, columns, strict=True)
    typed = ", ".join(f"{value} AS {one.value}" for value, one in pairs)
    kept = ", ".join(f"{value} AS {quoted(name)}" for value, name in names.items())
    connection.execute(
        f"CREATE TABLE cells AS SELECT {kept}, ({flag})::UTINYINT AS flag "
        f"FROM (SELECT *, {typed} FROM {tried(columns, file)})"
    )


def _whole(columns: list[TypedColumn]) -> str:
    """SQL for a row of plain values without a gap, as nearly all are."""
    return " AND ".join(one.cell.plain or f"NOT ({one.suspect})" for one in columns)


def _gaps(columns: list[TypedColumn]) -> str:
    """SQL for a row that is plain but for gaps, and has a value in one column at least."""
    allowed = [
        f"(c{one.place} IS NULL OR {one.cell.plain})"
        if one.cell.plain and not one.needed
        else one.cell.plain or f"NOT ({one.suspect})"
        for one in columns
    ]
    present = " OR ".join(f"t{one.place} IS NOT NULL" for one in columns if one.cell.plain)
    return f"{' AND '.join(allowed)} AND ({present or 'false'})"


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
