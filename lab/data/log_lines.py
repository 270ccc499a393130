"""Log files as rows: each event with its time, level, component and message, stack traces joined.

Every physical line is the beginning of an event, part of the one above, blank, or turned away
with the reason, so the counts add up to the file.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from lab.data.formats import Format
from lab.data.lines import count_file, open_text
from lab.data.log_blocks import EventBlock
from lab.data.log_catalogue import LOGFMT
from lab.data.log_clock import Clock
from lab.data.log_columns import (
    EPOCH,
    LINE,
    MESSAGE,
    NAMED,
    RAW,
    TIMESTAMP,
    goes_on,
    misfit,
    no_time,
    turned_away,
)
from lab.data.log_patterns import LinePattern, line_pattern
from lab.data.log_takers import LogfmtTaker, PatternTaker, Taker
from lab.data.log_times import TimeForm
from lab.data.logfmt import logfmt_pairs
from lab.data.records import MAX_RECORD_LINES, Item, damage
from lab.data.row_blocks import RowBlock, in_blocks, line_blocks, nothing_collected


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
        return count_file(self.path, self.format, self.encoding)

    def items(self) -> Iterator[Item]:
        """Events, and lines that are none."""
        yield from self._events(self._lines(), 1, Clock(self.form, self.year))

    def blocks(self) -> Iterator[RowBlock]:
        """The same many at a time, and several times as fast."""
        clock, taker = Clock(self.form, self.year), self._taker()
        kept, number = list[str](), 1
        for lines in self._line_blocks():
            lines = kept + lines
            end = self._end(lines)
            kept = lines[end:]
            yield from self._block(lines[:end], number, taker, clock)
            number += end
        yield from self._block(kept, number, taker, clock)

    def _block(
        self, lines: list[str], number: int, taker: Taker, clock: Clock
    ) -> Iterator[RowBlock]:
        if not lines:
            return
        with nothing_collected():
            block = EventBlock(lines, number, self.pattern).read(taker, clock, self.columns)
        if block is not None:
            yield block
        else:
            yield from in_blocks(self._events(lines, number, clock), len(self.columns))

    def _end(self, lines: list[str]) -> int:
        """Where the last event begins, if the lines below may go on it; else the end."""
        last = range(len(lines) - 1, max(-1, len(lines) - 1 - MAX_RECORD_LINES), -1)
        return next((i for i in last if self._values(lines[i]) is not None), len(lines))

    def _events(self, lines: Iterable[str], begin: int, clock: Clock) -> Iterator[Item]:
        event: list[str] = []
        values: dict[str, str] = {}
        first = 0
        for number, line in enumerate(lines, begin):
            found = self._values(line)
            if event and found is None and goes_on(line, len(event)):
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
                yield turned_away(number, 1, line, misfit(self.pattern))
        if event:
            yield self._event(first, event, values, clock)

    def _line_blocks(self) -> Iterator[list[str]]:
        with open_text(self.path, self.format, self.encoding) as text:
            yield from line_blocks(text, self.path.name)

    def _lines(self) -> Iterator[str]:
        return (line for lines in self._line_blocks() for line in lines)

    def _compiled(self) -> LinePattern:
        # Where seconds since 1970 tell the time, the other one may be written as it likes.
        told = self.form.pattern if self.form and f"<{EPOCH}>" not in self.pattern else ""
        return line_pattern(self.pattern, told)

    def _taker(self) -> Taker:
        is_logfmt = self.pattern == LOGFMT
        return LogfmtTaker(self.columns) if is_logfmt else PatternTaker(self._compiled())

    def _values(self, line: str) -> dict[str, str] | None:
        return logfmt_pairs(line) if self.pattern == LOGFMT else self._compiled().match(line)

    def _event(self, first: int, lines: list[str], values: dict[str, str], clock: Clock) -> Item:
        raw = "\n".join(lines)
        row = {NAMED.get(name, name): value for name, value in values.items()}
        if len(lines) > 1 and MESSAGE in self.columns:
            row[MESSAGE] = "\n".join([row.get(MESSAGE, ""), *lines[1:]])
        if reason := damage(raw):
            return turned_away(first, len(lines), raw, reason)
        try:
            # Seconds since 1970 leave neither year nor zone open.
            row[TIMESTAMP] = clock.iso(row.pop(EPOCH, "") or row.get(TIMESTAMP, ""))
        except ValueError as error:
            return turned_away(first, len(lines), raw, no_time(error))
        strange = next((name for name in row if name not in self.columns), "")
        if strange and row[strange]:
            reason = f"has the field {strange!r}, which the preview did not meet"
            return turned_away(first, len(lines), raw, reason)
        row |= {LINE: str(first), RAW: raw}
        return Item("row", first, len(lines), [row.get(name) or None for name in self.columns])
