"""Rows in blocks of columns: what a file gives when it is read many lines at a time.

A row that is an object of its own costs more than reading it; a column costs next to nothing.
"""

import gc
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import IO, NamedTuple

from lab.data.lines import check_length
from lab.data.records import Item

BLOCK_CHARS = 1 << 19
BLOCK_ITEMS = 5_000


class RowBlock(NamedTuple):
    """Some rows that follow each other, and what stood between them.

    Args:
        lines: The first line of each row, from 1, ascending.
        columns: The cells of each column, as many as there are rows; empty is ``None`` or ''.
        kinds: How many physical lines were of each kind.
        bad: Rows that are turned away, each once, in order.
        last: The last line that was read.
    """

    lines: Sequence[int]
    columns: Sequence[Sequence[str | None]]
    kinds: Mapping[str, int]
    bad: Sequence[Item]
    last: int


def in_blocks(items: Iterable[Item], width: int) -> Iterator[RowBlock]:
    """Put items together to blocks.

    Args:
        items: Rows and what is no row, in order.
        width: How many columns a row has.

    Yields:
        Blocks that cover all items.
    """
    coming = iter(items)
    while some := list(islice(coming, BLOCK_ITEMS)):
        kinds: Counter[str] = Counter()
        for item in some:
            kinds[item.kind] += item.span
        rows = [item for item in some if item.kind == "row"]
        columns = list(zip(*(item.cells for item in rows), strict=True)) or [()] * width
        bad = [item for item in some if item.kind == "bad"]
        last = some[-1].line + some[-1].span - 1
        yield RowBlock([item.line for item in rows], columns, kinds, bad, last)


def line_blocks(text: IO[str], name: str) -> Iterator[list[str]]:
    r"""Give many physical lines at a time, without their ends.

    Args:
        text: From ``open_text``.
        name: File name, for the message.

    Yields:
        Lines.

    Raises:
        BadInput: A line is longer than any table has.

    >>> import io
    >>> list(line_blocks(io.StringIO("a\r\nb\rc\n\nd", newline=""), "x.log"))
    [['a', 'b', 'c', ''], ['d']]
    """
    number, open_line = 0, ""
    while chunk := text.read(BLOCK_CHARS):
        while chunk.endswith("\r") and (more := text.read(1)):
            # The pair \r\n must not fall on both sides of a cut.
            chunk += more
        if "\r" in chunk:
            chunk = chunk.replace("\r\n", "\n").replace("\r", "\n")
        *lines, last = chunk.split("\n")
        if lines:
            lines[0] = open_line + lines[0]
            open_line = ""
            check_length(lines[0], number + 1, name)
            yield lines
        number += len(lines)
        open_line += last
        check_length(open_line, number + 1, name)
    if open_line:
        yield [open_line]


@contextmanager
def nothing_collected() -> Iterator[None]:
    """Let Python not look for garbage meanwhile.

    A block makes a hundred thousand small objects that live for a moment. Looking through them
    for cycles, which they have none of, takes as long as making them.
    """
    paused = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if paused:
            gc.enable()
