"""Cells that are plainly right, told apart cheaply: no pattern is matched where a cast is enough.

A shortcut may only say yes where the careful cast would give the same value without a reason;
about every other cell it says nothing, and the careful cast decides.
"""

from typing import NamedTuple

from lab.core.sql import literal

# DuckDB's casts forgive these in a number; ours do not.
FORGIVEN = "_\t\n\v\f\r"
# Stands for numbers such as 1e3, which DuckDB takes for whole ones too.
EXPONENT = "e"
_DAY = "____-__-__"
_CLOCKS = ("T__:__:__", " __:__:__", "T__:__:__.___", " __:__:__.___", "T__:__:__.______",
           " __:__:__.______")  # fmt: skip
_ZONES = ("Z", "+00:00")
# Years of three digits and fewer are written in ways of their own.
_EARLIEST = "1000-01-01"
# What the words epoch and infinity become where a pattern for days is given.
_WORD_AS_DAY = "1900-01-01"
DAYS = "%Y-%m-%d"
# From here on a double does not tell whole numbers apart.
WIDE = 2**53


class Shortcut(NamedTuple):
    """SQL expressions over one text column.

    Args:
        looks: Whether the text looks right; empty where its value tells.
        sound: Whether the value is one that may be, beside not being NULL; may be empty.
        value: The text as the type of its column.
    """

    looks: str
    sound: str
    value: str

    @property
    def holds(self) -> str:
        """Whether the cell is plainly right; NULL counts as no."""
        return " AND ".join(filter(None, (self.looks, self.sound, f"{self.value} IS NOT NULL")))


class Plainly(NamedTuple):
    """How a column is read by a reader that takes all of its cells for plain ones.

    A cell that cannot be cast ends the reading, an empty one is NULL.

    Args:
        type: What DuckDB's reader reads it as.
        wrong: SQL for what must not be; NULL and empty count as no.
        value: SQL for the typed cell.
    """

    type: str
    wrong: str
    value: str


def plainly(
    column: str, kind: str, zone: str, zoned: bool, odd: str, *, wide: bool = False
) -> Plainly | None:
    """How a column is read plainly; ``None`` where its type has no such way.

    Args:
        column: SQL name of the column, read as the type given back.
        kind: Column type, see ``lab.data.column_types``.
        zone: IANA zone in which times without a zone are meant.
        zoned: Whether the times of the column carry their own zone.
        odd: Which of ``FORGIVEN`` and ``EXPONENT`` may stand in a cell.
        wide: Whether whole numbers may be beyond what a double tells apart.
    """
    match kind:
        case "boolean":
            return Plainly("BOOLEAN", "", column)
        case "number" if not _forgiven(odd):
            return Plainly("DOUBLE", f"NOT isfinite({column})", column)
        # As a double, so that 1.5 is not rounded before it is seen.
        case "integer" if not odd and not wide:
            wrong = f"{column} <> trunc({column}) OR abs({column}) >= {WIDE}"
            return Plainly("DOUBLE", wrong, f"CAST({column} AS BIGINT)")
        case "date" if not _forgiven(odd):
            wrong = f"{column} < DATE '{_EARLIEST}' OR {column} = DATE '{_WORD_AS_DAY}'"
            return Plainly("DATE", wrong, column)
    brief = shortcut(column, kind, zone, zoned, odd, _cast(column, kind, zoned, "CAST"))
    if brief is None:
        return None
    parts = (f"NOT ({part})" for part in (brief.looks, brief.sound) if part)
    return Plainly("VARCHAR", " OR ".join(parts), brief.value)


def trial(column: str, kind: str, zoned: bool) -> str:
    """SQL that tries a cell as the type of its column; empty where there is no shortcut."""
    return _cast(column, kind, zoned, "TRY_CAST")


def shortcut(
    column: str, kind: str, zone: str, zoned: bool, odd: str, value: str
) -> Shortcut | None:
    """The shortcut for a column, where its type has one.

    Args:
        column: SQL name of the text column.
        kind: Column type, see ``lab.data.column_types``.
        zone: IANA zone in which times without a zone are meant.
        zoned: Whether the times of the column carry their own zone.
        odd: Which of ``FORGIVEN`` may stand in a cell.
        value: SQL for the ``trial``, or for a column that holds it.
    """
    match kind:
        case "integer":
            return Shortcut(f"regexp_full_match({column}, '[+-]?[0-9]+')", "", value)
        case "number":
            return Shortcut(_without(column, _forgiven(odd)), f"isfinite({value})", value)
        case "date":
            looks = f"{column} LIKE {literal(_DAY)}"
            return Shortcut(looks, f"{value} >= DATE '{_EARLIEST}'", value)
        case "time" if zoned or zone == "UTC":
            ends = _ZONES if zoned else ("",)
            shapes = (literal(_DAY + clock + end) for end in ends for clock in _CLOCKS)
            looks = " OR ".join(f"{column} LIKE {shape}" for shape in shapes)
            # As text: its first digit tells as much as the value, and is at hand.
            return Shortcut(f"({looks}) AND {column} >= '{_EARLIEST[0]}'", "", value)
    return None


def _cast(column: str, kind: str, zoned: bool, verb: str) -> str:
    types = {"integer": "BIGINT", "number": "DOUBLE", "date": "DATE", "time": "TIMESTAMPTZ"}
    if kind == "time" and not zoned:
        # The same instant as TIMESTAMPTZ in UTC, without a calendar's work.
        return f"make_timestamptz(epoch_us({verb}({column} AS TIMESTAMP)))"
    return f"{verb}({column} AS {types[kind]})" if kind in types else ""


def _forgiven(odd: str) -> str:
    return odd.replace(EXPONENT, "")


def _without(column: str, odd: str) -> str:
    if not odd:
        return ""
    if len(odd) == 1:
        return f"NOT contains({column}, {literal(odd)})"
    return f"NOT regexp_matches({column}, {literal(f'[{odd}]')})"
