"""Rows read carefully: what does not fit is mended and named, what is no row is told apart."""

import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from lab.data.belonging import learn
from lab.data.dialect import Dialect
from lab.data.encodings import rescued
from lab.data.mend import Mended, Mender
from lab.data.mend_steps import OTHERS
from lab.data.records import Item
from lab.data.shapes import is_value
from lab.data.titles import is_missing, value_columns
from lab.data.tokens import Row

# Beyond this many a file is not damaged but written otherwise; rows are then only filled up.
MAX_MENDED = 2_000
MAX_SPARSE = 1_000
AHEAD = 3
NOTE = re.compile(r"\W*(notes?|source|footnote|generated|end of|copyright|©|\*|\()", re.I)
# A line drawn across a table, as psql and MySQL print it.
RULE = re.compile(r"[\s|+:]*[-=]{3,}[-=+|:\s]*")
NUL = "\0"
CONTROLS = "control characters are read as Windows-1252"
WINDOWS = {i: bytes([i]).decode("cp1252", "ignore") or chr(i) for i in range(128, 160)}


@dataclass
class Careful:
    """A pass over the items of a file.

    Args:
        mender: Puts rows right.
        width: Number of columns.
        values: Which of them hold values nearly throughout.
        heads: Header rows as they stand, to know them again.
        mended: Rows put right so far.
    """

    mender: Mender
    width: int
    values: set[int]
    heads: list[list[str]] = field(default_factory=list)
    mended: int = 0

    def items(self, source: Iterable[Item]) -> Iterator[Item]:
        """Mend and sort the items of a file.

        Args:
            source: Items from ``csv_items``, whose bad rows hold their whole text.

        Yields:
            The same lines in the same order; rows all have the same number of cells.
        """
        coming = (_as(one, "comment") if _is_rule(one) else one for one in source)
        ahead = deque(islice(coming, AHEAD))
        sparse: list[Item] = []
        while ahead:
            item = ahead.popleft()
            ahead.extend(islice(coming, 1))
            parted = bool(sparse) and sparse[-1].kind == "blank"
            if self._begins_another(item, ahead, parted=parted):
                yield from map(self._row, sparse)
                yield from (_as(one, "another table") for one in (item, *ahead, *coming))
                return
            if item.kind == "header":
                self.heads.append(_stripped(item.cells))
            if self._sparse(item) and len(sparse) < MAX_SPARSE:
                sparse.append(item)
                continue
            yield from map(self._row, sparse)
            sparse.clear()
            yield self._row(item)
        yield from self._tail(sparse)

    def _sparse(self, item: Item) -> bool:
        """Whether a line may be a footnote: blank, or with its first cell alone."""
        if item.kind == "blank":
            return True
        if item.kind not in ("row", "bad") or self.width < 2 or not item.cells:
            return False
        alone = bool(item.cells[0]) and not any(item.cells[1:])
        if len(item.cells) == 1:
            # All of a row in one cell may be parted by another mark.
            return alone and not any(item.text.count(m) >= self.width - 1 for m in OTHERS)
        return alone and (self.width > 2 or bool(NOTE.match(str(item.cells[0]))))

    def _tail(self, sparse: list[Item]) -> Iterator[Item]:
        """What stands at the end of the file: footnotes, or rows that are nearly empty."""
        after_blank = False
        for item in sparse:
            text = str(item.cells[0]) if item.cells else ""
            noted = after_blank or NOTE.match(text) or len(item.cells) != self.width
            if item.kind != "blank" and noted and not is_value(text):
                yield _as(item, "footnote")
            else:
                yield self._row(item)
            after_blank = after_blank or item.kind == "blank"

    def _begins_another(self, item: Item, ahead: Sequence[Item], *, parted: bool) -> bool:
        """Whether a row is the header of a second table."""
        cells = _stripped(item.cells)
        if item.kind not in ("row", "bad") or len(list(filter(None, cells))) < 2:
            return False
        if cells in self.heads:
            return True
        after = [one for one in ahead if one.kind in ("row", "bad")]
        if len(cells) == self.width:
            return parted and all(cells) and self._is_head(cells, after)
        known = {cell for head in self.heads for cell in head if cell}
        alike = len(known & set(cells)) >= len(cells) / 2
        if not alike and not parted and any(map(is_value, cells)):
            return False
        same = bool(after) and all(len(one.cells) == len(cells) for one in after)
        return same and (alike or any(is_value(str(cell)) for cell in after[0].cells))

    def _is_head(self, cells: Sequence[str], after: Sequence[Item]) -> bool:
        """Whether cells are words where this table and the rows after them have values."""
        below = [_stripped(one.cells) for one in after if len(one.cells) == self.width]
        valued = [i for i in self.values if below and all(is_value(row[i]) for row in below)]
        words = any(not is_missing(cells[i]) for i in valued)
        return words and not any(map(is_value, cells))

    def _row(self, item: Item) -> Item:
        if item.kind == "row":
            return _readable(item)
        if item.kind != "bad":
            return item
        text, said = _sound(item.text)
        found = self.mender.mend(text) if self.mended < MAX_MENDED else None
        if found and found.cells == item.cells and not said:
            return item._replace(kind="row", reason="", text="")
        self.mended += 1
        if found is None:
            found = self._filled(item, text)
        what = "; ".join(filter(None, (said, found.what))) or "read again"
        mended = Item("row", item.line, item.span, found.cells, what, item.text, found.other)
        return _readable(mended)._replace(reason=what)

    def _filled(self, item: Item, text: str) -> Mended:
        """A row of the right number of cells, whatever they hold; nothing is lost."""
        mark = self.mender.dialect.delimiter
        cells = [_sound(str(cell))[0] for cell in item.cells] or text.rstrip("\r\n").split(mark)
        if len(cells) > self.width:
            kept, over = cells[: self.width - 1], cells[self.width - 1 :]
            return Mended([*kept, mark.join(over)], "what is left over is in the last cell", 9.0)
        empty = [""] * (self.width - len(cells))
        if not empty:
            return Mended(cells, "kept as it stands", 9.0)
        return Mended([*cells, *empty], "filled up with empty cells", 9.0)


