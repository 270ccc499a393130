"""A sample of text as rows, read leniently: a quote that does not close is a character.

This is for looking at a file, not for loading it; see ``lab.data.records`` for that.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from lab.data.dialect import Dialect, cell_pattern


class Row(NamedTuple):
    """One row of a sample.

    Args:
        line: Its first physical line, from 1.
        last: Its last physical line.
        cells: Its cells.
        quoted: Which of them were quoted.
    """

    line: int
    last: int
    cells: list[str]
    quoted: list[bool]

    @property
    def filled(self) -> int:
        """Cells that hold anything."""
        return sum(bool(cell.strip()) for cell in self.cells)


def sample_rows(lines: Sequence[str], dialect: Dialect) -> list[Row]:
    """Read a sample.

    Args:
        lines: Physical lines with their ends.
        dialect: How they are written; ``skip`` and ``header`` do not count.
    """
    text, cell = "".join(dialect.squeezed(lines)), cell_pattern(dialect)
    rows: list[Row] = []
    line, position = 1, 0
    cells: list[str] = []
    quoted: list[bool] = []
    first = line
    while position < len(text) and (found := cell.match(text, position)):
        inner = found["quoted"]
        cells.append(found["bare"] if inner is None else unquoted(inner, dialect))
        quoted.append(inner is not None)
        line += _line_ends(found[0])
        position = found.end()
        if found["end"] != dialect.delimiter:
            rows.append(Row(first, max(first, line - 1), cells, quoted))
            cells, quoted, first = [], [], line
        elif position == len(text):
            cells.append("")
            quoted.append(False)
            rows.append(Row(first, line, cells, quoted))
    return rows


def unquoted(inner: str, dialect: Dialect) -> str:
    """What a quoted cell says."""
    if dialect.escape:
        inner = re.sub(
            re.escape(dialect.escape) + "([" + re.escape(dialect.escape + dialect.quote) + "])",
            lambda found: found[1],
            inner,
        )
    return inner.replace(dialect.quote * 2, dialect.quote)


def _line_ends(text: str) -> int:
    return text.count("\n") + text.count("\r") - text.count("\r\n")
