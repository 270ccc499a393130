"""Events in order, the newest kept: who reads with a cursor gets each one once."""

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

Event = Mapping[str, Any]


@dataclass(frozen=True)
class Batch:
    """What came after a cursor.

    Args:
        events: Plain values, oldest first.
        cursor: Where to go on next time.
        missed: How many were gone already when they were asked for.
    """

    events: tuple[Event, ...]
    cursor: int
    missed: int


class Stream:
    """A bounded memory of numbered events; the first has number 1.

    Args:
        keep: How many of the newest are kept.
    """

    def __init__(self, keep: int) -> None:
        """Begin empty."""
        self._kept: deque[Event] = deque(maxlen=keep)
        self._last = 0

    def add(self, events: Iterable[Event]) -> None:
        """Append events; the oldest make room."""
        for event in events:
            self._kept.append(event)
            self._last += 1

    def after(self, cursor: int, most: int) -> Batch:
        """Events after a cursor.

        Args:
            cursor: Number of the last event that was read; 0 at first. One from another life
                of the world, beyond the last, starts anew.
            most: Most events to return, 1 or more.

        >>> stream = Stream(2)
        >>> stream.add([{"at": 1}, {"at": 2}, {"at": 3}])
        >>> stream.after(0, 10)
        Batch(events=({'at': 2}, {'at': 3}), cursor=3, missed=1)
        >>> stream.after(3, 10)
        Batch(events=(), cursor=3, missed=0)
        """
        cursor = 0 if cursor > self._last else max(0, cursor)
        gone = self._last - len(self._kept)
        begin = max(cursor, gone)
        events = tuple(islice(self._kept, begin - gone, begin - gone + most))
        return Batch(events, begin + len(events), begin - cursor)

    def newest(self, count: int) -> tuple[Event, ...]:
        """The newest events, newest first."""
        return tuple(islice(reversed(self._kept), count))
