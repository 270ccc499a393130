"""Rows with their lines: Python's csv module is the judge, and every line is counted once."""

import csv
import io
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.data.formats import Format
from lab.data.lines import count_lines, open_text, split_lines
from lab.data.records import Dialect, Item, csv_items
from lab.data.sniff import sniff


def read(text: str, dialect: Dialect | None = None, width: int = 0) -> list[Item]:
    lines = split_lines(io.StringIO(text, newline=""), "test")
    return list(csv_items(lines, dialect or Dialect(), width))


def spans(items: list[Item]) -> list[tuple[str, int, int]]:
    return [(item.kind, item.line, item.span) for item in items]


cells = st.text(st.sampled_from('ab ,;"\n\r\té'), max_size=6)
tables = st.lists(st.lists(cells, min_size=2, max_size=2), min_size=1, max_size=8)


@given(tables)
@settings(max_examples=300)
def test_what_csv_writes_comes_back_and_every_line_is_counted(table: list[list[str]]) -> None:
    target = io.StringIO(newline="")
    csv.writer(target, quoting=csv.QUOTE_ALL).writerows([["one", "two"], *table])
    text = target.getvalue()
    items = read(text)
    assert sum(item.span for item in items) == count_lines(io.StringIO(text, newline=""))
    expected = [row for row in table if any(cell.strip() for cell in row)]
    assert [item.cells for item in items if item.kind == "row"] == expected


@given(st.text(st.sampled_from("a,\"\n\r'#;x"), max_size=60))
@settings(max_examples=500)
def test_any_text_is_covered_line_by_line(text: str) -> None:
    items = read(text, Dialect(comment="#"))
    assert sum(item.span for item in items) == count_lines(io.StringIO(text, newline=""))
    position = 1
    for item in items:
        assert item.line == position
        position += item.span


@given(st.text(st.sampled_from("a\r\n"), max_size=40))
@settings(max_examples=300)
def test_line_count_agrees_with_a_slow_twin(text: str) -> None:
    slow = len(io.StringIO(text, newline=None).readlines())
    assert count_lines(io.StringIO(text, newline="")) == slow


def test_kinds_and_lines() -> None:
    text = 'title\n# note\nid,name\n\n1,"a\nb"\n# more\n,\n2\n'
    assert spans(read(text, Dialect(skip=1, comment="#"))) == [
        ("preamble", 1, 1), ("comment", 2, 1), ("header", 3, 1), ("blank", 4, 1), ("row", 5, 2),
        ("comment", 7, 1), ("blank", 8, 1), ("bad", 9, 1),
    ]  # fmt: skip


def test_open_quote_costs_one_line_only() -> None:
    items = read('id,name\n1,"open\n2,b\n3,"c"\n4,d\n')
    assert [(item.kind, item.line) for item in items] == [
        ("header", 1), ("bad", 2), ("row", 3), ("row", 4), ("row", 5),
    ]  # fmt: skip
    assert items[1].reason == "has text after a closing quote"
    assert items[1].text == '1,"open'


def test_open_quote_in_a_long_file_is_found_without_reading_it_all() -> None:
    text = 'id,name\n1,"open\n' + "2,b\n" * 5_000
    items = read(text)
    assert [item.kind for item in items].count("bad") == 1
    assert len(items) == 5_002


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a,b\n1\n", "has 1 cells where the header has 2"),
        ("a,b\n1,2,3\n", "has 3 cells where the header has 2"),
        ('a,b\n1,"x\ny",3\n', "lines 2 to 3"),
        ("a,b\n1,\0\n", "NUL"),
        ("a,b\n1,\udcff\n", "0xFF"),
        ("a,b\n1," + "x" * 200_000 + "\n", "longer than"),
    ],
)
def test_reasons(text: str, reason: str) -> None:
    bad = [item for item in read(text) if item.kind == "bad"]
    assert len(bad) == 1
    assert reason in bad[0].reason
    assert len(bad[0].text) <= 500
    bad[0].text.encode()


def test_backslash_escapes() -> None:
    items = read('a,b\n1,"say \\"hi\\""\n', Dialect(escape="\\"))
    assert items[1].cells == ["1", 'say "hi"']


SPECTRUM = ("comma_in_quotes", "empty", "empty_crlf", "escaped_quotes", "json", "newlines",
            "newlines_crlf", "quotes_and_newlines", "simple", "simple_crlf", "utf8")  # fmt: skip


@pytest.mark.parametrize("name", SPECTRUM)
def test_csv_spectrum(shared_data: Path, name: str) -> None:
    folder = shared_data / "csv_spectrum"
    if not folder.is_dir():
        pytest.skip(f"csv-spectrum is not at {folder}")
    expected = json.loads((folder / "json" / f"{name}.json").read_text(encoding="utf-8"))
    path = folder / "csvs" / f"{name}.csv"
    with open_text(path, Format("csv"), "utf-8") as text:
        lines = list(split_lines(text, path.name))
    dialect, _ = sniff(lines, "utf-8")
    header, *rows = [i.cells for i in csv_items(iter(lines), dialect) if i.kind != "blank"]
    assert [dict(zip(header, row, strict=True)) for row in rows] == expected
