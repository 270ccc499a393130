"""What a cell looks like: whether it is a value, and the shape of its characters.

A cell with a shape that is common in its column belongs there; that is what tells dialects apart
and what mends a row whose cells have run together.
"""

import re
from functools import lru_cache

MISSING_MARKS = frozenset({"", "-", "--", "n/a", "na", "nan", "null", "none", "nil", "#n/a", "?"})
_CLOCK = r"\d{1,2}:\d{2}(:\d{2}([.,]\d+)?)?\s?([AaPp]\.?[Mm]\.?)?\s?(Z|UTC|[+-]\d{2}(:?\d{2})?)?"
_VALUE = re.compile(
    r"[<>~]?[-+(]?\s?[$£€¥]?\s?(\d{1,3}([,. ']\d{3})+|\d+)?([.,]\d+)?([eE][-+]?\d+)?\s?[%)$£€¥]?"
    rf"|\d{{1,4}}[/.-]{{1,2}}\d{{1,2}}[/.-]{{1,2}}\d{{2,4}}([ T]{_CLOCK})?"
    r"|([A-Z][a-z]{2,8},? )?\d{1,2}[ -/]?[A-Za-z]{3,9}"
    rf"[ -/,]{{1,2}}\d{{2,4}}([ T]{_CLOCK})?"
    rf"|[A-Z][a-z]{{2,8}}\.? \d{{1,2}},? \d{{4}}([ T]{_CLOCK})?"
    rf"|{_CLOCK}"
    r"|\d{1,3}(\.\d{1,3}){3}"
)
_KNOWN = re.compile(
    r"\w[\w .:'’&()/+%#@°£$€!?*=<>\[\]-]*|[\w.+-]+@[\w-]+\.[\w.-]+|[a-z]{2,6}://\S+"
)
_RUNS = re.compile(r"[0-9]+|[^\W\d_]+|\s+")
_ROUGH_RUNS = re.compile(r"[0-9]+(?:[.,][0-9]+)?|[^\W\d_]+|\s+")
WORDS = 3
# Beyond this a cell is text, whatever it begins with.
LONG = 200


def is_value(cell: str) -> bool:
    """Whether a cell is a number, an amount, a day, a time or an address, not a word.

    >>> [is_value(cell) for cell in ("12", "$4.50", "1,234.5", "2026-01-02", "10:15", "Price", "")]
    [True, True, True, True, True, False, False]
    """
    return len(cell) <= LONG and _is_value(cell)


def is_known(cell: str) -> bool:
    """Whether a cell is of any known type, so that its borders are likely right."""
    return len(cell) <= LONG and _is_known(cell)


def fine(cell: str) -> str:
    """The shape of a cell with the length of its numbers.

    >>> fine("28/01/2018"), fine("MG-8769"), fine("Men's boots")
    ('00/00/0000', 'A-0000', "a'a a")
    """
    return _fine(cell[:LONG])


def coarse(cell: str) -> str:
    """The shape of a cell without lengths; words are all alike.

    >>> coarse("28/01/2018"), coarse("a long way home"), coarse("https://a.b/c")
    ('0/0/0', 'words', 'url')
    """
    return _coarse(cell[:LONG])


@lru_cache(maxsize=50_000)
def _is_value(cell: str) -> bool:
    cell = cell.strip()
    if not any(map(str.isdigit, cell)):
        return cell.lower() in ("true", "false", "inf", "-inf", "+inf")
    return bool(_VALUE.fullmatch(cell))


@lru_cache(maxsize=50_000)
def _is_known(cell: str) -> bool:
    cell = cell.strip()
    return cell.lower() in MISSING_MARKS or is_value(cell) or bool(_KNOWN.fullmatch(cell))


@lru_cache(maxsize=50_000)
def _fine(cell: str) -> str:
    return _RUNS.sub(_fine_run, cell)


@lru_cache(maxsize=50_000)
def _coarse(cell: str) -> str:
    if re.match(r"[a-z]{2,6}://", cell):
        return "url"
    if len(cell.split()) >= WORDS:
        return "words"
    return _ROUGH_RUNS.sub(_coarse_run, cell)


def _fine_run(found: re.Match[str]) -> str:
    run = found[0]
    if run[0].isdigit():
        return "0" * len(run)
    if run[0].isspace():
        return " "
    return "A" if run.isupper() else "a"


def _coarse_run(found: re.Match[str]) -> str:
    run = found[0]
    return "0" if run[0].isdigit() else " " if run[0].isspace() else "a"
