"""The dialect of delimited text: what parts cells, where the header is, what is uncertain."""

import csv
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from lab.data.column_types import MISSING, guess_column
from lab.data.records import Dialect, csv_items

SAMPLE_LINES = 300
# In this order when two fit equally: the rarer a character is inside text, the sooner.
DELIMITERS = ("\t", "|", ";", ",")


def sniff(lines: Sequence[str], encoding: str) -> tuple[Dialect, list[str]]:
    """Tell how text is written.

    Args:
        lines: The first physical lines, with their ends.
        encoding: Its encoding.

    Returns:
        The dialect and sentences about what is uncertain.
    """
    lines = lines[:SAMPLE_LINES]
    comment = "#" if _has_comments(lines) else ""
    kept = [i for i, line in enumerate(lines, 1) if not (comment and line.startswith(comment))]
    body = [lines[i - 1] for i in kept]
    told = re.fullmatch(r"\ufeff?sep=(.)\s*", body[0]) if body else None
    base = replace(_quoting(body), comment=comment, encoding=encoding)
    if told:  # a line that Excel writes and reads
        body = body[1:]
        delimiter, doubts = told[1], list[str]()
    else:
        delimiter, doubts = _delimiter(body, base)
    dialect = replace(base, delimiter=delimiter)
    rows = list(_rows(body, dialect))
    titles = _title_lines(rows)
    if titles:
        doubts.append(f"The first {titles} lines look like a title and are left out.")
    header = has_header([cells for number, cells in rows if number > titles])
    if not header:
        doubts.append("There seems to be no header row; columns are named column_1, column_2, …")
    above = titles + bool(told)
    return replace(dialect, skip=kept[above - 1] if above else 0, header=header), doubts


def named_columns(cells: Sequence[str | None], header: bool) -> list[str]:
    """Column names from the first row.

    Args:
        cells: The cells of the first row.
        header: Whether they are names.

    Returns:
        One name each; an empty one becomes its position.
    """
    if not header:
        return [f"column_{i}" for i, _ in enumerate(cells, 1)]
    return [(cell or "").strip() or f"column_{i}" for i, cell in enumerate(cells, 1)]


def _quoting(lines: Sequence[str]) -> Dialect:
    text = "".join(lines)
    if '"' not in text and _quoted_with(text, "'"):
        return Dialect(quote="'")
    if '\\"' not in text:
        return Dialect()
    return min(Dialect(), Dialect(escape="\\"), key=lambda one: _broken_rows(lines, one))


def _broken_rows(lines: Sequence[str], dialect: Dialect) -> int:
    # Quotes break a row whatever the delimiter, as long as it is one that occurs.
    broken = []
    for mark in DELIMITERS:
        items = list(csv_items(iter(lines), replace(dialect, delimiter=mark, header=False)))
        broken.append(sum("quote" in item.reason for item in items))
    return min(broken)


def _delimiter(lines: Sequence[str], base: Dialect) -> tuple[str, list[str]]:
    shares = {mark: _agreement(lines, replace(base, delimiter=mark)) for mark in DELIMITERS}
    best = max(DELIMITERS, key=lambda mark: shares[mark])
    if not shares[best]:
        return ",", ["No delimiter was found; each line is one cell."] if lines else []
    doubts = []
    if shares[best] < 1:
        doubts.append(f"{1 - shares[best]:.0%} of the first rows have another number of cells.")
    rivals = [repr(mark) for mark in DELIMITERS if mark != best and shares[mark] == shares[best]]
    if rivals:
        doubts.append(f"Cells are parted by {best!r}; {' or '.join(rivals)} would fit as well.")
    return best, doubts


def _rows(lines: Sequence[str], dialect: Dialect) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(
        lines,
        delimiter=dialect.delimiter,
        quotechar=dialect.quote,
        escapechar=dialect.escape or None,
        doublequote=not dialect.escape,
    )
    try:
        for cells in reader:
            yield reader.line_num, cells
    except csv.Error:
        return  # a row beyond the reader's limits; the rows so far are sample enough


def _agreement(lines: Sequence[str], dialect: Dialect) -> float:
    """Share of rows with the commonest number of cells, 0 when that is one."""
    widths = Counter(len(cells) for _, cells in _rows(lines, dialect) if any(cells))
    several = [n for width, n in widths.items() if width > 1]
    return round(max(several) / sum(widths.values()), 3) if several else 0.0


def _title_lines(rows: Sequence[tuple[int, list[str]]]) -> int:
    widths = Counter(len(cells) for _, cells in rows if any(cells))
    common = widths.most_common(1)[0][0] if widths else 0
    last = 0
    for number, cells in rows[:20]:
        if len(cells) >= common or common < 2:
            return last
        if len([cell for cell in cells if cell]) > 1:
            return 0  # a ragged row is a finding, not a title
        last = number
    return 0


def has_header(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first of some rows names the columns.

    Args:
        rows: The first rows, each as cells; an empty cell is an empty text.
    """
    filled = [row for row in rows if any(cell.strip() for cell in row)]
    if not filled:
        return True
    for name, *column in zip(*_square(filled), strict=True):
        if column and not _is_value(name) and all(map(_is_value, column)):
            return True
    return not any(_is_value(cell) for cell in filled[0])


def _square(rows: Sequence[Sequence[str]]) -> list[Sequence[str]]:
    return [row for row in rows if len(row) == len(rows[0])]


def _is_value(cell: str) -> bool:
    return cell not in MISSING and guess_column("", [cell]).type.partition(":")[0] in (
        "integer", "number", "time", "date",
    )  # fmt: skip


def _has_comments(lines: Sequence[str]) -> bool:
    # A header may itself begin with #; then it is the only such line and has delimiters.
    marked = [line for line in lines if line.startswith("#")]
    if not marked or not lines[0].startswith("#") or len(marked) == len(lines):
        return False
    return len(marked) > 1 or not re.search(r"[,;\t|]", marked[0])


def _quoted_with(text: str, quote: str) -> bool:
    cell = rf"(^|[,;\t|]){quote}[^{quote}\n]*{quote}(?=[,;\t|\r\n]|$)"
    return len(re.findall(cell, text, re.M)) > 2
