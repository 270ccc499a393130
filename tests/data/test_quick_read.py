"""The quick way of reading either declines, or gives exactly what the careful one gives."""

from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lab.core.errors import LabError
from lab.core.workspace import Workspace, open_workspace
from lab.data import quick_read
from lab.data.formats import Format
from lab.data.mapping import Mapping
from lab.data.preview import preview
from lab.data.quick_read import read_quickly
from lab.data.records import Dialect
from lab.data.source import Source
from tests.data.both_ways import Found, staged
from tests.data.corpus import CORPUS, Bad

CSV = Format("csv")


@pytest.fixture(scope="module")
def ws(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """One workspace for all examples; nothing lands in it."""
    return open_workspace(tmp_path_factory.mktemp("quick") / "workspace")


def quick(ws: Workspace, source: Source, mapping: Mapping) -> Found | None:
    return staged(ws, source, mapping, partial(read_quickly, hear=len))


def agree(ws: Workspace, source: Source, mapping: Mapping) -> bool:
    """Hold both ways against each other; whether the quick one did not decline."""
    found = quick(ws, source, mapping)
    if found is not None:
        assert found == staged(ws, source, mapping)
    return found is not None


@pytest.mark.parametrize("bad", [b for b in CORPUS if not b.error], ids=lambda bad: bad.name)
def test_corpus(ws: Workspace, tmp_path: Path, bad: Bad) -> None:
    path = tmp_path / bad.name
    path.write_bytes(bad.content())
    found = preview(ws, path)
    mapping = found.mapping.changed(bad.mapping or {})
    agree(ws, found.source, mapping)


CLEAN = {
    "plain": b"id,name\n1,one\n2,two\n",
    "crlf": b"id,name\r\n1,one\r\n2,two\r\n",
    "no final newline": b"id,name\n1,one\n2,two",
    "quotes": b'id,name\n1,"o, ""n"" e"\n2,""\n',
    "bom": b"\xef\xbb\xbfid,name\n1,one\n2,two\n",
    "tabs": b"id\tname\n1\tone\n2\ttwo_2\n",
    "unicode": "id,name\n1,Zoë\n2,日本\n".encode(),
    "bad cells": b"id,name\n1,one\nx,two\n3,three\n",
    "times": b"time,host,cpu\n2026-01-01T00:00:00Z,a,1\n2026-01-01T00:00:01Z,a,\n",
    "repeats": b"time,host,cpu\n2026-01-01T00:00:00Z,a,1\n2026-01-01T00:00:00Z,a,2\n",
    "numbers": b"id,size\n1,1_000.5\n2,-0.0\n3,NaN\n4,inf\n5,1e999\n6,+.5\n7,5.\n8,\xc2\xa05\n",
    "integers": b"id,n\n1,007\n2,+5\n3,5.0\n4,9223372036854775808\n5,1.5\n6, 4 \n7,1_0\n8,0x1F\n",
    "gaps": b"id,size,day\n1,,\n2,3.5,2026-01-31\n3,NA,2026-02-01\n",
    "days": b"id,day\n1,2026-01-31\n2,2026-02-31\n3,2026-1-5\n4,2026/01/01\n5,-\n",
}


@pytest.mark.parametrize("name", CLEAN)
def test_what_adds_up_is_read_quickly(ws: Workspace, tmp_path: Path, name: str) -> None:
    path = tmp_path / "file.csv"
    path.write_bytes(CLEAN[name])
    found = preview(ws, path)
    types = {"n": "integer", "size": "number", "day": "date"}
    known = {k: v for k, v in types.items() if k in found.mapping.types}
    assert agree(ws, found.source, found.mapping.changed({"types": known}))


@pytest.mark.parametrize(
    ("name", "taken"), [("flag", True), ("line", True), ("whole", True), ("ROWID", False)]
)
def test_no_name_of_a_column_is_ours(ws: Workspace, tmp_path: Path, name: str, taken: bool) -> None:
    path = tmp_path / "file.csv"
    path.write_bytes(f"id,{name}\n1,0\nx,0\n3,0\n".encode())
    source = Source(path, CSV, ("id", name), Dialect())
    mapping = Mapping("table", "made", {"id": "integer", name: "integer"})
    assert agree(ws, source, mapping) == taken


SIZES = {"id": "integer", "size": "number"}
DAYS = {"id": "time", "size": "date"}
TIMES = {"id": "time", "size": "time"}
PLAIN = {
    "whole": (b"id,size\n1,2.5\n2,3\n", SIZES, True),
    "gaps": (b"id,size\n1,\n,3\n", SIZES, True),
    "a word for a gap": (b"id,size\n1,NA\n2,3\n", SIZES, False),
    "a blank row": (b"id,size\n1,2\n,\n", SIZES, False),
    "a blank row of spaces": (b"id,size\n1,2\n,  \n", SIZES, False),
    "a bad cell": (b"id,size\n1,2\n2,three\n", SIZES, False),
    "rounded": (b"id,size\n1.5,2\n2,3\n", SIZES, False),
    "odd from the start": (b"id,size\n1,1_0\n2,3\n", SIZES, False),
    "two signs": (b"id,size\n1,+-2\n2,3\n", SIZES, False),
    "an underscore in a name": (b"id,size\n1,a_1\n2,b\n", {**SIZES, "size": "text"}, True),
    "exponents": (b"id,size\n1,1e-3\n2,3\n", SIZES, True),
    "an exponent in a whole number": (b"id,size\n1e3,1\n2,3\n", SIZES, False),
    "beyond a double": (b"id,size\n9007199254740993,1\n2,3\n", SIZES, True),
    "truths": (b"id,size\n1,TRUE\n2,no\n3,\n", {**SIZES, "size": "boolean"}, True),
    "days": (b"id,size\n2026-01-31 10:00:00,2026-1-31\n,2026-02-01\n", DAYS, True),
    "a word for a day": (b"id,size\n2026-01-31 10:00:00,epoch\n", DAYS, False),
    "a short year": (b"id,size\n2026-01-31 10:00:00,226-01-31\n", DAYS, False),
    "times": (b"id,size\n2026-01-31T10:00:00,2026-02-01T00:00:00\n", TIMES, True),
    "times in two forms": (b"id,size\n2026-01-31T10:00:00,2026-02-01 00:00:00\n", TIMES, True),
    "a stray zone": (b"id,size\n2026-01-31T10:00:00.123-05,\n" * 2, TIMES, False),
}


@pytest.mark.parametrize("name", PLAIN)
def test_only_plain_cells_and_gaps_are_read_plainly(
    ws: Workspace, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    content, types, plain = PLAIN[name]
    path = tmp_path / "file.csv"
    path.write_bytes(content)
    found = plain_or_not(monkeypatch)
    mapping = Mapping("table", "made", types, timezone="UTC")
    assert agree(ws, Source(path, CSV, ("id", "size"), Dialect()), mapping) == (
        "blank row" not in name
    )
    assert found == [plain]


def plain_or_not(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """What becomes of every try to read plainly from now on."""
    read, found = quick_read.read_plain, list[bool]()

    def watched(*given: Any, **told: Any) -> bool:
        found.append(read(*given, **told))
        return found[-1]

    monkeypatch.setattr(quick_read, "read_plain", watched)
    return found


@pytest.mark.parametrize(("row", "rejects"), [("2,1e3", 0), ("1e3,2", 1)])
def test_an_exponent_below_the_head_matters_in_whole_numbers(
    ws: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, row: str, rejects: int
) -> None:
    monkeypatch.setattr(quick_read, "HEAD_BLOCKS", 0)
    monkeypatch.setattr("lab.data.cells.HEAD_ROWS", 1)
    judged = list[object]()
    read = quick_read.read_judged
    monkeypatch.setattr(quick_read, "read_judged", lambda *a: judged.append(read(*a)))
    path = tmp_path / "file.csv"
    path.write_bytes(f"id,size\n1,1\n{row}\n".encode())
    source = Source(path, CSV, ("id", "size"), Dialect())
    found = quick(ws, source, Mapping("table", "made", SIZES))
    assert found is not None
    assert (len(found[3]), len(judged)) == (rejects, rejects)


@pytest.mark.parametrize(
    ("rows", "kind", "rejects", "landed"),
    [
        ("1,1_000\n2,3", "number", [("size: 1_000 is not a number", "1,1_000")], [(2, 3.0)]),
        ('1,""\n2,x', "text", [], [(1, None), (2, "x")]),
    ],
)
def test_what_the_head_did_not_foretell_makes_every_cell_judged(
    ws: Workspace,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    rows: str,
    kind: str,
    rejects: list[object],
    landed: list[object],
) -> None:
    monkeypatch.setattr(quick_read, "HEAD_BLOCKS", 0)
    path = tmp_path / "file.csv"
    path.write_bytes(f"id,size\n{rows}\n".encode())
    mapping = Mapping("table", "made", {"id": "integer", "size": kind})
    source = Source(path, CSV, ("id", "size"), Dialect())
    assert agree(ws, source, mapping)
    found = quick(ws, source, mapping)
    assert found is not None
    assert ([row[2:] for row in found[3]], found[4]) == (rejects, landed)


@pytest.mark.parametrize(
    ("rows", "taken"),
    [
        (b'1,"a, b"\n2,\n', True),
        (b'1,"a, b"\n2,x,\n', False),
        (b'1,"a, b"\n2,,\n', False),
        (b'"1,5",a\n2,"b, c"\n3,\n', True),
    ],
)
@pytest.mark.parametrize("blocks", [0, 4])
@pytest.mark.parametrize("kinds", [("integer", "text"), ("number:comma", "text")])
def test_quoted_delimiters_do_not_hide_one_too_many(
    ws: Workspace,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    rows: bytes,
    taken: bool,
    blocks: int,
    kinds: tuple[str, str],
) -> None:
    monkeypatch.setattr(quick_read, "HEAD_BLOCKS", blocks)
    path = tmp_path / "file.csv"
    path.write_bytes(b"id,note\n" + rows)
    mapping = Mapping("table", "made", dict(zip(("id", "note"), kinds, strict=True)))
    assert agree(ws, Source(path, CSV, ("id", "note"), Dialect()), mapping) == taken


texts = st.text(st.sampled_from('a1 ,;"\n\r\té_\0.-\x1f\xa0'), max_size=5)
lines = st.one_of(
    st.tuples(texts, texts).map(",".join),
    st.tuples(texts, texts).map(lambda cells: ",".join(f'"{cell}"' for cell in cells)),
    texts,
    st.tuples(texts, texts, texts).map(",".join),
)
ends = st.sampled_from(["\n", "\n", "\n", "\r\n", "\r", ""])


@settings(max_examples=40, suppress_health_check=list(HealthCheck))
@given(st.lists(lines, min_size=1, max_size=5), ends, st.sampled_from([0, 1]), st.booleans())
def test_made_up_text(ws: Workspace, made: list[str], end: str, skip: int, header: bool) -> None:
    path = ws.root / "made.csv"
    top = ("a title" + end) * skip + ("a,b" + end) * header
    path.write_bytes((top + end.join(made)).encode())
    source = Source(path, CSV, ("a", "b"), Dialect(skip=skip, header=header))
    for kinds in (("text", "text"), ("number", "integer")):
        mapping = Mapping("table", "made", dict(zip(("a", "b"), kinds, strict=True)))
        try:
            agree(ws, source, mapping)
        except LabError:
            continue


cells = st.one_of(
    st.from_regex(r"[ +-]?[0-9_]{0,4}[.,]?[0-9]{0,3}([eE][+-]?[0-9]{1,3})?[ \t]?", fullmatch=True),
    st.from_regex(
        r" ?[0-9-]{3,4}-[0-9]{1,2}-[0-9]{1,2}"
        r"([T ][0-9]{1,2}:[0-9]{2}(:[0-9]{2}([.,][0-9]{1,7})?)?)?"
        r"( ?(Z|UTC|NZ|[+-][0-9]{2}(:?[0-9]{2})?))?",
        fullmatch=True,
    ),
    st.sampled_from(["", "NA", "epoch", "infinity", "today", "2026-01-01 (BC)", "2026-01-01 NZ",
                     "226-01-01T00:00:00Z", "-226-01-01T00:00:00Z", "2026-01-01T24:00:00Z",
                     "0226-01-01 00:00:00", "0xFF", "nan", "1__0", "TRUE"]),
)  # fmt: skip
KINDS = ("integer", "number", "date", "time", "boolean", "time:epoch_s")


@settings(max_examples=8, suppress_health_check=list(HealthCheck))
@given(st.lists(cells, min_size=20, max_size=60), st.sampled_from(["UTC", "Europe/London"]))
def test_made_up_cells(ws: Workspace, made: list[str], zone: str) -> None:
    path = ws.root / "cells.csv"
    path.write_bytes(("x;c\n" + "".join(f"1;{cell}\n" for cell in made)).encode())
    source = Source(path, CSV, ("x", "c"), Dialect(delimiter=";"))
    for kind in KINDS:
        agree(ws, source, Mapping("table", "made", {"x": "text", "c": kind}, timezone=zone))
