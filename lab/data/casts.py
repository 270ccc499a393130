"""From text to typed cells in SQL, each bad cell with its reason instead of an error.

DuckDB's own casts are too generous to be trusted alone: '1.5' becomes the integer 2, '1_000'
the number 1000, 'epoch' a time. So the text must look right first; the cast comes second.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from lab.core.sql import literal
from lab.data.column_types import COMMA, FALSE, INTEGER, MISSING, NUMBER, THOUSANDS, TRUE
from lab.data.shortcuts import FORGIVEN, shortcut
from lab.data.times import EPOCHS, ISO, ZONED

# By how much clocks are put back: half an hour on Lord Howe Island, two hours at Troll.
SHIFTS_MINUTES = (30, 60, 120)


@dataclass(frozen=True)
class Cast:
    """SQL expressions over one text column.

    Args:
        value: The typed cell; NULL when it is missing or bad.
        reason: Why it is bad; NULL when it is not.
    """

    value: str
    reason: str


def cast(
    column: str,
    kind: str,
    *,
    zone: str = "",
    zoned: bool = False,
    odd: str = FORGIVEN,
    tried: str = "",
) -> Cast:
    """How a text column becomes typed.

    Args:
        column: SQL name of the text column.
        kind: Column type, see ``lab.data.column_types``.
        zone: IANA zone in which times without a zone are meant.
        zoned: Whether the times of the column carry their own zone.
        odd: Which of the characters that DuckDB forgives in a number may stand in a cell.
        tried: SQL name of a column that holds ``lab.data.shortcuts.trial`` of this one.

    Returns:
        Value and reason.
    """
    careful = _careful(column, kind, zone, zoned)
    brief = shortcut(column, kind, zone, zoned, odd, tried)
    if brief is None:
        return careful
    return Cast(
        f"CASE WHEN {brief.holds} THEN {brief.value} ELSE {careful.value} END",
        f"CASE WHEN {brief.holds} THEN NULL ELSE {careful.reason} END",
    )


def _careful(column: str, kind: str, zone: str, zoned: bool) -> Cast:
    base, _, detail = kind.partition(":")
    if base == "text":
        return Cast(empty_as_none(column), "NULL")
    text = f"trim({column})"
    makers = {"integer": _integer, "number": _number, "boolean": _boolean, "date": _date,
              "json": _json}  # fmt: skip
    if base == "time":
        value, reason = _time(text, detail, zone, zoned)
    else:
        value, reason = makers[base](text, detail)
    # A pattern, because DuckDB makes a join of IN, and works that out for every cell.
    missing = f"({column} IS NULL OR {_matches(text, '|'.join(map(re.escape, MISSING)))})"
    good = f"CASE WHEN {missing} THEN NULL ELSE {value} END"
    why = f"CASE WHEN {missing} THEN NULL ELSE left({column}, 60) || ' ' || ({reason}) END"
    return Cast(good, why)


def empty_as_none(column: str) -> str:
    """SQL for a text that is missing where it is empty."""
    return f"nullif({column}, '')"


def zone_count(column: str) -> str:
    """SQL that counts the times in a column that carry a zone."""
    return f"count(*) FILTER (WHERE {_matches(f'trim({column})', ZONED.pattern, full=False)})"


def _integer(text: str, _: str) -> tuple[str, str]:
    value = f"TRY_CAST({text} AS BIGINT)"
    # pandas writes whole numbers with gaps as 5.0
    looks = _matches(text, rf"{INTEGER}(\.0*)?|[+-]?\.0+")
    return f"CASE WHEN {looks} THEN {value} END", (
        f"CASE WHEN NOT {looks} THEN 'is not a whole number' "
        f"WHEN {value} IS NULL THEN 'is too large for a whole number' END"
    )


def _number(text: str, detail: str) -> tuple[str, str]:
    pattern = {"": NUMBER, "comma": COMMA, "thousands": THOUSANDS}[detail]
    plain = {
        "": text,
        "comma": f"replace(regexp_replace({text}, '[. ]', '', 'g'), ',', '.')",
        "thousands": f"replace({text}, ',', '')",
    }[detail]
    looks, value = _matches(text, pattern), f"TRY_CAST({plain} AS DOUBLE)"
    return f"CASE WHEN {looks} AND isfinite({value}) THEN {value} END", (
        f"CASE WHEN NOT {looks} THEN 'is not a number' "
        f"WHEN NOT isfinite({value}) THEN 'is too large for a number' END"
    )


def _boolean(text: str, _: str) -> tuple[str, str]:
    low, yes, no = f"lower({text})", literals(TRUE), literals(FALSE)
    return (
        f"CASE WHEN {low} IN ({yes}) THEN true WHEN {low} IN ({no}) THEN false END",
        f"CASE WHEN {low} NOT IN ({yes}, {no}) THEN 'is neither true nor false' END",
    )


def _json(text: str, _: str) -> tuple[str, str]:
    value = f"TRY_CAST({text} AS JSON)"
    # json() takes the spaces out, so that the same document is the same text.
    return f"json({value})", f"CASE WHEN {value} IS NULL THEN 'is not JSON' END"


def _date(text: str, detail: str) -> tuple[str, str]:
    if detail:
        value = f"TRY_CAST(try_strptime({text}, {literal(detail)}) AS DATE)"
    else:
        # pandas writes days as midnights
        day = f"regexp_replace({text}, '[ T]00:00(:00(\\.0+)?)?(Z|\\+00(:?00)?)?$', '')"
        looks = _matches(day, r"\d{4}-\d{1,2}-\d{1,2}")
        value = f"CASE WHEN {looks} THEN TRY_CAST({day} AS DATE) END"
    return value, f"CASE WHEN ({value}) IS NULL THEN 'is not a day{_as(detail)}' END"


def _time(text: str, detail: str, zone: str, zoned: bool) -> tuple[str, str]:
    if detail in EPOCHS:
        return _epoch(text, EPOCHS[detail])
    if detail.endswith(("%z", "Z")):
        instant = f"CAST(try_strptime({text}, {literal(detail)}) AS TIMESTAMPTZ)"
        if not detail.endswith("%z"):
            instant = f"timezone('UTC', try_strptime({text}, {literal(detail)}))"
        return instant, f"CASE WHEN {instant} IS NULL THEN 'is not a time{_as(detail)}' END"
    if detail:
        return _local(
            f"try_strptime({text}, {literal(detail)})", zone, f"is not a time{_as(detail)}"
        )
    looks = _matches(text, ISO.pattern)
    has_zone = _matches(text, ZONED.pattern, full=False)
    point = f"replace({text}, ',', '.')"
    if zoned:
        value = f"CASE WHEN {looks} AND {has_zone} THEN TRY_CAST({point} AS TIMESTAMPTZ) END"
        return value, (
            f"CASE WHEN {looks} AND NOT {has_zone} "
            "THEN 'carries no time zone, unlike the rest of the column' "
            f"WHEN ({value}) IS NULL THEN 'is not a time' END"
        )
    naive = f"CASE WHEN {looks} AND NOT {has_zone} THEN TRY_CAST({point} AS TIMESTAMP) END"
    value, reason = _local(naive, zone, "is not a time")
    return value, (
        f"CASE WHEN {looks} AND {has_zone} "
        f"THEN 'carries a time zone, unlike the rest of the column' ELSE ({reason}) END"
    )


def _local(naive: str, zone: str, wrong: str) -> tuple[str, str]:
    place = literal(zone)
    instant = f"timezone({place}, {naive})"
    if zone == "UTC":
        return instant, f"CASE WHEN ({naive}) IS NULL THEN '{wrong}' END"
    skipped = f"timezone({place}, {instant}) <> ({naive})"
    twice = " OR ".join(
        f"timezone({place}, {instant} {sign} INTERVAL {shift} MINUTE) = ({naive})"
        for sign in "+-"
        for shift in SHIFTS_MINUTES
    )
    reason = (
        f"CASE WHEN ({naive}) IS NULL THEN '{wrong}' "
        f"WHEN {skipped} THEN 'does not exist in {zone}: the clock was put forward' "
        f"WHEN {twice} THEN 'happens twice in {zone}: the clock was put back' END"
    )
    return f"CASE WHEN ({reason}) IS NULL THEN {instant} END", reason


def _epoch(text: str, scale: int) -> tuple[str, str]:
    number = f"TRY_CAST({text} AS DECIMAL(38, 6))"
    fits = f"abs({number}) < {4 * 10**9 * scale}"
    micros = f"CAST({number} * {10**6} / {scale} AS BIGINT)"
    looks = _matches(text, NUMBER)
    value = f"CASE WHEN {looks} AND {fits} THEN make_timestamptz({micros}) END"
    return value, f"CASE WHEN ({value}) IS NULL THEN 'is not a time since 1970' END"


def _as(detail: str) -> str:
    return f" written as {detail}".replace("'", "") if detail else ""


def _matches(text: str, pattern: str, *, full: bool = True) -> str:
    # DuckDB's RE2 knows no named differences from Python for these simple patterns.
    function = "regexp_full_match" if full else "regexp_matches"
    return f"{function}({text}, {literal(pattern)})"


def literals(texts: Sequence[str]) -> str:
    """Texts as SQL lists them."""
    return ", ".join(map(literal, texts))
