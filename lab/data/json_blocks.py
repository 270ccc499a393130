"""JSON lines, many at a time, where nothing about them is odd.

Lines are read as one array, in which the names are made once. ``row_parser`` reads what is odd
line by line, and is the authority: this may only decline or agree.
"""

from collections.abc import Iterator, Sequence
from typing import IO, Any

from lab.data.json_columns import Arranged
from lab.data.json_records import HALVES
from lab.data.json_rows import DECODER, Number, row_parser, written
from lab.data.records import damage, json_items
from lab.data.row_blocks import RowBlock, in_blocks, line_blocks, nothing_collected

# Stands between the lines, so that two broken ones never make a whole.
BETWEEN = "|lab: between two lines|"
PLAIN = {str, Number, type(None)}


def json_line_blocks(text: IO[str], name: str, columns: Sequence[str]) -> Iterator[RowBlock]:
    """Read JSON lines.

    Args:
        text: From ``open_text``.
        name: File name, for messages.
        columns: Every field a line may have.

    Yields:
        Blocks that cover all lines.

    Raises:
        BadInput: A line is longer than any table has.
    """
    arranged, number = Arranged(columns), 1
    for lines in line_blocks(text, name):
        with nothing_collected():
            block = _plain(lines, number, arranged)
        if block is not None:
            yield block
        else:
            items = json_items(iter(lines), row_parser(columns), number)
            yield from in_blocks(items, len(columns))
        number += len(lines)


def _plain(lines: Sequence[str], first: int, arranged: Arranged) -> RowBlock | None:
    text = "\n".join(lines)
    if damage(text) or BETWEEN in text or HALVES.search(text):
        return None
    objects = _values(lines)
    if set(map(type, objects)) != {tuple}:
        return None
    columns = arranged.columns(objects)
    if columns is None:
        return None
    last = first + len(lines)
    cells = [column_text(column) for column in columns]
    return RowBlock(range(first, last), cells, {"row": len(lines)}, [], last - 1)


def _values(lines: Sequence[str]) -> list[Any]:
    """The value on each line; none when a line is anything else than one value."""
    array = "[" + f',"{BETWEEN}",'.join(lines) + "]"
    try:
        values, end = DECODER.raw_decode(array)
    except (ValueError, RecursionError):
        return []
    # A line of two values makes one too many, and nothing makes up for it.
    whole = end == len(array) and values[1::2] == [BETWEEN] * (len(lines) - 1)
    return values[::2] if whole and len(values) == 2 * len(lines) - 1 else []


def column_text(column: Sequence[Any]) -> Sequence[str | None]:
    """Cells as text, nested ones as JSON."""
    if PLAIN.issuperset(map(type, column)):
        return column
    return [cell if type(cell) in PLAIN else written(cell) for cell in column]
