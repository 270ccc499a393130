"""Dialects and encodings: what is certain is right, what is uncertain is named."""

import gzip
from pathlib import Path

import pytest

from lab.core.errors import BadInput
from lab.data.formats import Format, detect
from lab.data.lines import guess_encoding
from lab.data.packing import Packing
from lab.data.records import Dialect
from lab.data.sniff import sniff


def guess(text: str) -> tuple[Dialect, list[str]]:
    return sniff(text.splitlines(keepends=True), "utf-8")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a,b\n1,2\n3,4\n", Dialect()),
        ("a;b\n1,5;2\n3,5;4\n", Dialect(";")),
        ("a\tb\n1\t2\n", Dialect("\t")),
        ("a|b\n1|2\n", Dialect("|")),
        ("a,b\n'x, y',2\n'z',4\n'w',4\n", Dialect(quote="'")),
        ('a,b\n"say \\"x\\"",2\n', Dialect(escape="\\")),
        ("# made by x\n# on y\na,b\n1,2\n", Dialect(comment="#")),
        ("#a,b\n1,2\n3,4\n", Dialect()),
        ("My report\n\na,b\n1,2\n3,4\n", Dialect(skip=2)),
        ("sep=;\na;b\n1;2\n", Dialect(";", skip=1)),
        ("1,2\n3,4\n", Dialect(header=False)),
        ("2026-01-01,3\n2026-01-02,4\n", Dialect(header=False)),
        ("name,2025,2026\nx,1,2\ny,3,4\n", Dialect(header=False)),
        ("day,2025\nx,1\n", Dialect(header=False)),
        ("word\nx\ny\n", Dialect()),
        ("name,tags\na,x;y\nb,z;w\n", Dialect()),
    ],
)
def test_dialect(text: str, expected: Dialect) -> None:
    assert guess(text)[0] == expected


@pytest.mark.parametrize(
    ("text", "doubt"),
    [
        ("1,2\n3,4\n", "no header"),
        ("title\na,b\n1,2\n3,4\n", "title"),
        ("a,b\n1,2\n3\n", "another number of cells"),
        ("x\ny\n", "No delimiter"),
        ("1;2,3\n4;5,6\n", "would fit as well"),
    ],
)
def test_doubt_is_named(text: str, doubt: str) -> None:
    assert any(doubt in said for said in guess(text)[1])


def test_plain_file_raises_no_doubt() -> None:
    assert guess("a,b\n1,2\n")[1] == []


@pytest.mark.parametrize(
    ("content", "encoding", "sure"),
    [
        (b"a,b\n1,2\n", "utf-8", True),
        ("a\nZoë\n".encode(), "utf-8", True),
        ("a\nZoë\n".encode("utf-8-sig"), "utf-8-sig", True),
        ("a\nZoë\n".encode("utf-16"), "utf-16", True),
        ("a,b\nZoe,1\n".encode("utf-16-le"), "utf-16-le", False),
        ("a,b\nZoe,1\n".encode("utf-16-be"), "utf-16-be", False),
        ("a\nZoë\n".encode("latin-1"), "latin-1", False),
        ("a\n5 €\n".encode("cp1252"), "cp1252", False),
        ("ä\nö\nü\n".encode() + "é\n".encode("latin-1"), "utf-8", False),
    ],
)
def test_encoding(tmp_path: Path, content: bytes, encoding: str, sure: bool) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(content)
    found = guess_encoding(path, Format("csv"))
    assert (found.name, not found.doubt) == (encoding, sure)


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("x.csv", b"a,b\n1,2\n", Format("csv")),
        ("x.csv", b'{"a": 1}\n', Format("jsonl")),
        ("x.txt", b"\xef\xbb\xbf{\"a\": 1}\n", Format("jsonl")),
        ("x.csv", gzip.compress(b"a,b\n", mtime=0), Format("csv", Packing("gzip"))),
        ("x.jsonl.gz", gzip.compress(b'{"a": 1}', mtime=0), Format("jsonl", Packing("gzip"))),
    ],
)  # fmt: skip
def test_format_is_judged_by_content(
    tmp_path: Path, name: str, content: bytes, expected: Format
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    assert detect(path) == expected


def test_foreign_files_get_their_own_hint(tmp_path: Path) -> None:
    known = ((b"%PDF-1.7", "PDF"), (b"7z\xbc\xaf", "7-Zip"))
    for magic, words in known:
        path = tmp_path / "x.csv"
        path.write_bytes(magic + b"rest of it")
        with pytest.raises(BadInput, match=words):
            detect(path)


def test_cells_between_other_quotes_are_told():
    lines = ["n,who\n", '"1","Ann"\n', "'2','Bob'\n"]
    assert any("other quotes, such as '2'" in doubt for doubt in sniff(lines, "utf-8")[1])


def test_addresses_are_no_rows_and_rare_delimiters_are_told():
    addresses = "".join(f"https://shop.example/a?b={i}&c={i}&d={i}\n" for i in range(9))
    assert "No delimiter was found" in guess(addresses)[1][0]
    dialect, doubts = guess("a&b&c\n" + "".join(f"{i}&{i}&{i}\n" for i in range(9)))
    assert dialect.delimiter == "&"
    assert any("few files use" in doubt for doubt in doubts)


def test_a_rare_ragged_row_is_not_said_to_be_none_of_them():
    rows = ["a,b", *("1,2,3" if i == 60 else f"{i},{i}" for i in range(300))]
    said = guess("\n".join(rows))[1]
    assert said == ["Less than 1% of the first rows have another number of cells."]
