"""What stands above a table: titles, remarks, and what is known of it before its rows are."""

from collections.abc import Sequence
from statistics import median

from lab.data.dialect import Dialect
from lab.data.shapes import MISSING_MARKS, is_value
from lab.data.tokens import Row, sample_rows

MAX_TITLES = 30
OTHER_MARKS = ("\t", ";", "|", ",", " ")
# What something is called, and what it is.
FACT = 2
# A column holds values when this share of its filled cells do.
MOSTLY = 0.8


def count_titles(rows: Sequence[Row], width: int) -> int:
    """Rows above the header: nearly empty ones, and ones unlike the table they precede.

    Args:
        rows: The first rows of a file.
        width: Columns of the table.
    """
    usual = median([row.filled for row in rows if row.filled] or [0])
    past = 0
    for i, row in enumerate(rows[:MAX_TITLES]):
        past = max(past, i + _block(rows[i:], width))
        if i < past:
            continue
        after = rows[i + 1 : MAX_TITLES]
        if other_mark(row.cells, width) and not header_ahead(after, width):
            return i
        if row.filled == 1 < width == len(row.cells) and is_value(row.cells[0]):
            return i
        if row.filled <= 1 and (usual > 1 or not row.filled or _all_names(after, width)):
            continue
        if not (len(row.cells) != width or _is_remark(row, after)) or not header_ahead(
            after, width
        ):
            return i
    return 0


def _all_names(rows: Sequence[Row], width: int) -> bool:
    """Whether the next row that holds anything has a name for each of several columns."""
    row = next((row for row in rows if row.filled), None)
    return row is not None and row.filled == width > 1 and not any(map(is_value, row.cells))


def header_ahead(rows: Sequence[Row], width: int) -> bool:
    """Whether names follow: above values, or after a blank line.

    Args:
        rows: Rows below the one in question.
        width: Columns of the table.
    """
    ahead = next((i for i, row in enumerate(rows) if len(row.cells) == width), None)
    if ahead is None or rows[ahead].filled < 2 or any(map(is_value, rows[ahead].cells)):
        return False
    parted = any(not row.filled for row in rows[:ahead])
    return parted or bool(value_columns(rows[ahead + 1 :], width))


def _is_remark(row: Row, after: Sequence[Row]) -> bool:
    """Whether a row is a sentence whose commas make it as wide as the table by chance."""
    spaced = len(row.cells) > 1 and all(cell.startswith(" ") for cell in row.cells[1:])
    several = " " in " ".join(row.cells).strip()
    alike = any(cell.startswith(" ") for one in after[:1] for cell in one.cells)
    return spaced and several and not alike


def _block(rows: Sequence[Row], width: int) -> int:
    """How many rows are a short list of facts, with a blank line between it and the table."""
    blank = next((i for i, row in enumerate(rows[:MAX_TITLES]) if not row.filled), 0)
    block, rest = rows[:blank], [row for row in rows[blank:] if row.filled]
    facts = 0 < blank < len(rest) and all(row.filled <= FACT for row in block)
    return blank * (facts and not value_columns(block, width) and header_ahead(rest, width))


def value_columns(rows: Sequence[Row], width: int) -> set[int]:
    """Columns that hold values nearly throughout."""
    columns = set()
    for i in range(width):
        cells = [row.cells[i] for row in rows if len(row.cells) == width]
        present = [cell for cell in cells if not is_missing(cell)]
        if present and sum(map(is_value, present)) >= MOSTLY * len(present):
            columns.add(i)
    return columns


def other_mark(cells: Sequence[str], width: int) -> list[str]:
    """The names in a header that is parted by another delimiter than its table."""
    if len(cells) > 1 or width < 3:
        return []
    for mark in OTHER_MARKS:
        names = sample_rows(list(cells), Dialect(mark))[0].cells if cells[0] else []
        if len(names) == width and all(names) and sum(map(is_value, names)) <= width / 2:
            return names
    return []


def is_missing(cell: str) -> bool:
    """Whether a cell says that there is no value."""
    return cell.strip().lower() in MISSING_MARKS
