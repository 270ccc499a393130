"""The dialect of delimited text: what parts cells, what quotes them, and what is uncertain.

The dialect in which the text goes together best is taken; rivals are named.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from lab.data.belonging import UNKNOWN_COLUMN
from lab.data.consistency import COMMON, agreement, alone, bounded, consistency
from lab.data.delimiters import OTHERS, candidate_marks
from lab.data.dialect import ALIGNED, STAND_IN, Dialect
from lab.data.heading import Heading, common_width, find_heading, has_header, headed
from lab.data.lines import SAMPLE_LINES
from lab.data.mend import Mender
from lab.data.shapes import coarse, is_value
from lab.data.titles import header_ahead
from lab.data.tokens import Row, sample_rows

__all__ = ["has_header", "heading_of", "named_columns", "sniff", "table_rows"]

# A dialect that scores this share of the best one is named as well.
NEARLY = 0.9
# When so many lines are one cell, the others hold the mark as text does.
MOSTLY_ALONE = 0.7
QUOTES = "\"'`"
PARTED = re.compile(r"[,;\t|]")


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
    base = Dialect(comment=comment, encoding=encoding)
    if told:  # a line that Excel writes and reads
        body = body[1:]
        doubts = list[str]()
        dialect = max(_candidates(body, base, (told[1],)), key=lambda d: consistency(body, d))
    else:
        dialect, doubts = _best(body, base)
    rows = sample_rows(body, dialect)
    heading = find_heading(rows)
    doubts += [*heading.doubts, *_other_quotes(rows, dialect)]
    if any(dialect.quote and dialect.quote in name for name in heading.names):
        doubts.append("A name holds a quote; it is taken for a character of the name.")
    above = heading.skip + bool(told)
    skip = kept[above - 1] if above else 0
    return replace(dialect, skip=skip, header=bool(heading.heads), heads=heading.heads or 1), doubts


def heading_of(lines: Sequence[str], dialect: Dialect) -> Heading:
    """The names and the number of columns, in a dialect that is settled.

    Args:
        lines: The first physical lines, with their ends.
        dialect: The dialect.
    """
    heads = dialect.heads * dialect.header
    rows = table_rows(lines, dialect)
    heading = headed(rows, heads)
    if heads != 1 or not any(dialect.quote and dialect.quote in name for name in heading.names):
        return heading
    line = next(one for one in lines[dialect.skip :] if one.strip())
    mended = Mender(dialect, [UNKNOWN_COLUMN] * heading.width).mend(line)
    return replace(heading, names=tuple(mended.cells)) if mended else heading


def table_rows(lines: Sequence[str], dialect: Dialect) -> list[Row]:
    """The rows of a sample from the header on."""
    body = [
        line
        for line in lines[dialect.skip :]
        if not (dialect.comment and line.startswith(dialect.comment))
    ]
    return [row for row in sample_rows(body, dialect) if row.filled]


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


def _best(lines: Sequence[str], base: Dialect) -> tuple[Dialect, list[str]]:
    found = [
        (consistency(lines, one), one)
        for one in _candidates(lines, base, candidate_marks(lines))
        if one.delimiter[0] in COMMON or _believable(lines, one)
    ]
    top, best = max(found, key=lambda pair: pair[0], default=(0.0, base))
    if not found or alone(lines, best) >= MOSTLY_ALONE:
        text = "".join(bounded(lines))
        mark = next((one for one in (",", ";", "|", "\t") if one not in text), STAND_IN)
        quoted = max(_candidates(lines, base, (mark,)), key=lambda d: consistency(lines, d))
        return quoted, ["No delimiter was found; each line is one cell."] if lines else []
    shares = {one.delimiter: agreement(lines, one) for _, one in found}
    near = [
        one for score, one in found
        if one.delimiter.strip(" ") != best.delimiter.strip(" ")
        and (score >= NEARLY * top or _equal(one, best, shares))
    ]  # fmt: skip
    return best, list(_doubts(best, shares[best.delimiter], near))


def _doubts(best: Dialect, share: float, near: Sequence[Dialect]) -> Iterator[str]:
    """What is uncertain about a delimiter that so many rows agree on."""
    if share < 1:
        other = f"{1 - share:.0%}" if share <= 0.99 else "Less than 1%"
        yield f"{other} of the first rows have another number of cells."
    if best.delimiter[0] not in (*COMMON, *OTHERS):
        yield f"Cells are parted by {best.delimiter!r}, which few files use."
    if best.delimiter == ALIGNED:
        yield "Cells are parted by two spaces or more; an empty one cannot be seen."
    elif best.delimiter != " " and best.delimiter.endswith(" "):
        mark = best.delimiter[0]
        yield f"Every {mark!r} is followed by a space, which is not taken into the cells."
    rivals = dict.fromkeys(repr(one.delimiter) for one in near)
    if rivals:
        yield f"Cells are parted by {best.delimiter!r}; {' or '.join(rivals)} would fit as well."


def _other_quotes(rows: Sequence[Row], dialect: Dialect) -> Iterator[str]:
    """Cells between marks that quote in other files."""
    cells = (c for row in rows for c, q in zip(row.cells, row.quoted, strict=True) if not q)
    found = next((c for c in cells if len(c) > 1 and c[0] == c[-1] and c[0] in QUOTES), "")
    if found and found[0] != dialect.quote:
        yield f"Some cells stand between other quotes, such as {found[:40]}, which are kept."


def _believable(lines: Sequence[str], dialect: Dialect) -> bool:
    """Whether a mark of words and times parts cells here: lines are no values and no prose."""
    whole = [line.strip() for line in lines if line.strip()]
    if sum(is_value(line) or coarse(line) == "url" for line in whole) >= NEARLY * (len(whole) - 1):
        return False
    rows = [row for row in sample_rows(lines, dialect) if row.filled]
    widths = [len(row.cells) for row in rows]
    if widths[0] == 1 and not header_ahead(rows[1:], common_width(rows)):
        return False  # one column, whose name is one word and whose cells are several
    several = 2 < widths[0] == min(widths)
    return several or agreement(lines, dialect) >= NEARLY


def _equal(one: Dialect, best: Dialect, shares: dict[str, float]) -> bool:
    return one.delimiter in COMMON and shares[one.delimiter] >= shares[best.delimiter]


def _candidates(lines: Sequence[str], base: Dialect, marks: Iterable[str]) -> list[Dialect]:
    text = "".join(bounded(lines))
    single = "'" in text and bool(_quoted_with(text, "'"))
    quotes = QUOTES[: 1 + single]
    escapes = ("", "\\") if '\\"' in text or "\\'" in text else ("",)
    return [
        replace(base, delimiter=mark, quote=quote, escape=escape)
        for mark in marks
        for quote in quotes
        for escape in escapes
        if not escape or f"\\{quote}" in text
    ]


def _has_comments(lines: Sequence[str]) -> bool:
    # A header may itself begin with #; then it is the only such line and has delimiters.
    marked = [line for line in lines if line.startswith("#")]
    if not marked or len(marked) == len(lines):
        return False
    if not any(map(PARTED.search, marked)):
        return lines[0] in marked or all(PARTED.search(x) for x in lines if x not in marked)
    return len(marked) > 1 and lines[0] in marked


def _quoted_with(text: str, quote: str) -> bool:
    cell = rf"(^|[,;\t| ]){quote}([^{quote}]|{quote}{quote})*{quote}(?=[,;\t| \r\n]|$)"
    return len(re.findall(cell, text, re.M)) > 2
