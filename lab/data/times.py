"""How times are written: ISO 8601, a pattern, or seconds since 1970."""

import re
from collections.abc import Sequence
from datetime import datetime
from zoneinfo import available_timezones

from lab.core.errors import unknown

ISO = re.compile(
    r"\d{4}-\d{1,2}-\d{1,2}((T| +)\d{1,2}:\d{1,2}(:\d{1,2}([.,]\d{1,9})?)?)?\s*"
    r"(Z|UTC|[+-]\d{2}(:?\d{2})?)?"
)
# An offset counts only after a time of day: the end of 2026-03-02 is a day.
ZONED = re.compile(r":\d{1,2}([.,]\d+)?\s*(Z|UTC|[+-]\d{2}(:?\d{2})?)$")
EPOCHS = {"epoch_s": 1, "epoch_ms": 10**3, "epoch_us": 10**6, "epoch_ns": 10**9}
# 2001 to 2096: outside, a bare number is more likely a count than a time.
EPOCH_RANGE = (1e9, 4e9)
# What stands between the parts of a time.
MARKS = "/.-:"
_CLOCKS = ("", " %H:%M", " %H:%M:%S", " %H:%M:%S.%f", " %I:%M %p", " %I:%M:%S %p")
_DAY_FIRST = ("%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y", "%d/%m/%y", "%d.%m.%y")
_MONTH_FIRST = ("%m/%d/%Y", "%m.%d.%Y", "%m-%d-%Y", "%m/%d/%y", "%m.%d.%y")
_CLEAR = ("%Y/%m/%d", "%Y.%m.%d", "%Y%m%d", "%d %b %Y", "%d %B %Y", "%d-%b-%Y", "%d-%b-%y",
          "%b %d, %Y", "%B %d, %Y")  # fmt: skip
_FULL = ("%Y%m%dT%H%M%S", "%Y%m%dT%H%M%SZ", "%d/%b/%Y:%H:%M:%S %z")


def checked_zone(name: str) -> str:
    """Return a time zone unchanged if it exists.

    Args:
        name: IANA name such as ``Europe/London``.

    Raises:
        NotFound: There is no such zone; near names are given.
    """
    if name in available_timezones():
        return name
    raise unknown("time zone", name, available_timezones())


def time_kinds(cells: Sequence[str], *, numbers_too: bool) -> list[str]:
    """Find every way in which all cells can be read as times.

    Args:
        cells: Trimmed cells, none empty.
        numbers_too: Whether plain numbers may be times.

    Returns:
        Column types such as ``time``, ``date``, ``time:%d/%m/%Y %H:%M`` or ``time:epoch_ms``;
        two of them mean that day and month cannot be told apart; empty when it is no time.

    >>> time_kinds(["2026-03-02T10:00Z"], numbers_too=True)
    ['time']
    >>> time_kinds(["02/03/2026"], numbers_too=True)
    ['date:%d/%m/%Y', 'date:%m/%d/%Y']
    """
    if not cells:
        return []
    if all(ISO.fullmatch(cell) for cell in cells):
        dates_only = all(len(cell) <= 10 for cell in cells)
        return ["date" if dates_only else "time"]
    if numbers_too and (epoch := _epoch(cells)):
        return [f"time:{epoch}"]
    if cells[0].isdigit():
        return ["date:%Y%m%d"] if _all_match(cells, "%Y%m%d") else []
    if not any(mark in cells[0] for mark in (*MARKS, " ")):
        return [f"time:{f}" for f in _FULL if _all_match(cells, f)]
    clear = [f"{_kind(f)}:{f}" for f in _candidates(_CLEAR) if _all_match(cells, f)]
    if clear:
        return clear[:1]
    found = [f"{_kind(f)}:{f}" for f in _candidates(_DAY_FIRST) if _all_match(cells, f)][:1]
    found += [f"{_kind(f)}:{f}" for f in _candidates(_MONTH_FIRST) if _all_match(cells, f)][:1]
    return found or [f"time:{f}" for f in _FULL if _all_match(cells, f)]


def is_zoned(kind: str, cells: Sequence[str]) -> bool:
    """Whether times of a kind carry their own zone; the majority of cells decides.

    Args:
        kind: A column type, see ``time_kinds``.
        cells: Some of the cells.
    """
    pattern = kind.partition(":")[2]
    if pattern:
        return pattern in EPOCHS or pattern.endswith(("%z", "Z"))
    zoned = sum(bool(ZONED.search(cell)) for cell in cells)
    return zoned > len(cells) - zoned


def _candidates(dates: Sequence[str]) -> list[str]:
    return [date + clock for date in dates for clock in _CLOCKS]


def _kind(pattern: str) -> str:
    return "time" if "%H" in pattern or "%I" in pattern else "date"


def _all_match(cells: Sequence[str], pattern: str) -> bool:
    # Python makes an expression of each pattern anew; most patterns need marks that are not there.
    if any(cells[0].count(mark) < pattern.count(mark) for mark in MARKS):
        return False
    try:
        for cell in cells:
            datetime.strptime(cell, pattern)
    except ValueError:
        return False
    return True


def _epoch(cells: Sequence[str]) -> str:
    try:
        numbers = [float(cell) for cell in cells]
    except ValueError:
        return ""
    low, high = EPOCH_RANGE
    for name, scale in EPOCHS.items():
        if all(low * scale <= number <= high * scale for number in numbers):
            return name
    return ""
