"""Log files as rows: each event with its time, level, component and message, stack traces joined.

Every physical line is the beginning of an event, part of the one above, blank, or turned away
with the reason, so the counts add up to the file.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from lab.data.formats import Format
from lab.data.lines import count_lines, open_text, split_lines
from lab.data.log_catalogue import LOGFMT
from lab.data.log_patterns import line_pattern
from lab.data.log_times import TimeForm, iso, month_of
from lab.data.logfmt import logfmt_pairs
from lab.data.records import MAX_RECORD_LINES, MAX_REJECT_TEXT, Item, damage

TIMESTAMP, LINE, RAW, EPOCH = "timestamp", "line_number", "raw", "epoch"
NAMED = {"time": TIMESTAMP, "ts": TIMESTAMP, "msg": "message", "lvl": "level"}
CONTINUES = re.compile(
    r"\s|Caused by:|Traceback \(most|During handling of|The above exception|\.\.\. \d+ more|"
    r"(?:[a-zA-Z_]\w*\.)*[A-Z]\w*(?:Error|Exception|Warning|Interrupt)\b"
)


@dataclass(frozen=True)
class LogDoor:
    """Events of a log file.

    Args:
        path: The file.
        format: How it is packed.
        encoding: Its encoding.
        pattern: A pattern, or ``logfmt``.
        form: How its times are written; ``None`` when it names none.
        columns: Names of the columns.
        year: Year of the first line, for times that say none.
    """

    path: Path
    format: Format
    encoding: str
    pattern: str
    form: TimeForm | None
    columns: tuple[str, ...]
    year: int

    def count(self) -> int:
        """Physical lines, counted without looking at what they hold."""
        with open_text(self.path, self.format, self.encoding) as text:
            return count_lines(text)

    def items(self) -> Iterator[Item]:
        """Events, and lines that are none."""
        clock = _Clock(self.form, self.year)
        event: list[str] = []
        values: dict[str, str] = {}
        first = 0
        for number, line in enumerate(self._lines(), start=1):
            found = self._values(line)
            if event and found is None and _goes_on(line, event):
                event.append(line)
                continue
            if event:
                yield self._event(first, event, values, clock)
                event = []
            if found is not None:
                event, values, first = [line], found, number
            elif not line.strip():
                yield Item("blank", number, 1, [])
            else:
                yield _bad(number, 1, line, f"does not fit the pattern {self.pattern}")
        if event:
            yield self._event(first, event, values, clock)

    def _lines(self) -> Iterator[str]:
        with open_text(self.path, self.format, self.encoding) as text:
            yield from (line.rstrip("\r\n") for line in split_lines(text, self.path.name))

    def _values(self, line: str) -> dict[str, str] | None:
        if self.pattern == LOGFMT:
            return logfmt_pairs(line)
        time = self.form.pattern if self.form else ""
        return line_pattern(self.pattern, time).match(line)

    def _event(self, first: int, lines: list[str], values: dict[str, str], clock: "_Clock") -> Item:
        raw = "\n".join(lines)
        row = {NAMED.get(name, name): value for name, value in values.items()}
        if len(lines) > 1 and "message" in self.columns:
            row["message"] = "\n".join([row.get("message", ""), *lines[1:]])
        if reason := damage(raw):
            return _bad(first, len(lines), raw, reason)
        try:
            # Seconds since 1970 leave neither year nor zone open.
            row[TIMESTAMP] = clock.iso(row.pop(EPOCH, "") or row.get(TIMESTAMP, ""))
        except ValueError as error:
            return _bad(first, len(lines), raw, f"holds no time: {error}")
        strange = next((name for name in row if name not in self.columns), "")
        if strange and row[strange]:
            reason = f"has the field {strange!r}, which the preview did not meet"
            return _bad(first, len(lines), raw, reason)
        row |= {LINE: str(first), RAW: raw}
        return Item("row", first, len(lines), [row.get(name) or None for name in self.columns])


class _Clock:
    """Times of a log one after the other; a year that is not said goes up after December."""

    def __init__(self, form: TimeForm | None, year: int) -> None:
        self.form, self.year, self.month = form, year, 0

    def iso(self, text: str) -> str:
        if self.form is None or not text:
            return text
        if not self.form.has_year:
            month = month_of(text, self.form)
            self.year += self.month - month > 6
            self.month = month
        return iso(text, self.form, self.year)


def _goes_on(line: str, event: Sequence[str]) -> bool:
    return len(event) < MAX_RECORD_LINES and bool(line.strip()) and bool(CONTINUES.match(line))


def _bad(number: int, span: int, text: str, reason: str) -> Item:
    shown = text[:MAX_REJECT_TEXT].encode(errors="replace").decode()
    return Item("bad", number, span, [], reason, shown)
