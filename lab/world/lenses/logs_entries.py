"""Log lines before they are written: who says what, when, and about which request."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lab.world.lenses.dice import Bits, Numbers
from lab.world.signals import Array

LEVELS = ("DEBUG", "INFO", "WARN", "ERROR")
DEBUG, INFO, WARN, ERROR = range(4)
NO_TRACE = -1
Rows = NDArray[np.int64]


@dataclass(frozen=True)
class Entries:
    """Log lines in columns; L lines, shape (L,) each.

    Attributes:
        minute: Row of the minute in which they are written.
        time: True time, microseconds since 1970.
        node: Number of the node that writes.
        level: A place in ``LEVELS``.
        trace: Number of the trace within the stretch; -1 for none.
        weight: Requests that one stands for; 1 where it stands for itself.
        bits: What tells a line from every other.
        messages: What they say.
    """

    minute: Rows
    time: Rows
    node: Rows
    level: Rows
    trace: Rows
    weight: Array
    bits: Bits
    messages: list[str]

    def picked(self, order: "NDArray[np.int64] | NDArray[np.bool_]") -> "Entries":
        """Some of the lines, by place or by flag."""
        places = np.arange(len(self.minute))[order]
        return Entries(
            self.minute[places], self.time[places], self.node[places], self.level[places],
            self.trace[places], self.weight[places], self.bits[places],
            [self.messages[i] for i in places.tolist()],
        )  # fmt: skip


def joined(parts: Sequence[Entries]) -> Entries:
    """Put lines of several kinds together, in order of minute and time."""

    def column(name: str) -> Numbers:
        return np.concatenate([getattr(part, name) for part in parts])

    together = Entries(
        column("minute"), column("time"), column("node"), column("level"), column("trace"),
        column("weight"), column("bits"), [words for part in parts for words in part.messages],
    )  # fmt: skip
    return together.picked(np.lexsort((together.bits, together.time, together.minute)))
