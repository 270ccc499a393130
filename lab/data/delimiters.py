"""Which marks may part the cells of a text; which of them does is judged by consistency."""

import re
from collections.abc import Iterator, Sequence

from lab.data.consistency import COMMON, bounded
from lab.data.dialect import ALIGNED, Dialect
from lab.data.tokens import sample_rows

# Marks that part words and times as well.
OTHERS = (" ", ":", "^", "~", "\x1f", "\x01")
# Marks that some programs write twice; two commas are an empty cell.
DOUBLED = ("|", ":", "^", "~")
# A run that so many lines hold may be a delimiter, though a part of it stands in cells as well.
MOSTLY = 0.9
# Any other run of marks is taken for a delimiter only where it stands twice in each line.
UNUSUAL = re.compile(r"[^\w\s\"'.,()\[\]{}/\\$€£%+-]{1,3}")
LEAST_UNUSUAL = 2


def candidate_marks(lines: Sequence[str]) -> Iterator[str]:
    """Delimiters that the text allows, with the runs they may be part of.

    Args:
        lines: The first physical lines, with their ends.
    """
    kept = [line for line in bounded(lines) if line.strip()]
    text = "".join(kept)
    for mark in (*COMMON, *OTHERS):
        if not any(len(row.cells) > 1 for row in sample_rows(kept, Dialect(mark))):
            continue
        if mark != " " and (_always_followed(text, mark, " ") or _throughout(kept, mark + " ")):
            yield mark + " "
        always = mark in DOUBLED and _always_followed(text, mark, mark)
        if always or (mark in DOUBLED and _throughout(kept, mark * 2)):
            yield mark * 2
        if not always:
            yield mark
    if _throughout(kept, ALIGNED):
        yield ALIGNED
    yield from _unusual(kept)


def _throughout(lines: Sequence[str], run: str) -> bool:
    return sum(run in line for line in lines) >= MOSTLY * len(lines) > 0


def _always_followed(text: str, mark: str, by: str) -> bool:
    # In quoted text a mark may stand alone.
    bare = re.sub(r'"[^"\n]*"', '""', text)
    if by == mark:
        return mark in bare and not re.sub(re.escape(mark) * 2, "", bare).count(mark)
    return bare.count(mark) == bare.count(mark + by) > 0


def _unusual(lines: Sequence[str]) -> Iterator[str]:
    """Runs of marks that stand equally often in each line."""
    for run in dict.fromkeys(UNUSUAL.findall(lines[0] if lines else "")):
        often = {line.count(run) for line in lines}
        if run not in (*COMMON, *OTHERS) and len(often) == 1 and min(often) >= LEAST_UNUSUAL:
            yield run
