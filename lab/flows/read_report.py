"""What the flow that reads anything says about one file."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from lab.core.errors import LabError
from lab.core.words import grouped
from lab.data.careful import readable
from lab.data.lines import first_lines
from lab.data.records import Item
from lab.data.source import Source
from lab.flows.read_types import TypedColumns

# Lines that are named one by one; beyond that their number is given.
MAX_NAMED = 1_000
SHOWN = 200
MAX_OTHERS = 20
# What is no row of the table; titles and comments are asked about with the dialect.
LEFT_OUT = {"preamble": "title", "comment": "comment", "footnote": "footnote",
            "another table": "another table"}  # fmt: skip
ASKED = {"footnote": "a footnote", "another table": "another table"}


@dataclass(frozen=True)
class FileReport:
    """How one file was read.

    Args:
        ok: Whether it was read.
        file: The file.
        out: Where it was written; empty when it was not.
        error: Why it could not be read.
        hint: What to do then.
        format: What kind of file it is.
        encoding: Encoding of its text.
        dialect: How its text is written.
        columns: Name, guessed type, share of missing cells, and types that fit as well.
        header: Whether the file names its columns.
        rows: Data rows written.
        lines: Physical lines by what they are.
        repaired: Rows that did not fit: line, what was done, the text as it stands, the cells.
        repaired_rows: How many rows those are in all.
        rejected: Rows that could not be read: line and reason.
        left_out: What is no row of the table: titles, comments, footnotes, a second
            table.
        uncertain: Questions that only a person can answer, each with its alternatives.
    """

    ok: bool
    file: str
    out: str = ""
    error: str = ""
    hint: str = ""
    format: str = ""
    encoding: str = ""
    dialect: dict[str, Any] = field(default_factory=dict)
    columns: list[dict[str, Any]] = field(default_factory=list)
    header: bool = False
    rows: int = 0
    lines: dict[str, int] = field(default_factory=dict)
    repaired: list[dict[str, Any]] = field(default_factory=list)
    repaired_rows: int = 0
    rejected: list[dict[str, Any]] = field(default_factory=list)
    left_out: list[dict[str, Any]] = field(default_factory=list)
    uncertain: list[dict[str, Any]] = field(default_factory=list)

    @classmethod
    def failed(cls, file: str, error: Exception) -> "FileReport":
        """A file that cannot be read."""
        if isinstance(error, LabError):
            return cls(False, file, error=error.message, hint=error.hint)
        return cls(False, file, error=f"{file}: {error}", hint="Check the path and its rights.")

    @classmethod
    def empty(cls, path: Path, target: Path | None) -> "FileReport":
        """A file without a byte: a table without columns."""
        asked = question("The file is empty. Is that right?", "read it again once it is written")
        return cls(True, str(path), str(target or ""), format="Empty", uncertain=[asked])


def question(text: str, *alternatives: str) -> dict[str, Any]:
    """Something only a person can tell."""
    return {"question": text, "alternatives": list(alternatives)}


class Gathered:
    """What is met while a file is read."""

    def __init__(self, source: Source, physical_lines: int) -> None:
        """Start with what was seen at the first look.

        Args:
            source: The file.
            physical_lines: Its lines, counted without looking at what they hold.
        """
        self.source = source
        self.physical_lines = physical_lines
        self.line_end = ""
        if source.format.name == "csv":
            first = first_lines(source.path, source.format, source.dialect.encoding)
            ends = Counter(line[len(line.rstrip("\r\n")) :] for line in first)
            self.line_end = ends.most_common(1)[0][0] if ends else ""
        self.typed = TypedColumns(source.columns)
        self.lines: Counter[str] = Counter()
        self.rows = self.mended = 0
        self.repaired: list[dict[str, Any]] = []
        self.rejected: list[dict[str, Any]] = []
        self.left_out: list[dict[str, Any]] = []
        self.asked: list[dict[str, Any]] = []

    def take(self, item: Item) -> None:
        """Count one item and remember what must be told.

        Args:
            item: The item.
        """
        self.lines[item.kind] += item.span
        if item.kind == "row":
            self.rows += 1
            self.typed.take(item.line, item.cells)
            if item.reason:
                self._mended(item)
        elif item.kind == "bad":
            if len(self.rejected) < MAX_NAMED:
                told = {"line": item.line, "reason": f"The line {item.reason}."}
                self.rejected.append({**told, "text": item.text[:SHOWN]})
        elif item.kind in LEFT_OUT:
            self._left(item)

    def report(self, target: Path | None) -> FileReport:
        """The report, once every row was met.

        Args:
            target: Where the table was written.
        """
        source, columns = self.source, self.typed.told()
        dialect = asdict(source.dialect) if source.format.name == "csv" else {}
        for name in ("encoding", "repair"):
            dialect.pop(name, None)
        if dialect:
            dialect["line_end"] = self.line_end
        header = bool(source.header) or source.format.name != "csv"
        return FileReport(
            True, str(source.path), str(target or ""), format=source.format.title,
            encoding=source.dialect.encoding if source.is_text else "", dialect=dialect,
            columns=columns, header=header, rows=self.rows, lines=dict(self.lines),
            repaired=self.repaired, repaired_rows=self.mended, rejected=self.rejected,
            left_out=self.left_out, uncertain=self._uncertain(columns),
        )  # fmt: skip

    def _mended(self, item: Item) -> None:
        self.mended += 1
        if len(self.repaired) >= MAX_NAMED:
            return
        text = item.text[:SHOWN].rstrip("\r\n")
        told = {"line": item.line, "what": item.reason, "text": text}
        self.repaired.append({**told, "cells": [(cell or "")[:SHOWN] for cell in item.cells]})
        if item.other and len(self.asked) < MAX_OTHERS:
            self.asked.append(
                question(
                    f"Line {item.line} was mended ({item.reason}). Is it this row?",
                    str(item.cells), str(list(item.other)),
                )
            )  # fmt: skip

    def _left(self, item: Item) -> None:
        kind = LEFT_OUT[item.kind]
        last = self.left_out[-1] if self.left_out else None
        if last and last["what"] == kind and last["last_line"] == item.line - 1:
            last["last_line"] += item.span
        else:
            text = item.text[:SHOWN].rstrip("\r\n")
            end = item.line + item.span - 1
            self.left_out.append({"what": kind, "line": item.line, "last_line": end, "text": text})

    def _uncertain(self, columns: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        ways = () if self.source.door else ("say how it is: --dialect",)
        asked = [question(doubt, *ways) for doubt in self.source.doubts]
        strange = [name for name in self.source.header if readable(name) != name]
        if strange:
            asked.append(question(f"Names hold control characters, as {strange[0][:40]!r} does.",
                                  "read as Windows-1252", "kept as they stand"))  # fmt: skip
        twice = [name for name, n in Counter(self.source.header).items() if name and n > 1]
        if twice:
            asked.append(question(f"Several columns are called {twice[0]!r}. Which is which?"))
        seen = self.lines.total()
        if self.physical_lines and seen != self.physical_lines:
            there, read = grouped(self.physical_lines), grouped(seen)
            asked.append(question(f"The file has {there} lines, but {read} were read. "
                                  " Is it still written to?", "read it again"))  # fmt: skip
        for part in self.left_out:
            where = f"Lines {part['line']} to {part['last_line']}"
            if part["what"] in ASKED:
                asked.append(question(f"{where} look like {ASKED[part['what']]} and are left out.",
                                      "they are rows of the table"))  # fmt: skip
        return [*asked, *self._doubtful(columns), *self.asked]

    def _doubtful(self, columns: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        for one in columns:
            if one["choices"]:
                text = f"Column {one['name']!r} can be read in several ways."
                yield question(text, *one["choices"])
        for one in columns:
            if one["misfits"]:
                line = self.typed.misfit_lines[one["name"]]
                text = f"but {one['misfits'][0]!r} in line {line} is none."
                yield question(f"Column {one['name']!r} is {one['type']}, {text}",
                               "a row that is no data", "a slip")  # fmt: skip
