"""Rows of a text file with the physical lines they came from; nothing is skipped in silence.

Every physical line ends up in exactly one ``Item``, which is what makes the counts reconcile.
"""

import csv
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Literal, NamedTuple

from lab.core.words import grouped
from lab.data.dialect import Dialect as Dialect
from lab.data.dialect import cell_pattern

# A quote that is never closed would swallow the rest of the file.
MAX_RECORD_LINES = 1_000
MAX_REJECT_TEXT = 500
# In narrower tables a line of a quoted cell may look like a row by chance.
SWALLOWED_WIDTH = 3
ItemKind = Literal[
    "row", "bad", "blank", "comment", "preamble", "header", "footnote", "another table"
]


class Item(NamedTuple):
    """One logical piece of a file.

    Args:
        kind: A good row, a bad one, or a line that is no data.
        line: Its first physical line, from 1.
        span: How many physical lines it takes.
        cells: Cells of a row or header.
        reason: Why a bad row is bad, or what was done to mend it.
        text: A bad row as it stands, cut at 500 characters where it is not to be mended.
        other: Cells of another reading of a mended row that is nearly as likely.
    """

    kind: ItemKind
    line: int
    span: int
    cells: "list[str] | list[str | None]"
    reason: str = ""
    text: str = ""
    other: tuple[str, ...] = ()


class _Lines:
    """Lines on their way to the reader; remembers what the current row has taken."""

    def __init__(self, source: Iterator[str], comment: str) -> None:
        self.source, self.comment = source, comment
        self.given_back: deque[str] = deque()
        self.taken: list[str] = []
        self.number = 0
        self.comments: list[Item] = []

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        if len(self.taken) >= MAX_RECORD_LINES:
            raise csv.Error("unexpected end of data")
        line = self._line()
        while self.comment and not self.taken and line.startswith(self.comment):
            self.comments.append(Item("comment", self.number, 1, [], text=_shown(line)))
            line = self._line()
        self.taken.append(line)
        return line

    def _line(self) -> str:
        line = self.given_back.popleft() if self.given_back else next(self.source)
        self.number += 1
        return line

    def keep_first(self) -> None:
        """Give all but the first line of the current row back, to be read again."""
        self.given_back.extendleft(reversed(self.taken[1:]))
        self.number -= len(self.taken) - 1
        del self.taken[1:]


def csv_items(source: Iterator[str], dialect: Dialect, width: int = 0) -> Iterator[Item]:
    """Read delimited text.

    Args:
        source: Physical lines with their ends.
        dialect: How it is written.
        width: Number of columns; that of the first row when 0.

    Yields:
        Items in the order of the file; together they cover every physical line.
    """
    lines = _Lines(iter(dialect.squeezed(source)), dialect.comment)
    for _ in range(dialect.skip):
        text = next(source, None)
        if text is None:
            return
        lines.number += 1
        yield Item("preamble", lines.number, 1, [], text=text)
    reader, heads = dialect.reader(lines), dialect.heads * dialect.header
    while True:
        lines.taken.clear()
        cells, problem = _next_row(reader)
        if problem or (dialect.repair and _swallowed(lines.taken, cells, width, dialect)):
            problem = problem or "opens a quote that is never closed"
            lines.keep_first()
            reader = dialect.reader(lines)
        yield from lines.comments
        lines.comments.clear()
        if not lines.taken:
            return
        line, span = lines.number - len(lines.taken) + 1, len(lines.taken)
        text = lines.taken[0] if span == 1 else "".join(lines.taken)
        if not problem and _blank(cells):
            yield Item("blank", line, span, [])
            continue
        reason = problem or damage(text)
        if heads:
            yield Item("header", line, span, cells, reason)
            heads -= 1
        elif reason := reason or _misfit(text, cells, width, dialect, line, span):
            yield Item("bad", line, span, cells, reason, text if dialect.repair else _shown(text))
            continue
        else:
            yield Item("row", line, span, cells)
        width = width or len(cells)


def _swallowed(taken: list[str], cells: list[str], width: int, dialect: Dialect) -> bool:
    """Whether a stray quote has taken whole rows into one cell."""
    if len(taken) == 1 or width < SWALLOWED_WIDTH:
        return False
    return len(cells) != width or any(_whole(line, width, dialect) for line in taken[1:])


def _whole(line: str, width: int, dialect: Dialect) -> bool:
    """Whether a line is a row of its own, and not by its commas alone: text has a space there."""
    if line.count(dialect.quote) % 2:
        return False
    cells = next(dialect.reader(iter([line]), strict=False), [])
    return len(cells) == width and not any(cell.startswith(" ") for cell in cells)


def _loose(text: str, cells: list[str], dialect: Dialect) -> str:
    """What is wrong with a row of the right width in which a quote stands inside a bare cell."""
    if not dialect.quote or dialect.quote not in text:
        return ""
    if not any(dialect.quote in cell for cell in cells):
        return ""
    bare = (found["bare"] or "" for found in cell_pattern(dialect).finditer(text))
    return "has a quote inside a cell" if any(dialect.quote in cell for cell in bare) else ""


def json_items(
    source: Iterable[str], parse: Callable[[str], list[str | None]], first: int = 1
) -> Iterator[Item]:
    """Read JSON lines.

    Args:
        source: Physical lines.
        parse: Turns one line into cells; raises ``ValueError`` with the reason.
        first: Number of the first line.

    Yields:
        Items in the order of the file.
    """
    for number, text in enumerate(source, first):
        if not text.strip():
            yield Item("blank", number, 1, [])
            continue
        try:
            cells, reason = parse(text), damage(text)
        except (ValueError, RecursionError) as error:
            deep = isinstance(error, RecursionError)
            cells, reason = [], "is nested too deeply" if deep else str(error)
        if reason:
            yield Item("bad", number, 1, [], reason, _shown(text))
        else:
            yield Item("row", number, 1, cells)


def _shown(text: str) -> str:
    return text[:MAX_REJECT_TEXT].rstrip("\r\n").encode(errors="replace").decode()


def _next_row(reader: Iterator[list[str]]) -> tuple[list[str], str]:
    try:
        return next(reader, []), ""
    except csv.Error as error:
        return [], _in_words(str(error))


def _in_words(error: str) -> str:
    if "unexpected end" in error:
        return "opens a quote that is never closed"
    if "expected after" in error:
        return "has text after a closing quote"
    if "field larger" in error:
        return f"has a cell longer than {grouped(csv.field_size_limit())} characters"
    return error


def _blank(cells: list[str]) -> bool:
    # Spreadsheets leave rows of nothing but delimiters behind.
    return not "".join(cells).strip()


def damage(text: str) -> str:
    """What makes a text unfit to be stored; empty when nothing does."""
    if "\0" in text:
        return "holds a NUL character"
    if text.isascii():
        return ""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        byte = ord(text[error.start]) - 0xDC00
        return f"holds the byte 0x{byte:02X}, which is not UTF-8"
    return ""


def _misfit(text: str, cells: list[str], width: int, dialect: Dialect, line: int, span: int) -> str:
    """What is wrong with a row that was read: its number of cells, or a quote in one of them."""
    if not width or len(cells) == width:
        return _loose(text, cells, dialect) if dialect.repair else ""
    where = f" (lines {line} to {line + span - 1}, joined by a quote)" if span > 1 else ""
    first = "header" if dialect.header else "first row"
    return f"has {len(cells)} cells where the {first} has {width}{where}"
