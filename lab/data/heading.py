"""Where a table begins: titles above it, rows that name its columns, and how wide it is."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from lab.data.shapes import is_value
from lab.data.titles import MOSTLY, count_titles, is_missing, other_mark, value_columns
from lab.data.tokens import Row

MAX_HEADS = 5
# When fewer rows than this agree, the narrow header is believed.
SCATTERED = 0.5
# When so many rows are as wide as a header wider than most, it is right.
TRIMMED = 0.1
# A line drawn below the names, as in Markdown.
RULE = re.compile(r"\s*(:?-{3,}:?)?\s*")
# A header and one row.
ALONE = 2


@dataclass(frozen=True)
class Heading:
    """What stands above the rows of a table.

    Args:
        skip: Physical lines above the header.
        names: Header cells, one for each column; empty without a header.
        heads: Rows that the header takes.
        width: Columns of the table.
        doubts: Sentences about what is uncertain.
    """

    skip: int
    names: tuple[str, ...]
    heads: int
    width: int
    doubts: tuple[str, ...]


def find_heading(rows: Sequence[Row]) -> Heading:
    """Find where a table begins.

    Args:
        rows: The first rows of a file.
    """
    width = common_width(rows)
    first = count_titles(rows, width)
    body = rows[first:]
    heads = _heads(body, width)
    doubts = list(_said_titles(rows[:first]))
    names: tuple[str, ...] = ()
    if heads:
        names, mended = _names([row.cells for row in body if row.filled][:heads], body, width)
        doubts += mended
    doubts += _said_heads(heads, body, width)
    skip = body[0].line - 1 if body else 0
    return Heading(skip, names, heads, width, tuple(doubts))


def headed(rows: Sequence[Row], heads: int) -> Heading:
    """The heading of a table whose first rows are known to name the columns.

    Args:
        rows: The first rows, without what stands above.
        heads: How many of them are the header; 0 for none.
    """
    width = common_width(rows)
    first = [row.cells for row in rows if row.filled][:heads]
    names, doubts = _names(first, rows, width) if first else ((), [])
    return Heading(0, names, heads, width, tuple(doubts))


def common_width(rows: Sequence[Row]) -> int:
    """The number of cells that most rows have, with regard to that of the earliest row."""
    widths = Counter(len(row.cells) for row in rows if row.filled)
    if not widths:
        return 0
    (width, count), first = widths.most_common(1)[0], next(iter(widths))
    if widths.total() == ALONE:
        return max(widths)  # a header is short of a name more often than a row has a cell too many
    if count < SCATTERED * widths.total() and 1 < first == min(widths):
        return first  # the delimiter stands inside cells as well, but hardly in names
    if first == max(widths) and widths[first] - 1 > TRIMMED * widths.total():
        return first  # the others stop where their last cells would be empty
    return width


def has_header(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first of some rows names the columns.

    Args:
        rows: The first rows, each as cells; an empty cell is an empty text.
    """
    filled = [row for row in rows if any(cell.strip() for cell in row)]
    if not filled:
        return True
    first = filled[0]
    # A header that is repeated tells nothing of the columns below it.
    rest = [row for row in filled if len(row) == len(first) and row != first]
    for name, *column in zip(first, *rest, strict=True):
        present = [cell for cell in column if not is_missing(cell)]
        named = not is_value(name) and not is_missing(name)
        if named and present and sum(map(is_value, present)) >= MOSTLY * len(present):
            return True
    return not any(map(is_value, first))