def careful(rows: Sequence[Row], dialect: Dialect, width: int) -> Careful:
    """Learn from the first rows of a table how to read the others.

    Args:
        rows: The first rows, from the header on.
        dialect: How they are written.
        width: Number of columns.
    """
    body = [row for row in rows[dialect.heads * dialect.header :] if len(row.cells) == width]
    sound = [row for row in body if not any(c.startswith(dialect.quote) for c in row.cells if c)]
    learned = learn([row.cells for row in sound or body])
    return Careful(Mender(dialect, learned), width, value_columns(body, width))


def _sound(text: str) -> tuple[str, str]:
    """Text without what no table can hold."""
    said = []
    if NUL in text:
        text = text.replace(NUL, "")
        said.append("NUL characters are left out")
    whole = rescued(text)
    if whole != text:
        said.append("bytes that are not UTF-8 are read as Windows-1252")
    return whole, "; ".join(said)


def readable(text: str) -> str:
    r"""Text in which control characters 128 to 159 are what Windows-1252 means by these bytes.

    No text holds them; they come from Windows text that was once taken for Latin-1. This is how
    browsers read it (WHATWG, Encoding Standard).

    >>> readable("d\x92Arc")
    'd’Arc'
    """
    return text.translate(WINDOWS)


def _readable(item: Item) -> Item:
    joined = "".join(filter(None, item.cells))
    if joined.isascii() or readable(joined) == joined:
        return item
    cells = [readable(cell or "") for cell in item.cells]
    return item._replace(cells=cells, reason=CONTROLS, text=item.text or joined[:500])


def _is_rule(item: Item) -> bool:
    return item.kind == "bad" and RULE.fullmatch(item.text) is not None


def _stripped(cells: Sequence[str | None]) -> list[str]:
    # Files that were put together keep the marks of their encodings.
    return [(cell or "").strip().removeprefix("\ufeff") for cell in cells]


def _as(item: Item, kind: str) -> Item:
    text = item.text.rstrip("\r\n") or ", ".join(filter(None, _stripped(item.cells)))
    return item._replace(kind=kind, text=text[:500])  # type: ignore[arg-type]
