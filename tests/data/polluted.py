"""A small table, and every way in which one of its rows or the whole file can be spoilt.

The families are those of Pollock (VLDB 2023): a delimiter too many or too few, a quote too many,
a row in another delimiter, other delimiters, quotes, escapes and line ends throughout, titles,
footnotes, a second table, no header, several header rows.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

ROWS = 40
KINDS = ("Kettle", "Bread knife, long", "Tea towels (set of 4)", 'Lamp 12"', "Door mat")
WORDS = ("holds its heat for hours", "made of steel, oiled by hand", "washes well at 60 degrees",
         "says \"on\" when it is lit", "lies flat, even when wet")  # fmt: skip
HEADER = ["day", "time", "units", "code", "price", "kind", "about", "link", "remark"]


class Spoilt(NamedTuple):
    """A spoilt file and the table that it holds."""

    name: str
    text: str
    truth: list[list[str]]


def table() -> list[list[str]]:
    """The rows as they are meant, the header first."""
    rows = [HEADER]
    for i in range(ROWS):
        rows.append([
            f"{i % 28 + 1:02d}/{i % 12 + 1:02d}/2025", f"{i % 24:02d}:{i * 7 % 60:02d}",
            str(i * 3 % 25), f"{'KLMNP'[i % 5]}{'QRST'[i % 4]}-{1000 + i * 37}",
            f"${i * 1.75 + 3:.2f}", KINDS[i % 5], f"The {KINDS[i % 5].lower()} {WORDS[i % 5]}.",
            f"https://shop.example/item/{1000 + i * 37}", "",
        ])  # fmt: skip
    return rows


def written(
    rows: list[list[str]], mark: str = ",", quote: str = '"', escape: str = ""
) -> list[list[str]]:
    """Cells as a careful writer puts them in a file."""

    def cell(text: str, column: int) -> str:
        if column not in (6, 7) and not set(text) & set(mark + quote):
            return text
        inner = text.replace(quote, (escape or quote) + quote)
        return f"{quote}{inner}{quote}"

    return [[cell(text, j) for j, text in enumerate(row)] for row in rows]


def joined(rows: list[list[str]], mark: str = ",", end: str = "\r\n") -> str:
    """Written cells as the text of a file."""
    return "".join(mark.join(row) + end for row in rows)


def with_row(rows: list[list[str]], i: int, line: str) -> str:
    """A file in which one row is written otherwise."""
    lines = [",".join(row) for row in rows]
    lines[i] = line
    return "\r\n".join(lines) + "\r\n"


def row_level(step: int = 1) -> Iterator[Spoilt]:
    """Every spoilt row, in every ``step``-th row from the header on."""
    truth = table()
    rows = written(truth)
    for i in range(0, len(rows), step):
        row = rows[i]
        for j in range(len(row)):
            more = ",".join([*row[:j], "", *row[j:]])
            yield Spoilt(f"more_{i}_{j}", with_row(rows, i, more), truth)
            if j:
                less = ",".join(row[:j]) + ",".join(row[j:])
                yield Spoilt(f"less_{i}_{j}", with_row(rows, i, less), truth)
            cell = '"' + row[j]
            kept = [list(one) for one in truth]
            kept[i][j] = '"' + kept[i][j]
            line = ",".join([*row[:j], cell, *row[j + 1 :]])
            yield Spoilt(f"quote_{i}_{j}", with_row(rows, i, line), kept)
        yield Spoilt(f"space_{i}", with_row(rows, i, " ".join(row)), truth)


def file_level() -> Iterator[Spoilt]:
    """Every way in which a whole file is written otherwise."""
    truth = table()
    rows = written(truth)
    text = joined(rows)
    for name, mark in (("semicolon", ";"), ("tab", "\t"), ("bar", "|"), ("comma_space", ", "),
                       ("two_bars", "||"), ("space", " ")):  # fmt: skip
        yield Spoilt(f"mark_{name}", joined(written(truth, mark), mark), truth)
    for name, end in (("lf", "\n"), ("cr", "\r")):
        yield Spoilt(f"end_{name}", joined(rows, end=end), truth)
    yield Spoilt("escape", joined(written(truth, escape="\\")), truth)
    yield Spoilt("quote_single", joined(written(truth, quote="'")), truth)
    bare = [[re.sub('(?<!^)""(?!$)', '"', cell) for cell in row] for row in rows]
    yield Spoilt("escape_none", joined(bare), truth)
    yield Spoilt("no_final_end", text.rstrip("\r\n"), truth)
    yield Spoilt("blank_end", text + "\r\n\r\n", truth)
    yield Spoilt("no_header", joined(rows[1:]), truth[1:])
    twice = [[f"{name} {name}" for name in HEADER], *truth[1:]]
    yield Spoilt("two_headers", joined([rows[0], *rows]), twice)
    yield Spoilt("title", "Sales,,,,,,,,\r\n,,,,,,,,\r\n" + text, truth)
    yield Spoilt("bare_title", "Sales of the year\r\nAll shops\r\n\r\n" + text, truth)
    yield Spoilt("footnote", text + "\r\nSource: the tills\r\n", truth)
    yield Spoilt("second_same", text + text, truth)
    yield Spoilt("second_less", text + joined([row[:8] for row in rows]), truth)
    yield Spoilt("second_more", text + joined([[*row, "more"] for row in rows]), truth)
    yield Spoilt("header_only", joined(rows[:1]), truth[:1])
    yield Spoilt("one_row", joined(rows[:2]), truth[:2])
