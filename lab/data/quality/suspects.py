"""Rows that may break a promise about a cell, found without reading those of a clean table.

DuckDB keeps the smallest and largest value of each block of a column, and whether any is missing;
a condition on one column alone is mostly decided by those. A condition may hold for a cell that
keeps its promise, never the other way round: ``lab.data.quality.rows`` judges what is found.
"""

from typing import TYPE_CHECKING

from lab.core.sql import is_number, is_time, literal, quoted
from lab.data.quality.cells import RowRule, moment

if TYPE_CHECKING:
    import duckdb

ZONED = "TIMESTAMP WITH TIME ZONE"
# A bound of these is not compared as the careful check compares it.
OTHERWISE = ("HUGEINT", "UHUGEINT", "TIMESTAMP_NS", "TIMESTAMP_MS", "TIMESTAMP_S")


def suspect(connection: "duckdb.DuckDBPyConnection", rule: RowRule, type_: str) -> str:
    """SQL that holds for every cell that breaks a promise, and for few others.

    Args:
        connection: Where the cells are.
        rule: The promise.
        type_: DuckDB type of the column.
    """
    cell = quoted(rule.column)
    if rule.name == "required":
        # What is no number counts as missing.
        return f"{cell} IS NULL" + (f" OR isnan({cell})" if type_ in ("FLOAT", "DOUBLE") else "")
    if rule.name == "only":
        return f"{cell} NOT IN ({', '.join(map(literal, rule.bound))})"
    if rule.name == "pattern":
        known = _knows(connection, rule.bound)
        matches = f"NOT regexp_full_match({cell}, {literal(rule.bound)})"
        return matches if known else f"{cell} IS NOT NULL"
    if type_ in OTHERWISE:
        return f"{cell} IS NOT NULL"
    return f"{number(cell, type_)} {'<' if rule.name == 'least' else '>'} {_bound(rule, type_)}"


def number(cell: str, type_: str) -> str:
    """SQL of a cell as its bounds are compared with it: decimals as the numbers they stand for."""
    return f"CAST({cell} AS DOUBLE)" if type_.startswith("DECIMAL") else cell


def _bound(rule: RowRule, type_: str) -> str:
    if is_time(type_):
        text = moment(rule.bound).isoformat(" ")
        return f"TIMESTAMPTZ '{text}+00'" if type_ == ZONED else f"TIMESTAMP '{text}'"
    whole = is_number(type_) and isinstance(rule.bound, int)
    return str(rule.bound) if whole else f"CAST({rule.bound!r} AS DOUBLE)"


def _knows(connection: "duckdb.DuckDBPyConnection", pattern: str) -> bool:
    """Whether DuckDB reads a regular expression; that of the careful check is a newer RE2."""
    import duckdb

    try:
        connection.execute("SELECT regexp_full_match('', ?)", [pattern])
    except duckdb.InvalidInputException:
        return False
    return True
