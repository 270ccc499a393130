"""How delimited text is written, and Python's own reader for it."""

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from typing import Any

from lab.core.errors import BadInput, check_known

# Takes the place of a delimiter of several characters, which Python's reader does not know.
STAND_IN = "\x1f"
# Columns set side by side with spaces: a run of two or more parts two cells.
ALIGNED = "  "


@dataclass(frozen=True)
class Dialect:
    """How delimited text is written; fixed once previewed.

    Args:
        delimiter: What stands between cells: mostly one character.
        quote: Character around cells that hold delimiters or line ends.
        escape: Character before a quote inside quotes; empty when quotes are doubled.
        comment: Lines that begin with it are no data; empty for none.
        skip: Physical lines above the header that are no data.
        header: Whether the first row names the columns.
        encoding: Encoding of the text.
        heads: Rows that the header takes, when there is one; their cells are joined.
        repair: Whether rows that do not fit are mended, and named, instead of rejected.
    """

    delimiter: str = ","
    quote: str = '"'
    escape: str = ""
    comment: str = ""
    skip: int = 0
    header: bool = True
    encoding: str = "utf-8"
    heads: int = 1
    repair: bool = False

    @property
    def plain(self) -> bool:
        """Whether a common CSV reader gives the same rows."""
        return not self.repair and self.heads == 1 and len(self.delimiter) == 1 and not self.escape

    def squeezed(self, lines: Iterable[str]) -> Iterable[str]:
        """Lines in which a run of spaces is as long as the delimiter, where that is spaces."""
        if self.delimiter != ALIGNED:
            return lines
        outer = re.compile(r"^ +| +(?=[\r\n]*$)")
        return (re.sub(r" {3,}", ALIGNED, outer.sub("", line)) for line in lines)

    def reader(self, lines: Iterator[str], *, strict: bool = True) -> "Iterator[list[str]]":
        """Python's own reader for this dialect."""
        mark = self.delimiter if len(self.delimiter) == 1 else STAND_IN
        plain = (
            lines if mark == self.delimiter else (x.replace(self.delimiter, mark) for x in lines)
        )
        if self.escape:
            plain = map(self._without_escapes, plain)
        rows = csv.reader(
            plain, delimiter=mark, quotechar=self.quote or None, strict=strict,
            quoting=csv.QUOTE_MINIMAL if self.quote else csv.QUOTE_NONE,
        )  # fmt: skip
        if mark == self.delimiter:
            return rows
        return ([cell.replace(mark, self.delimiter) for cell in row] for row in rows)

    def _without_escapes(self, line: str) -> str:
        # Only a quote is escaped: a backslash before anything else is a character of its own.
        escaped = re.escape(self.escape)
        return re.sub(
            f"{escaped}([{escaped}{self.quote}])",
            lambda found: found[1] * (1 + (found[1] == self.quote)),
            line,
        )


@lru_cache(maxsize=64)
def cell_pattern(dialect: Dialect) -> re.Pattern[str]:
    """One cell with the delimiter or line end after it."""
    mark, end = re.escape(dialect.delimiter), r"\r\n|\n|\r|\Z"
    bare = rf"(?P<bare>(?:(?!{mark})[^\r\n])*)"
    if len(dialect.delimiter) == 1:
        bare = rf"(?P<bare>[^{mark}\r\n]*)"
    if not dialect.quote:
        return re.compile(rf"(?P<quoted>(?!))?{bare}(?P<end>{mark}|{end})")
    q = re.escape(dialect.quote)
    inner = rf"[^{q}]*(?:{q}{q}[^{q}]*)*"
    if dialect.escape:
        e = re.escape(dialect.escape)
        inner = rf"[^{q}{e}]*(?:(?:{e}[\s\S]|{q}{q})[^{q}{e}]*)*"
    return re.compile(rf"(?:{q}(?P<quoted>{inner}){q}(?={mark}|{end})|{bare})(?P<end>{mark}|{end})")


def told_dialect(guess: Dialect, told: Mapping[str, Any]) -> Dialect:
    """A guess with what a person knows better.

    Args:
        guess: The dialect as it was found out.
        told: Fields of ``Dialect`` by name.

    Raises:
        NotFound: A field does not exist.
        BadInput: Its value cannot be.
    """
    check_known("part of a dialect", told, [one.name for one in fields(Dialect)])
    for name, value in told.items():
        usual = getattr(guess, name)
        least = {"delimiter": 1, "heads": 1}.get(name, 0)
        size = len(value) if isinstance(value, str) else value
        long = name in ("quote", "escape") and size > 1
        if type(value) is not type(usual) or long or size < least:
            raise BadInput(f"{value!r} is no {name} of a dialect.", f"Usual is {usual!r}.")
    return replace(guess, **told)
