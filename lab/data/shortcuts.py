"""Cells that are plainly right, told apart cheaply: no pattern is matched where a cast is enough.

A shortcut may only say yes where the careful cast would give the same value without a reason;
about every other cell it says nothing, and the careful cast decides.
"""

from typing import NamedTuple

from lab.core.sql import literal

# DuckDB's casts forgive these in a number; ours do not.
FORGIVEN = "_\t\n\v\f\r"
_DAY = "____-__-__"
_CLOCKS = ("T__:__:__", " __:__:__", "T__:__:__.___", " __:__:__.___", "T__:__:__.______",
           " __:__:__.______")  # fmt: skip
_ZONES = ("Z", "+00:00")
# Years of three digits and fewer are written in ways of their own.
_EARLIEST = "1000-01-01"


class Shortcut(NamedTuple):
    """Two SQL expressions over one text column.

    Args:
        holds: Whether the cell is plainly right; NULL counts as no.
        value: Its typed value where that holds.
    """

    holds: str
    value: str


def trial(column: str, kind: str) -> str:
    """SQL that tries a cell as the type of its column; empty where there is no shortcut."""
    types = {"integer": "BIGINT", "number": "DOUBLE", "date": "DATE", "time": "TIMESTAMPTZ"}
    return f"TRY_CAST({column} AS {types[kind]})" if kind in types else ""


def shortcut(
    column: str, kind: str, zone: str, zoned: bool, odd: str, tried: str
) -> Shortcut | None:
    """The shortcut for a column, where its type has one.

    Args:
        column: SQL name of the text column.
        kind: Column type, see ``lab.data.column_types``.
        zone: IANA zone in which times without a zone are meant.
        zoned: Whether the times of the column carry their own zone.
        odd: Which of ``FORGIVEN`` may stand in a cell.
        tried: SQL name of a column that holds the ``trial``; the trial itself when empty.
    """
    value = tried or trial(column, kind)
    match kind:
        case "integer":
            return Shortcut(f"CAST({value} AS VARCHAR) = {column}", value)
        case "number":
            return Shortcut(f"isfinite({value}){_without(column, odd)}", value)
        case "date":
            looks = f"{column} LIKE {literal(_DAY)}"
            return Shortcut(f"{looks} AND {value} >= DATE '{_EARLIEST}'", value)
        case "time" if zoned or zone == "UTC":
            ends = _ZONES if zoned else ("",)
            shapes = (literal(_DAY + clock + end) for end in ends for clock in _CLOCKS)
            looks = " OR ".join(f"{column} LIKE {shape}" for shape in shapes)
            return Shortcut(f"({looks}) AND {value} >= TIMESTAMPTZ '{_EARLIEST} 00:00Z'", value)
    return None


def _without(column: str, odd: str) -> str:
    if not odd:
        return ""
    if len(odd) == 1:
        return f" AND NOT contains({column}, {literal(odd)})"
    return f" AND NOT regexp_matches({column}, {literal(f'[{odd}]')})"
