"""Cells that are plainly right, told apart cheaply: no pattern is matched where a cast is enough.

A shortcut may only say yes where the careful cast would give the same value without a reason;
about every other cell it says nothing, and the careful cast decides.
"""

import sys
from typing import NamedTuple

from lab.core.sql import literal

# DuckDB's casts forgive these in a number, such as 1_000 and +-5; ours do not.
FORGIVEN = "_+\t\n\v\f\r"
# Stands for numbers such as 1e3, which DuckDB takes for whole ones too.
EXPONENT = "e"
DAYS = "%Y-%m-%d"
CLOCKS = tuple(f"{DAYS}{mark}%H:%M:%S{part}" for part in ("", ".%f") for mark in "T ")
ZONES = ("Z", "+00:00")
# Years of three digits and fewer are written in ways of their own.
_EARLIEST = "1000-01-01"
# What the words epoch and infinity become where a pattern is given.
_WORD = "1900-01-01"
# From here on a double does not tell whole numbers apart.
_WIDE = 2**53
_LARGEST = sys.float_info.max


class Shortcut(NamedTuple):
    """Two SQL expressions over one text column.

    Args:
        holds: Whether the cell is plainly right; NULL counts as no.
        value: Its typed value where that holds.
    """

    holds: str
    value: str


class Plainly(NamedTuple):
    """How a column is read by a reader that takes all of its cells for plain ones.

    A cell that is not of that type ends the reading, an empty one is NULL.

    Args:
        type: What DuckDB's reader reads it as.
        value: SQL for the typed cell.
        wrong: SQL for what must not be, before it is typed; NULL counts as no.
        beyond: Comparisons that no typed cell may pass, which DuckDB mostly answers from what
            it knows of whole blocks.
        form: How its dates or times are written, see DuckDB's ``strptime``; empty for others.
    """

    type: str
    value: str
    wrong: str = ""
    beyond: tuple[str, ...] = ()
    form: str = ""


def forms(zoned: bool) -> tuple[str, ...]:
    """How nearly every program writes times, for DuckDB's ``strptime``.

    Args:
        zoned: Whether with a zone of their own.
    """
    return tuple(clock + zone for zone in ZONES for clock in CLOCKS) if zoned else CLOCKS


def plainly(column: str, kind: str, odd: str, form: str = "") -> Plainly | None:
    """How a column is read as its type, with no text in between.

    Args:
        column: SQL name of the column.
        kind: Column type, see ``lab.data.column_types``.
        odd: Which of ``FORGIVEN`` and ``EXPONENT`` may stand in a cell.
        form: The one of ``forms`` in which times are written; empty where there is not one.

    Returns:
        The way; ``None`` where there is none.
    """
    match kind:
        case "boolean":
            return Plainly("BOOLEAN", column)
        case "number" if not _forgiven(odd):
            # Not a number is the largest of all to DuckDB.
            return Plainly("DOUBLE", column, beyond=(f"> {_LARGEST}", f"< -{_LARGEST}"))
        case "integer" if not odd:
            # As a double, so that 1.5 is not rounded before it is seen.
            whole = f"CAST({column} AS BIGINT)"
            wide = (f">= {_WIDE}", f"<= -{_WIDE}")
            return Plainly("DOUBLE", whole, f"{column} <> trunc({column})", wide)
        case "date" if not _forgiven(odd):
            return Plainly("DATE", column, beyond=_no_moments("DATE"), form=DAYS)
        case "time" if form and not _forgiven(odd):
            value = f"make_timestamptz(epoch_us({column}))"
            return Plainly("TIMESTAMP", value, beyond=_no_moments("TIMESTAMPTZ"), form=form)
    return None


def wide(column: str) -> str:
    """SQL for whether the whole number in a text is beyond what a double tells apart."""
    return f"abs(TRY_CAST({column} AS DOUBLE)) >= {_WIDE}"


def trial(column: str, kind: str, zoned: bool) -> str:
    """SQL that tries a cell as the type of its column; empty where there is no shortcut.

    Args:
        column: SQL name of the text column.
        kind: Column type.
        zoned: Whether the times of the column carry their own zone; those without are in UTC.
    """
    types = {"integer": "BIGINT", "number": "DOUBLE", "date": "DATE"}
    if kind == "time":
        # Not a cast, which takes 10: 5:59 for ten o'clock. The instant is the same as that of
        # a cast to TIMESTAMPTZ, without a calendar's work.
        shapes = ", ".join(map(literal, forms(zoned)))
        return f"make_timestamptz(epoch_us(try_strptime({column}, [{shapes}])))"
    return f"TRY_CAST({column} AS {types[kind]})" if kind in types else ""


def shortcut(
    column: str, kind: str, zone: str, zoned: bool, odd: str, tried: str
) -> Shortcut | None:
    """The shortcut for a text column, where its type has one.

    Args:
        column: SQL name of the text column.
        kind: Column type, see ``lab.data.column_types``.
        zone: IANA zone in which times without a zone are meant.
        zoned: Whether the times of the column carry their own zone.
        odd: Which of ``FORGIVEN`` may stand in a cell.
        tried: SQL name of a column that holds the ``trial``; the trial itself when empty.
    """
    value = tried or trial(column, kind, zoned)
    match kind:
        case "integer":
            return Shortcut(f"CAST({value} AS VARCHAR) = {column}", value)
        case "number":
            return Shortcut(f"isfinite({value}){_without(column, _forgiven(odd))}", value)
        case "date":
            looks = f"{column} LIKE '____-__-__'"
            return Shortcut(f"{looks} AND {value} >= DATE '{_EARLIEST}'", value)
        case "time" if zoned or zone == "UTC":
            never = " OR ".join(f"{value} {moment}" for moment in _no_moments("TIMESTAMPTZ"))
            return Shortcut(f"NOT ({never})", value)
    return None


def _no_moments(kind: str) -> tuple[str, str]:
    clock = "" if kind == "DATE" else " 00:00Z"
    return f"< {kind} '{_EARLIEST}{clock}'", f"= {kind} '{_WORD}{clock}'"


def _forgiven(odd: str) -> str:
    return odd.replace(EXPONENT, "")


def _without(column: str, odd: str) -> str:
    if not odd:
        return ""
    if len(odd) == 1:
        return f" AND NOT contains({column}, {literal(odd)})"
    return f" AND NOT regexp_matches({column}, {literal(f'[{odd}]')})"
