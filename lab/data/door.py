"""What every kind of file offers once it was looked at: columns, and rows with where they stand."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from lab.data.reading import Layout
from lab.data.records import Item
from lab.data.row_blocks import RowBlock


class Door(Protocol):
    """A way into a file that is not plain rows of text."""

    def items(self) -> Iterator[Item]:
        """Rows and what is no row, in the order of the file; together they cover all of it."""
        ...

    def blocks(self) -> Iterator[RowBlock]:
        """The same, many at a time."""
        ...

    def count(self) -> int:
        """How many lines, rows or records there are, counted apart from ``items``."""
        ...


@dataclass(frozen=True)
class Opened:
    """A door, and what was found while it was opened.

    Args:
        door: The way in.
        columns: Names of the columns, in order.
        part: The sheet, table or list that is read.
        parts: Those to choose from.
        layout: Layout of JSON records; empty for other files.
        pattern: Pattern of log lines; empty for other files.
        year: Year of log times that name none, else 0.
        doubts: Sentences about what is uncertain.
        types: Column types that are known, not guessed.
    """

    door: Door
    columns: tuple[str, ...]
    part: str = ""
    parts: tuple[str, ...] = ()
    layout: Layout = ""
    pattern: str = ""
    year: int = 0
    doubts: tuple[str, ...] = ()
    types: Mapping[str, str] = field(default_factory=dict)
