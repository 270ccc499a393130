"""Sheets of workbooks and tables of databases as a source of rows."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from lab.core.errors import BadInput
from lab.core.words import counted
from lab.core.workspace import Workspace
from lab.data.door import Opened
from lab.data.formats import FormatName
from lab.data.records import MAX_REJECT_TEXT, Item, damage
from lab.data.row_blocks import RowBlock, in_blocks
from lab.data.sniff import has_header, named_columns
from lab.data.unfold import Unfolded, unfold

SHOWN_NAMES = 12
SAMPLE_ROWS = 100
# A row with this share of the usual number of filled cells is no title.
FULL = 0.6


@dataclass(frozen=True)
class RowDoor:
    """Rows that a child process read.

    Args:
        rows: The rows.
        columns: Names of the columns.
        skip: Rows above the header, or above the first row where there is none.
        header: Whether the next row names the columns.
    """

    rows: Unfolded
    columns: tuple[str, ...]
    skip: int = 0
    header: bool = False

    def count(self) -> int:
        """Rows, as the reader of the file counted them."""
        return self.rows.count

    def items(self) -> Iterator[Item]:
        """Every row, numbered as the file numbers them."""
        for number, row in enumerate(self.rows.rows(), start=1):
            if not any(row):
                yield Item("blank", number, 1, [])
            elif number <= self.skip:
                yield Item("preamble", number, 1, [])
            elif self.header and number == self.skip + 1:
                yield Item("header", number, 1, row)
            elif reason := self._wrong(row):
                yield Item("bad", number, 1, [], reason, _shown(row))
            else:
                yield Item("row", number, 1, row)

    def blocks(self) -> Iterator[RowBlock]:
        """The same, many at a time."""
        return in_blocks(self.items(), len(self.columns))

    def _wrong(self, row: Sequence[Any]) -> str:
        for name, cell in zip(self.columns, row, strict=True):
            if isinstance(cell, dict):
                return f"holds {counted(cell['bytes'], 'byte')} in {name!r}, which are no text"
            if cell and (reason := damage(cell)):
                return f"{reason} in {name!r}"
        return ""


def open_rows(ws: Workspace, path: Path, kind: FormatName, part: str) -> Opened:
    """Open a sheet of a workbook or a table of a database.

    Args:
        ws: The workspace.
        path: The file.
        kind: workbook, sqlite or duckdb.
        part: Sheet or table; may be left out where there is one.

    Raises:
        BadInput: The file cannot be read, or the sheet is empty.
        NotFound: There is no such sheet or table.
    """
    found = unfold(ws, path, kind, part)
    if found.columns is not None:
        return Opened(RowDoor(found, found.columns), found.columns, found.part, found.parts)
    first = list(islice(found.rows(), SAMPLE_ROWS))
    if not any(any(row) for row in first):
        others = [name for name in found.parts if name != found.part]
        hint = f"Choose another sheet: {', '.join(others)}." if others else "Choose another file."
        raise BadInput(f"Sheet {found.part!r} of {path.name} is empty.", hint)
    skip = _above(first)
    body = [[_plain(cell) for cell in row] for row in first[skip:]]
    header = has_header(body)
    columns = tuple(_unlike(named_columns(body[0], header)))
    doubts = tuple(_doubts(found, first, skip, header=header, chosen=bool(part)))
    door = RowDoor(found, columns, skip, header)
    return Opened(door, columns, found.part, found.parts, doubts=doubts)


def _above(rows: Sequence[Sequence[Any]]) -> int:
    """Rows above the table: empty ones, and titles with fewer cells than its rows have."""
    filled = [sum(bool(cell) for cell in row) for row in rows]
    widths = Counter(width for width in filled if width > 1)
    usual = widths.most_common(1)[0][0] if widths else 1
    return next(i for i, width in enumerate(filled) if width >= max(1, FULL * usual))


def _unlike(names: Sequence[str]) -> Iterator[str]:
    """Names that differ: a merged heading leaves the cells beside it empty or the same."""
    seen: Counter[str] = Counter()
    for name in names:
        seen[name.lower()] += 1
        yield name if seen[name.lower()] == 1 else f"{name}_{seen[name.lower()]}"


def _doubts(
    found: Unfolded, first: Sequence[Sequence[Any]], skip: int, *, header: bool, chosen: bool
) -> Iterator[str]:
    if len(found.parts) > 1 and not chosen:
        names = ", ".join(found.parts[:SHOWN_NAMES])
        yield f"There are {len(found.parts)} sheets ({names}); {found.part!r} is read."
    titles = [i for i in range(skip) if any(first[i])]
    if titles:
        text = next(str(cell) for cell in first[titles[0]] if cell)
        yield f"The rows above row {skip + 1} look like a title ({text[:60]!r}) and are left out."
    elif skip:
        yield f"The first {counted(skip, 'row')} of the sheet {'is' if skip == 1 else 'are'} empty."
    if not header:
        yield "There seems to be no header row; columns are named column_1, column_2, …"
    merged = [area for area in found.merged if area[2] >= skip]
    if merged:
        row = merged[0][0] + 1
        yield (
            f"{counted(len(merged), 'group')} of cells {'is' if len(merged) == 1 else 'are'} "
            f"merged, first in row {row}; only the first cell of each holds its value."
        )


def _plain(cell: Any) -> str:
    return cell if isinstance(cell, str) else ""


def _shown(row: Sequence[Any]) -> str:
    text = ",".join("" if cell is None else str(cell) for cell in row)[:MAX_REJECT_TEXT]
    return text.encode(errors="replace").decode()
