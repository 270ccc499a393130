"""How well a cell belongs to a column, learned from rows that are whole."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import log

from lab.data.shapes import coarse, fine

# What a cell costs whose shape its column has not shown yet.
STRANGE = 6.0
MOST = 3.0
LIKE = 1.5
# Columns of running text show new shapes all the time.
OPEN = 0.5
# What spaces around a cell cost where none have been.
PADDED = 1.0


@dataclass(frozen=True)
class Column:
    """The shapes that the cells of a column have had.

    Args:
        fine: Shapes with lengths of numbers, and how often.
        coarse: Shapes without.
        starts: Kinds of first character, and how often.
        total: Cells seen.
        lengths: The shortest and the longest filled cell.
    """

    fine: Counter[str]
    coarse: Counter[str]
    starts: Counter[str]
    total: int
    lengths: tuple[int, int]

    @property
    def open(self) -> bool:
        """Whether new shapes are no surprise, as in text."""
        return len(self.coarse) > OPEN * self.total**0.5 + 2 or "words" in self.coarse

    def cost(self, cell: str) -> float:
        """How strange a cell would be here: 0 for the most usual, 6 for one unlike any."""
        if not self.total:
            return 0.0
        plain, bare = fine(cell), cell.strip()
        if bare != cell and plain not in self.fine:
            return PADDED + self.cost(bare)
        if plain in self.fine:
            return min(MOST, log(max(self.fine.values()) / self.fine[plain])) * (
                0.3 if self.open else 1.0
            )
        if not cell.strip():
            return STRANGE if not self.fine[""] else MOST
        rough = coarse(cell)
        if rough in self.coarse:
            usual = max(self.coarse.values())
            price = LIKE * (not self.open) + 0.3 * min(MOST, log(usual / self.coarse[rough]))
        else:
            price = MOST if self.open else STRANGE
        return price + self._edges(cell)

    def _edges(self, cell: str) -> float:
        """What it costs to begin unlike the column, or to be far longer or shorter."""
        kind = _kind(cell)
        share = self.starts[kind] / self.total
        price = 0.0 if share > 0.05 else 1.0 if share else 2.0
        shortest, longest = self.lengths
        if len(cell) > 1.5 * longest + 5 or len(cell) < shortest / 2:
            price += 1.5
        return price


# Anything belongs to a column of which nothing is known.
UNKNOWN_COLUMN = Column(Counter(), Counter(), Counter(), 0, (0, 0))


def learn(rows: Sequence[Sequence[str]]) -> list[Column]:
    """Learn what the columns of a table hold.

    Args:
        rows: Whole rows, all of the same width.
    """
    return [_column(cells) for cells in zip(*rows, strict=True)]


def _column(cells: Sequence[str]) -> Column:
    filled = [len(cell) for cell in cells if cell] or [0]
    return Column(
        Counter(map(fine, cells)),
        Counter(map(coarse, cells)),
        Counter(map(_kind, cells)),
        len(cells),
        (min(filled), max(filled)),
    )


def _kind(cell: str) -> str:
    if not cell:
        return ""
    first = cell[0]
    if first.isdigit():
        return "0"
    if first.isalpha():
        return "A" if first.isupper() else "a"
    return re.sub(r"\s", " ", first)
