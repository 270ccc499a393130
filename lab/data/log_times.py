"""Times as logs write them, turned into ISO 8601 without a guess about their zone."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_DAY = "(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)"
_CLOCK = r"\d{2}:\d{2}:\d{2}"
DAY_PARTS = ("y", "yy", "m", "mon", "d")
EPOCH_DIGITS = 10
# As casts read them at once.
PLAINER = {"UTC": "Z", "+0000": "+00:00"}
_PART = r"(?:[.,]\d{1,9})?"


@dataclass(frozen=True)
class TimeForm:
    """One way to write a time.

    Args:
        pattern: How it looks; a regular expression without groups that hold anything.
        parts: Named groups for year, month, day, clock, fraction and zone.
        has_year: Whether it says its year.
    """

    pattern: str
    parts: "re.Pattern[str]"
    has_year: bool = True

    @property
    def is_epoch(self) -> bool:
        """Whether it counts seconds since 1970."""
        return "epoch" in self.parts.groupindex

    def seconds_end(self, text: str) -> int:
        """Where the whole seconds of a time end, if its day stands before them; else 0.

        What follows then says the fraction and the zone, and nothing else does.

        >>> FORMS[0].seconds_end("2026-01-02 10:00:00,123 +0100")
        19
        >>> FORMS[3].seconds_end("Sun Dec 04 04:47:44 2005")
        0
        """
        found = self.parts.fullmatch(text)
        if found is None:
            return 0
        if self.is_epoch:
            return EPOCH_DIGITS if len(found["epoch"]) >= EPOCH_DIGITS else 0
        end = found.end("clock")
        days = (found.end(name) for name in self.parts.groupindex if name in DAY_PARTS)
        return end if max(days) <= end else 0


def _form(pattern: str, parts: str, *, has_year: bool = True) -> TimeForm:
    return TimeForm(pattern, re.compile(parts), has_year)


_TAIL = r"(?P<clock>\d\d:\d\d:\d\d)(?:[.,](?P<part>\d+))?"
# The longer and the stricter first.
FORMS: tuple[TimeForm, ...] = (
    _form(
        rf"\d{{4}}-\d{{2}}-\d{{2}}[T ]{_CLOCK}{_PART}(?:[^\S\n]?(?:Z|UTC|[+-]\d{{2}}:?\d{{2}}))?",
        rf"(?P<y>\d{{4}})-(?P<m>\d\d)-(?P<d>\d\d)[T ]{_TAIL}\s?(?P<zone>\S*)",
    ),
    _form(rf"\d{{4}}/\d{{2}}/\d{{2}} {_CLOCK}{_PART}",
          rf"(?P<y>\d{{4}})/(?P<m>\d\d)/(?P<d>\d\d) {_TAIL}"),
    _form(rf"\d{{2}}/{_MONTH}/\d{{4}}:{_CLOCK} [+-]\d{{4}}",
          rf"(?P<d>\d\d)/(?P<mon>\w+)/(?P<y>\d{{4}}):{_TAIL} (?P<zone>\S+)"),
    _form(rf"{_DAY} {_MONTH} +\d{{1,2}} {_CLOCK}{_PART} \d{{4}}",
          rf"\w+ (?P<mon>\w+) +(?P<d>\d+) {_TAIL} (?P<y>\d{{4}})"),
    _form(r"\d{4}-\d{2}-\d{2}-\d{2}\.\d{2}\.\d{2}\.\d{6}",
          r"(?P<y>\d{4})-(?P<m>\d\d)-(?P<d>\d\d)-(?P<clock>\d\d\.\d\d\.\d\d)\.(?P<part>\d+)"),
    _form(r"\d{8}-\d{1,2}:\d{1,2}:\d{1,2}:\d{1,3}",
          r"(?P<y>\d{4})(?P<m>\d\d)(?P<d>\d\d)-(?P<clock>\d+:\d+:\d+):(?P<millis>\d+)"),
    _form(rf"\d{{2}} {_MONTH} \d{{4}} {_CLOCK}{_PART}",
          rf"(?P<d>\d\d) (?P<mon>\w+) (?P<y>\d{{4}}) {_TAIL}"),
    _form(rf"\d{{2}}/\d{{2}}/\d{{2}} {_CLOCK}{_PART}",
          rf"(?P<yy>\d\d)/(?P<m>\d\d)/(?P<d>\d\d) {_TAIL}"),
    _form(r"\d{6} \d{6}",
          r"(?P<yy>\d\d)(?P<m>\d\d)(?P<d>\d\d) (?P<clock>\d{6})"),
    _form(rf"{_MONTH} +\d{{1,2}} {_CLOCK}{_PART}",
          rf"(?P<mon>\w+) +(?P<d>\d+) {_TAIL}", has_year=False),
    _form(rf"\d{{2}}[-.]\d{{2}} {_CLOCK}{_PART}",
          rf"(?P<m>\d\d)[-.](?P<d>\d\d) {_TAIL}", has_year=False),
    _form(rf"\d{{4}} {_CLOCK}\.\d+",
          rf"(?P<m>\d\d)(?P<d>\d\d) {_TAIL}", has_year=False),
    _form(r"\d{13}(?!\d)|\d{10}(?:\.\d+)?", r"(?P<epoch>\d+)(?:\.(?P<part>\d+))?"),
)  # fmt: skip
ANY_TIME = "(?:" + "|".join(form.pattern for form in FORMS) + ")"


def form_of(times: Sequence[str]) -> TimeForm:
    """The way in which most of some times are written.

    Args:
        times: Texts that ``ANY_TIME`` found.
    """
    return max(FORMS, key=lambda form: sum(bool(re.fullmatch(form.pattern, t)) for t in times))


def iso(text: str, form: TimeForm, year: int) -> str:
    """A time as ISO 8601, with its zone where it has one.

    Args:
        text: As the log writes it.
        form: How it is written.
        year: The year, for forms that say none.

    Raises:
        ValueError: There is no such time.

    >>> iso("Jun  9 06:06:20", form_of(["Jun  9 06:06:20"]), 2026)
    '2026-06-09T06:06:20'
    >>> iso("10/Oct/2000:13:55:36 -0700", form_of(["10/Oct/2000:13:55:36 -0700"]), 0)
    '2000-10-10T13:55:36-0700'
    """
    found = form.parts.fullmatch(text)
    if found is None:
        raise ValueError(f"{text} is written differently")
    part = found.groupdict()
    if part.get("epoch"):
        return _epoch(part["epoch"], part.get("part") or "")
    month = int(part["m"]) if part.get("m") else MONTHS.index(part["mon"].lower()) + 1
    years = int(part.get("y") or 0) or (2000 + int(part["yy"]) if part.get("yy") else year)
    clock = part["clock"].replace(".", ":")
    if len(clock) == 6 and ":" not in clock:
        clock = f"{clock[:2]}:{clock[2:4]}:{clock[4:]}"
    hours, minutes, seconds = map(int, clock.split(":"))
    moment = datetime(years, month, int(part["d"]), hours, minutes, seconds)
    fraction = part.get("part") or (f"{int(part['millis']):03d}" if part.get("millis") else "")
    zone = part.get("zone") or ""
    return moment.isoformat() + (f".{fraction[:6]}" if fraction else "") + PLAINER.get(zone, zone)


def month_of(text: str, form: TimeForm) -> int:
    """The month of a time whose year is not said."""
    return int(iso(text, form, 2000)[5:7])  # a leap year, for the 29th of February


def _epoch(digits: str, part: str) -> str:
    whole, rest = (int(digits[:EPOCH_DIGITS]), digits[EPOCH_DIGITS:] or part)
    moment = datetime.fromtimestamp(whole, UTC).replace(tzinfo=None).isoformat()
    return f"{moment}.{rest[:6]}Z" if rest else f"{moment}Z"
