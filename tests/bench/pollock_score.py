"""Pollock's score of a loader, written anew from its published rules.

Source: Vitagliano, Hameed, Jiang, Reisener, Wu, Naumann, "Pollock: A Data Loading Benchmark",
VLDB 2023, and ``metrics.py``, ``data_types.py`` and ``evaluate.py`` of
github.com/HPI-Information-Systems/Pollock. A file scores 0 to 10: one point for being read at
all, then precision, recall and F1 of the header, the records and the cells as multisets. Header
and records are compared normalised, cells as they are written.
"""

import csv
import io
import re
import warnings
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import time
from functools import cache
from typing import NamedTuple

import dateutil.parser

PRICE = re.compile(r"([$£€¥])\s*([\d,]*\.?\d+)|([\d,]*\.?\d+)\s*([$£€¥])")


class Score(NamedTuple):
    """The ten figures of one file, each 0 to 1."""

    success: float
    header: tuple[float, float, float]
    record: tuple[float, float, float]
    cell: tuple[float, float, float]

    @property
    def total(self) -> float:
        """Their sum, 0 to 10."""
        return self.success + sum(self.header) + sum(self.record) + sum(self.cell)


FAILED = Score(0, (0, 0, 0), (0, 0, 0), (0, 0, 0))


class _Dates(dateutil.parser.parserinfo):
    JUMP = [" ", ".", ",", ";", "-", "/", "'"]  # noqa: RUF012  # as its base class has it


def rows_of(data: bytes) -> list[list[str]]:
    """The rows of a standard CSV file."""
    text = data.decode("utf-8-sig")
    usual = csv.field_size_limit(2**31 - 1)
    try:
        return list(csv.reader(io.StringIO(text)))
    finally:
        csv.field_size_limit(usual)  # it holds for the whole process


def score(clean: Sequence[Sequence[str]], loaded: Sequence[Sequence[str]]) -> Score:
    """How well a loader read one file.

    Args:
        clean: The true rows, the header first.
        loaded: The rows it gave, the header first.
    """
    if not clean:
        return Score(1, (1, 1, 1), (1, 1, 1), (1, 1, 1))
    truth, given = [[list(map(normalised, row)) for row in rows] for rows in (clean, loaded)]
    return Score(
        1,
        _measures(truth[0], given[0] if given else []),
        _measures(map("".join, truth[1:]), map("".join, given[1:])),
        _measures((c for row in clean for c in row), (c for row in loaded for c in row)),
    )


def same_content(clean: Sequence[Sequence[str]], loaded: Sequence[Sequence[str]]) -> bool:
    """Whether two tables hold the same once normalised, cell by cell and in order."""
    return _plain(clean) == _plain(loaded)


def weighted(totals: dict[str, float], weights: dict[str, float]) -> float:
    """The mean over files by how common their pollution is."""
    given = {name: weights.get(name, 0.0) for name in totals}
    return sum(totals[name] * weight for name, weight in given.items()) / sum(given.values())


@cache
def normalised(cell: str) -> str:
    """A cell without what does not change its meaning."""
    if not cell.strip():
        return cell
    for reading in (_boolean, _integer, _number, _time, _date, _price):
        try:
            return reading(cell)
        except (ValueError, OverflowError, TypeError):
            continue
    return cell.lower()


def _boolean(cell: str) -> str:
    if cell in ("True", "true", "False", "false"):
        return "01"[cell.lower() == "true"]
    raise ValueError(cell)


def _integer(cell: str) -> str:
    return str(int(cell))


def _number(cell: str) -> str:
    return str(float(cell))


def _time(cell: str) -> str:
    if not re.fullmatch(r"\d{1,2}:\d{2}(:\d{2})?", cell):
        raise ValueError(cell)
    return str(time(*map(int, cell.split(":"))))


def _date(cell: str) -> str:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return str(dateutil.parser.parse(cell, parserinfo=_Dates()))


def _price(cell: str) -> str:
    found = PRICE.search(cell)
    if not found:
        raise ValueError(cell)
    mark, amount = found[1] or found[4], found[2] or found[3]
    return f"{mark}{float(amount.replace(',', ''))}"


def _plain(rows: Sequence[Sequence[str]]) -> list[list[str]]:
    # Empty cells at the end of a row say nothing; spaces around a cell do not change it.
    plain = [[normalised(cell.strip()) for cell in row] for row in rows]
    for row in plain:
        while row and not row[-1]:
            row.pop()
    return plain


def _measures(truth: Iterable[str], given: Iterable[str]) -> tuple[float, float, float]:
    expected, found = Counter(truth), Counter(given)
    if not expected:
        return 1.0, 1.0, 1.0
    common = (expected & found).total()
    if not common:
        return 0.0, 0.0, 0.0
    # The benchmark calls the share of the truth precision; their names are kept.
    precision, recall = common / expected.total(), common / found.total()
    return precision, recall, 2 * precision * recall / (precision + recall)
