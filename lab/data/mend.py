"""A row that does not fit is set against its columns, and the cheapest reading of it is taken.

The search goes over pairs of a place in the line and a column (uniform-cost search, Dijkstra
1959, over the lattice of sequence alignment): a cell may end at a delimiter, run over one, end
where there is none; a delimiter may be one too many; a quote may be a mere character. Each such
step has a price, and so has every cell that is unlike its column.
"""

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import count
from math import inf
from typing import NamedTuple, TypeAlias

from lab.data.belonging import Column
from lab.data.dialect import Dialect
from lab.data.mend_steps import OTHERS, PRICES, Step, bare, quoted

MAX_CHARS = 20_000
MAX_STEPS = 30_000
# Two readings whose prices differ by less than this are both worth a look.
CLOSE = 1.0
# Beyond this a row may be written in another way altogether.
UNLIKELY = 6.0
# Rows often stop early; what is left out there need not have been empty before.
TAIL = 0.3


class Mended(NamedTuple):
    """A row put right.

    Args:
        cells: Its cells.
        what: What was done.
        price: How far it is from a whole row.
        other: The next reading, when it is nearly as likely; empty otherwise.
    """

    cells: list[str]
    what: str
    price: float
    other: tuple[str, ...] = ()


Trail: TypeAlias = "tuple[str | None, str, Trail] | None"


@dataclass(frozen=True)
class Mender:
    """Puts rows right that have too few or too many cells, or broken quotes.

    Args:
        dialect: How the text is written.
        columns: What its columns hold.
    """

    dialect: Dialect
    columns: Sequence[Column]

    def mend(self, line: str) -> Mended | None:
        """Read a line as a row as well as can be.

        Args:
            line: One physical line, or several joined by a quote.

        Returns:
            The reading, or ``None`` when none was found within bounds.
        """
        line = line.rstrip("\r\n")
        if len(line) > MAX_CHARS:
            return None
        found = [one for one in (self._through(line, self.dialect, 0.0),) if one]
        found += self._other_marks(line, min((one.price for one in found), default=inf))
        return min(found, key=lambda one: one.price, default=None)

    def _other_marks(self, line: str, best: float) -> Iterator[Mended]:
        wanted = len(self.columns) - 1
        if best <= UNLIKELY:
            return
        for mark in (*OTHERS, " ", self.dialect.delimiter + " "):
            if mark == self.dialect.delimiter or line.count(mark) < wanted:
                continue
            said = f"another delimiter, {mark!r}"
            dialect = replace(self.dialect, delimiter=mark)
            one = self._through(line, dialect, PRICES["another delimiter"], best)
            if one and one.price < best:
                yield one._replace(what="; ".join(filter(None, (said, one.what))))

    def _through(
        self, line: str, dialect: Dialect, start: float, most: float = inf
    ) -> Mended | None:
        text, order = line + dialect.delimiter, count()
        heap: list[tuple[float, int, int, int, Trail]] = [(start, next(order), 0, 0, None)]
        settled: set[tuple[int, int]] = set()
        found: list[Mended] = []
        steps = 0
        while heap and steps < MAX_STEPS:
            price, _, place, column, trail = heapq.heappop(heap)
            if price > (found[0].price + CLOSE if found else most):
                break
            if place == len(text) and column == len(self.columns):
                one = _unrolled(trail, price)
                if not found or one.cells != found[0].cells:
                    found.append(one)
                if len(found) > 1:
                    break
                continue
            if (place, column) in settled and not found:
                continue
            settled.add((place, column))
            for step in self._steps(text, place, column, dialect):
                steps += 1
                after = column + (step.cell is not None)
                rest: Trail = (step.cell, step.what, trail)
                heapq.heappush(heap, (price + step.price, next(order), step.end, after, rest))
        if not found:
            return None
        return found[0]._replace(other=tuple(found[1].cells) if len(found) > 1 else ())

    def _steps(self, text: str, place: int, column: int, dialect: Dialect) -> Iterator[Step]:
        mark = dialect.delimiter
        if text.startswith(mark, place):
            yield Step(place + len(mark), None, PRICES["one delimiter too many"],
                       "one delimiter too many")  # fmt: skip
        if column == len(self.columns):
            return
        belongs = self.columns[column].cost
        if place == len(text):
            said = "cells missing at the end"
            yield Step(place, "", PRICES[said] + TAIL * belongs(""), said)
            return
        yield Step(place, "", PRICES["a cell missing"] + belongs(""), "a cell missing")
        for step in (*bare(text, place, dialect), *quoted(text, place, dialect)):
            cell = step.cell or ""
            price = belongs(cell)
            if dialect.quote and dialect.quote in cell:
                # A quote that came in as a character must not make its cell look strange.
                price = min(price, belongs(cell.replace(dialect.quote, "")))
            yield step._replace(price=step.price + price)


def _unrolled(trail: Trail, price: float) -> Mended:
    cells, said = [], []
    while trail is not None:
        cell, what, trail = trail
        if cell is not None:
            cells.append(cell)
        if what:
            said.append(what)
    return Mended(cells[::-1], "; ".join(dict.fromkeys(said[::-1])), price)
