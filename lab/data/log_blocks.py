"""Events of a log, many lines at a time, where nothing about them is odd.

``LogDoor`` reads what is odd line by line, and is the authority: this may only decline or agree.
"""

from collections import Counter
from collections.abc import Sequence
from itertools import compress, pairwise

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
from lab.data.log_takers import Taker, Texts
from lab.data.records import Item, damage
from lab.data.row_blocks import RowBlock


class EventBlock:
    """Lines of which the first goes on no event above, and the last is not gone on below.

    Args:
        lines: Physical lines without their ends.
        first: Number of the first of them.
        pattern: How they are written.
    """

    def __init__(self, lines: Texts, first: int, pattern: str) -> None:
        self.lines, self.first, self.pattern = lines, first, pattern
        self.kinds: Counter[str] = Counter()
        self.bad: list[Item] = []
        # Of each event its place among the lines, how many it takes, and its values.
        self.starts: list[int] = []
        self.spans: list[int] = []
        self.cells: dict[str, Texts] = {}

    def read(self, taker: Taker, clock: Clock, columns: Texts) -> RowBlock | None:
        """Read the lines.

        Args:
            taker: Takes them apart.
            clock: At the time of the event above.
            columns: Columns of a row.

        Returns:
            The rows; ``None`` when anything is odd, and then the clock is untouched.
        """
        taken = None if damage("\n".join(self.lines)) else taker.take(self.lines)
        if taken is None:
            return None
        raws, *values = taken
        self.starts = [i for i, raw in enumerate(raws) if raw]
        self.spans = [1] * len(self.starts)
        self.cells = {NAMED.get(n, n): v for n, v in zip(taker.names, values, strict=True)}
        self.cells[RAW] = raws
        if len(self.starts) < len(self.lines):
            self._pick(raws)
            self._join()
        numbers = [self.first + i for i in self.starts]
        self.cells[LINE] = list(map(str, numbers))
        good = self._tell(clock)
        if not all(good):
            self._pick(good)
            numbers = list(compress(numbers, good))
        self.kinds["row"] = len(self.lines) - sum(self.kinds.values())
        nothing = [""] * len(numbers)
        self.bad.sort(key=lambda item: item.line)
        return RowBlock(numbers, [self.cells.get(name, nothing) for name in columns],
                        self.kinds, self.bad, self.first + len(self.lines) - 1)  # fmt: skip

    def _pick(self, wanted: Sequence[object]) -> None:
        """Keep the values of some of the events."""
        self.cells = {name: list(compress(cells, wanted)) for name, cells in self.cells.items()}

    def _join(self) -> None:
        """Add to each event the lines that go on it, and name those that go on none."""
        raws, messages = list(self.cells[RAW]), list(self.cells.get(MESSAGE, ()))
        bounds = [*self.starts, len(self.lines)]
        self._rest(0, bounds[0], [])
        for event, (start, end) in enumerate(pairwise(bounds)):
            if end == start + 1:
                continue
            taken = self._rest(start + 1, end, [raws[event]])
            if len(taken) > 1:
                raws[event], self.spans[event] = "\n".join(taken), len(taken)
                if messages:
                    messages[event] = "\n".join([messages[event], *taken[1:]])
        self.cells |= {RAW: raws, MESSAGE: messages} if messages else {RAW: raws}

    def _rest(self, begin: int, end: int, event: list[str]) -> list[str]:
        """Add lines to the event above them, as far as they go on it."""
        is_open = bool(event)
        for i in range(begin, end):
            line = self.lines[i]
            is_open = is_open and goes_on(line, len(event))
            if is_open:
                event.append(line)
            elif line.strip():
                self._turn_away(i, 1, line, misfit(self.pattern))
            else:
                self.kinds["blank"] += 1
        return event

    def _tell(self, clock: Clock) -> list[bool]:
        """Write the times as ISO 8601; gives whether each event has one that there is."""
        good = [True] * len(self.starts)
        seconds, times = self.cells.pop(EPOCH, None), self.cells.get(TIMESTAMP)
        if seconds is not None:
            # Seconds since 1970 leave neither year nor zone open.
            times = [one or other for one, other in zip(seconds, times or seconds, strict=True)]
        iso, said = clock.iso, list[str]()
        for i, text in enumerate(times or ()):
            try:
                said.append(iso(text))
            except ValueError as error:
                said.append("")
                good[i] = False
                self._turn_away(self.starts[i], self.spans[i], self.cells[RAW][i], no_time(error))
        self.cells[TIMESTAMP] = said or [""] * len(good)
        return good

    def _turn_away(self, place: int, span: int, text: str, reason: str) -> None:
        self.kinds["bad"] += span
        self.bad.append(turned_away(self.first + place, span, text, reason))
