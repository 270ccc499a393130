"""What a contract promises about single cells, as a list of rules with their words."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from lab.data.quality.contract import TIMES, Column, Contract

SHOWN = 6


@dataclass(frozen=True)
class RowRule:
    """One promise about the cells of one column.

    Args:
        column: The column.
        name: required, least, most, only or pattern.
        expected: What is promised, in words.
        broken: What is said of a value that breaks it.
        bound: The bound, the allowed texts or the pattern.
    """

    column: str
    name: str
    expected: str
    broken: str
    bound: Any = None


def row_rules(contract: Contract) -> list[RowRule]:
    """Every promise about single cells that a contract makes, in its order."""
    return [rule for name, column in contract.columns.items() for rule in _rules(name, column)]


def moment(bound: str) -> datetime:
    """A bound of days or times, in UTC and without a zone.

    >>> print(moment("2026-01-01"), moment("2026-01-01T01:00+01:00"))
    2026-01-01 00:00:00 2026-01-01 00:00:00
    """
    said = datetime.fromisoformat(bound)
    return said.astimezone(UTC).replace(tzinfo=None) if said.tzinfo else said


def _rules(name: str, column: Column) -> Iterator[RowRule]:
    more, less = ("later", "earlier") if column.type in TIMES else ("more", "less")
    under, over = ("before", "after") if column.type in TIMES else ("less than", "more than")
    least, most, pattern = column.least, column.most, column.pattern
    if column.required:
        yield RowRule(name, "required", "never empty", "is empty")
    if least is not None:
        yield RowRule(name, "least", f"{least} or {more}", f"is {under} {least}", least)
    if most is not None:
        yield RowRule(name, "most", f"{most} or {less}", f"is {over} {most}", most)
    if column.only:
        hidden = len(column.only) - SHOWN
        listed = ", ".join(column.only[:SHOWN]) + (f" and {hidden} more" if hidden > 0 else "")
        yield RowRule(name, "only", f"one of {listed}", f"is not one of {listed}", column.only)
    if pattern:
        yield RowRule(
            name, "pattern", f"written as {pattern}", f"is not written as {pattern}", pattern
        )
