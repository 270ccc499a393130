"""How well text goes together in a dialect: the scores that tell dialects apart.

Data consistency is Q = P x T: rows that have the same number of cells, times cells that are of a
known type (van den Burg, Nazabal, Sutton, "Wrangling messy CSV files by detecting row and type
patterns", Data Mining and Knowledge Discovery 33, 2019).
"""

from collections import Counter
from collections.abc import Sequence
from itertools import accumulate

from lab.data.dialect import Dialect
from lab.data.shapes import is_known
from lab.data.tokens import Row, sample_rows

# Scoring looks at no more than this, which bounds it for lines of any length.
SAMPLE_CHARS = 200_000
# In this order when two fit equally: the rarer a character is inside text, the sooner.
COMMON = ("\t", "|", ";", ",")
# Other marks part words and times as well; they are believed only when nothing else fits.
RARE_WEIGHT = 0.5
# A row of one cell and a cell of no known type count for something, but for little.
ALONE, UNKNOWN = 1e-3, 1e-10


def consistency(lines: Sequence[str], dialect: Dialect) -> float:
    """How well text goes together when it is read in a dialect.

    Args:
        lines: The first physical lines, with their ends.
        dialect: The dialect.

    Returns:
        Pattern score times type score, 0 or more.
    """
    rows = [row for row in sample_rows(bounded(lines), dialect) if row.filled]
    if not rows:
        return 0.0
    weight = 1.0 if dialect.delimiter[0] in COMMON else RARE_WEIGHT
    return weight * _pattern(rows) * _typed(rows, dialect)


def agreement(lines: Sequence[str], dialect: Dialect) -> float:
    """Share of rows with the commonest number of cells, 0 when that is one."""
    widths = Counter(len(row.cells) for row in sample_rows(lines, dialect) if row.filled)
    several = [n for width, n in widths.items() if width > 1]
    return round(max(several) / sum(widths.values()), 3) if several else 0.0


def alone(lines: Sequence[str], dialect: Dialect) -> float:
    """Share of rows that are one cell."""
    widths = [len(row.cells) for row in sample_rows(lines, dialect) if row.filled]
    return widths.count(1) / max(1, len(widths))


def bounded(lines: Sequence[str]) -> Sequence[str]:
    """The lines that scoring looks at."""
    lengths = accumulate(map(len, lines))
    return [line for line, upto in zip(lines, lengths, strict=True)
            if upto <= SAMPLE_CHARS] or [line[:SAMPLE_CHARS] for line in lines[:1]]  # fmt: skip


def _pattern(rows: Sequence[Row]) -> float:
    widths = Counter(len(row.cells) for row in rows)
    return sum(n * max(ALONE, w - 1) / w for w, n in widths.items()) / len(widths)


def _typed(rows: Sequence[Row], dialect: Dialect) -> float:
    known = total = 0
    for row in rows:
        for cell, quoted in zip(row.cells, row.quoted, strict=True):
            total += 1
            known += quoted or (is_known(cell) and dialect.quote not in cell)
    return max(UNKNOWN, known / total)