def _heads(rows: Sequence[Row], width: int) -> int:
    filled = [row for row in rows if row.filled]
    if not filled:
        return 0
    if not has_header([_fitted(row.cells, width) for row in filled]):
        # Names may stand below a row of groups, such as years, which leaves gaps.
        below = len(filled) > ALONE and not any(map(is_value, filled[1].cells))
        grouped = below and filled[0].filled < filled[1].filled
        return 1 + _heads(filled[1:], width) if grouped and value_columns(filled[2:], width) else 0
    # Far enough down to be past all rows of names.
    values = value_columns(filled[min(MAX_HEADS, len(filled) // 2) :], width)
    heads = 1
    for before, row in pairwise(filled[: MAX_HEADS + 1]):
        if not _goes_on(before.cells, row.cells, values, width):
            break
        heads += 1
    return heads if heads < len(filled) else 1


def _goes_on(before: Sequence[str], row: Sequence[str], values: set[int], width: int) -> bool:
    """Whether a row goes on with the header: it repeats it, or has words where values belong."""
    if len(row) != width:
        return False
    if [cell.strip() for cell in row] == [cell.strip() for cell in before] or _is_rule(row):
        return True
    words = [row[i] for i in values if not is_missing(row[i])]
    return bool(words) and not any(map(is_value, row))


def _is_rule(cells: Sequence[str]) -> bool:
    return any(cells) and all(map(RULE.fullmatch, cells))


def _names(
    heads: Sequence[Sequence[str]], body: Sequence[Row], width: int
) -> tuple[tuple[str, ...], list[str]]:
    mended, doubts = [], []
    for cells in heads:
        fitted, said = _fit_names(cells, body, width)
        mended.append(fitted)
        doubts += [said] if said else []
    kept = [row for row in mended if not _is_rule(row)] or mended
    joined = [" ".join(filter(None, map(str.strip, parts))) for parts in zip(*kept, strict=True)]
    return tuple(joined), doubts


def _fit_names(cells: Sequence[str], body: Sequence[Row], width: int) -> tuple[Sequence[str], str]:
    """Header cells as many as there are columns, and what was done to get there."""
    said = f"The header names {len(cells)} columns where the rows have {width}; "
    if len(cells) > width:
        empty = [i for i, cell in enumerate(cells) if not cell.strip()][: len(cells) - width]
        kept = [cell for i, cell in enumerate(cells) if i not in empty]
        if len(kept) > width:
            return cells[:width], said + f"{', '.join(cells[width:])} is left out."
        return kept, said + "empty names are left out."
    if len(cells) == width:
        return cells, ""
    if other := other_mark(cells, width):
        return other, said + "it is parted by another delimiter."
    one_short = len(cells) == width - 1
    if one_short and (parted := _parted(cells)):
        return parted, said + f"it is read as {', '.join(parted)}."
    spare = any(cell.strip() for row in body for cell in row.cells[len(cells) :])
    if one_short and spare and len({row.cells[0] for row in body[1:]}) == len(body) - 1 > 1:
        return ["", *cells], said + "the first column seems to number or name the rows."
    return _fitted(cells, width), said + "the last ones have no name."


def _parted(cells: Sequence[str]) -> list[str]:
    """A header in which two names have run together, taken apart where that can be seen."""
    for seam in (r'(?<=[^"\s])"+(?=[^"])', r"(?<=[A-Z])(?=[A-Z][a-z])|(?<=[a-z])(?=[A-Z]{2})"):
        found = [(i, m) for i, cell in enumerate(cells) for m in re.finditer(seam, cell)]
        if len(found) == 1:
            i, seam_at = found[0]
            left, right = cells[i][: seam_at.start()], cells[i][seam_at.end() :]
            return [*cells[:i], left.strip('"'), right.strip('"'), *cells[i + 1 :]]
    return []


def _fitted(cells: Sequence[str], width: int) -> list[str]:
    return [*cells, *[""] * (width - len(cells))][:width]


def _said_titles(rows: Sequence[Row]) -> Iterator[str]:
    text = next((cell for row in rows for cell in row.cells if cell.strip()), "")
    if text:
        yield (
            f"The first {rows[-1].last} lines look like a title and are left out: "
            f"{' '.join(text.split())[:80]!r}."
        )


def _said_heads(heads: int, body: Sequence[Row], width: int) -> Iterator[str]:
    if not heads:
        yield "There seems to be no header row; columns are named column_1, column_2, …"
    first = next((row.cells for row in body if row.filled), [])
    values = [cell for cell in first if is_value(cell)]
    if heads and values:
        yield f"The first row is taken as names, though {values[0][:40]!r} may be a value."
    if heads > 1:
        yield f"The header seems to take {heads} rows; their cells are joined."
    if heads and width > 1 and len(body) > heads and not value_columns(body[heads:], width):
        yield "All columns hold words; the first row is taken as their names."
