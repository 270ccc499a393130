"""The steps by which a cell of a damaged row may be read, and what each of them costs."""

from collections.abc import Iterator
from typing import NamedTuple

from lab.data.dialect import Dialect, cell_pattern
from lab.data.tokens import unquoted

# Delimiters that may stand in place of the usual one; spaces stand in cells as well.
OTHERS = (",", ";", "\t", "|")
# A sentence parted by spaces has this many words at most.
MAX_JOINED = 16
# Quotes at which a quoted cell may end, beside the one that is rightly closed.
MAX_CLOSES = 8
# Of two equal readings, that in which the next cell does not begin with a quote.
OPENS_WITH_QUOTE = 0.1
PRICES = {
    "one delimiter too many": 2.0,
    "a cell missing": 2.5,
    "cells missing at the end": 1.0,
    "a delimiter missing": 4.0,
    "a delimiter missing beside a quote": 2.0,
    "a delimiter inside a cell": 2.5,
    "a quote that is a character": 1.5,
    "a space before a quote": 0.5,
    "another delimiter": 2.0,
}


class Step(NamedTuple):
    """One cell on the way through a line, or none when a delimiter is dropped."""

    end: int
    cell: str | None
    price: float
    what: str


def bare(text: str, place: int, dialect: Dialect) -> Iterator[Step]:
    """Cells without quotes: up to a delimiter, over it, or ending before it."""
    mark, quote = dialect.delimiter, dialect.quote
    end = text.find(mark, place)
    first, over = end, 0.0
    for _ in range(MAX_JOINED):
        cell = text[place:end]
        quotes = cell.count(quote) if quote else 0
        price = over + quotes * PRICES["a quote that is a character"]
        said = "a delimiter inside a cell" if over else ""
        if quotes:
            said = "; ".join(filter(None, (said, "a quote that is a character")))
        yield Step(end + len(mark), cell, price, said)
        over += PRICES["a delimiter inside a cell"]
        end = text.find(mark, end + len(mark))
        if end < 0:
            break
    for other in OTHERS:
        at = text.find(other, place, first)
        if at >= 0 and other not in mark:
            yield Step(at + 1, text[place:at], PRICES["another delimiter"], "another delimiter")
    for cut in _seams(text, place, first, quote):
        beside = text[cut] == quote
        what = "a delimiter missing beside a quote" if beside else "a delimiter missing"
        yield Step(cut, text[place:cut], PRICES[what], what)


def _seams(text: str, start: int, end: int, quote: str) -> Iterator[int]:
    """Places inside a cell where two cells may have run together."""
    for i in range(start + 1, end):
        before, after = text[i - 1], text[i]
        if before.isspace() or after.isspace() or before == quote:
            continue
        both_digits = before.isdigit() and after.isdigit()
        if both_digits or after == quote or _kind(before) != _kind(after):
            yield i


def _kind(character: str) -> int:
    return 1 + character.isupper() if character.isalpha() else -character.isdigit()


def quoted(text: str, place: int, dialect: Dialect) -> Iterator[Step]:
    """Quoted cells: closed before a delimiter as they should be, or at any other quote."""
    quote, mark = dialect.quote, dialect.delimiter
    start = place
    while mark != " " and text.startswith(" ", start):
        start += 1
    if not quote or not text.startswith(quote, start):
        return
    before = "a space before a quote" if start > place else ""
    for close in _closes(text, start, dialect):
        inner = text[start + 1 : close]
        loose = _loose_quotes(inner, dialect)
        price = loose * PRICES["a quote that is a character"] + PRICES.get(before, 0.0)
        said = [before, "a quote that is a character" if loose else ""]
        end = close + 1 + len(mark)
        if not text.startswith(mark, close + 1):
            what = "a delimiter missing beside a quote"
            price, end = price + PRICES[what], close + 1
            price += OPENS_WITH_QUOTE * text.startswith(quote * 3, end)
            said.append(what)
        yield Step(end, unquoted(inner, dialect), price, "; ".join(filter(None, said)))


def _closes(text: str, start: int, dialect: Dialect) -> Iterator[int]:
    """Quotes at which a cell that opens with one may end, but for the end of the line."""
    found = cell_pattern(dialect).match(text, start)
    proper = found.end("quoted") if found else -1
    if proper >= 0:
        yield proper
    close = start
    for _ in range(MAX_CLOSES):
        close = text.find(dialect.quote, close + 1)
        if close < 0 or close + 1 == len(text):
            return
        escaped = dialect.escape and text.endswith(dialect.escape, start + 1, close)
        if close != proper and not escaped:
            yield close


def _loose_quotes(inner: str, dialect: Dialect) -> int:
    """Quotes in a quoted cell that are neither doubled nor escaped."""
    if dialect.escape:
        inner = inner.replace(dialect.escape + dialect.quote, "")
    return inner.replace(dialect.quote * 2, "").count(dialect.quote)
