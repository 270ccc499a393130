"""Every kind of file is one source of rows: it lands with counts that add up, or says why not."""

import bz2
import datetime as dt
import gzip
import lzma
import sqlite3
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from lab.core.errors import BadInput, LabError, NotFound
from lab.core.progress import drain
from lab.core.workspace import Workspace
from lab.flows.explore import query
from lab.flows.ingest import LoadSummary, ingest, preview
from tests.data import door_files as made

ROWS = [["day", "store", "units"], *([dt.date(2026, 1, 1 + i), f"s{i % 3}", i] for i in range(20))]
TABLE = "day,store,units\n2026-01-01,a,1\n2026-01-02,b,2\n"


def load(ws: Workspace, path: Path, mapping: dict | None = None, part: str = "") -> LoadSummary:
    summary = drain(ingest(ws, path, mapping, part=part))
    assert summary.rows_read == summary.rows_loaded + summary.rows_rejected
    assert summary.physical_lines == sum(summary.lines.values())
    return summary


def refused(ws: Workspace, path: Path, part: str = "") -> str:
    with pytest.raises(LabError) as told:
        drain(ingest(ws, path, part=part))
    assert told.value.hint
    assert not ws.database.exists() or not ws.store.has("loads")
    return str(told.value)


@pytest.mark.parametrize(
    ("name", "pack"),
    [("a.csv.gz", gzip.compress), ("a.csv.bz2", bz2.compress), ("a.csv.xz", lzma.compress)],
)
def test_packed_text(ws: Workspace, tmp_path: Path, name: str, pack) -> None:
    (tmp_path / name).write_bytes(pack(TABLE.encode()))
    assert load(ws, tmp_path / name, {"dataset": "a"}).rows_loaded == 2
    (tmp_path / name).write_bytes(pack(TABLE.encode() * 2000)[:-20])
    with pytest.raises(BadInput, match="ends or breaks"):
        load(ws, tmp_path / name)


def test_archive_of_one_file_needs_no_choice_and_of_several_does(
    ws: Workspace, tmp_path: Path
) -> None:
    one = made.archive(tmp_path / "one.zip", **{"in/t.csv": TABLE, "__MACOSX/._t.csv": "junk"})
    assert load(ws, one, {"dataset": "t"}).mapping["reading"]["part"] == "in/t.csv"
    two = made.archive(tmp_path / "two.zip", **{"t.csv": TABLE, "u.json": '[{"a": 1}]'})
    with pytest.raises(BadInput, match=r"two\.zip holds 2 files: t\.csv, u\.json") as told:
        load(ws, two)
    assert "--part 't.csv'" in told.value.hint
    assert load(ws, two, part="u.json").rows_loaded == 1
    with pytest.raises(NotFound, match=r"Did you mean t\.csv"):
        load(ws, two, part="tt.csv")
    assert preview(ws, two, asked={"part": "t.csv"}).source.parts == ("t.csv", "u.json")


def test_archives_that_are_refused(ws: Workspace, tmp_path: Path) -> None:
    put = tmp_path / "x.zip"
    assert "leaves its folder" in refused(ws, made.archive(put, **{"../../evil.csv": TABLE}))
    assert "leaves its folder" in refused(ws, made.archive(put, **{"C:\\evil.csv": TABLE}))
    assert "locked with a password" in refused(ws, made.locked_archive(put))
    assert "not how a table packs" in refused(ws, made.archive(put, **{"a.csv": b"0" * 90_000_000}))
    assert "Unpack it first" in refused(ws, made.archive(put, **{"a.zip": put.read_bytes()}))
    book = made.workbook(tmp_path / "b.xlsx", one=ROWS).read_bytes()
    assert "inside zip" in refused(ws, made.archive(put, **{"b.xlsx": book}))
    assert "holds no file" in refused(ws, made.archive(put, **{"__MACOSX/._a": "x"}))
    put.write_bytes(b"PK\x03\x04 no archive at all")
    assert "damaged" in refused(ws, put)
    lying = made.lying_archive(put, 90)
    assert "damaged" in refused(ws, lying) or "not how a table packs" in refused(ws, lying)


def test_workbook_lands_typed_with_its_title_left_out(ws: Workspace, tmp_path: Path) -> None:
    rows = [["Sales of 2026"], [], *ROWS, [dt.date(2026, 2, 1), "s1", "many"]]
    path = made.workbook(tmp_path / "sales.xlsx", Sheet=rows, Other=[["a", "b"], [1, 2.5]])
    found = preview(ws, path)
    assert found.source.parts == ("Sheet", "Other")
    assert any("'Sheet' is read" in doubt for doubt in found.doubts)
    assert any("look like a title ('Sales of 2026')" in doubt for doubt in found.doubts)
    summary = load(ws, path, {"dataset": "t"})
    assert (summary.rows_loaded, summary.rows_rejected) == (20, 1)
    assert summary.lines == {"preamble": 1, "blank": 1, "header": 1, "row": 21}
    assert ws.store.rows("SELECT line FROM rejects") == [(24,)]
    assert ws.store.rows("SELECT max(day), sum(units) FROM t") == [(dt.date(2026, 1, 20), 190)]
    assert load(ws, path, part="Other").mapping["types"] == {"a": "integer", "b": "number"}


def test_workbook_gives_what_pandas_reads(ws: Workspace, tmp_path: Path) -> None:
    """openpyxl, through pandas, as the outside oracle."""
    path = made.workbook(tmp_path / "t.xlsx", Sheet=ROWS)
    load(ws, path)
    ours, theirs = ws.store.read("FROM t ORDER BY day"), pd.read_excel(path, engine="openpyxl")
    assert ours["units"].tolist() == theirs["units"].tolist()
    assert ours["store"].tolist() == theirs["store"].tolist()
    assert [d.date() for d in ours["day"]] == [d.date() for d in theirs["day"]]


def test_open_document_workbook(ws: Workspace, tmp_path: Path) -> None:
    path = made.open_document(tmp_path / "t.ods", [["a", "b"], ["1", "x"], ["2", "y"]])
    load(ws, path)
    assert ws.store.rows("FROM t ORDER BY a") == [(1, "x"), (2, "y")]


def test_workbooks_that_are_refused(ws: Workspace, tmp_path: Path) -> None:
    path = made.workbook(tmp_path / "t.xlsx", Full=ROWS, Empty=[])
    assert "Sheet 'Empty' of t.xlsx is empty" in refused(ws, path, part="Empty")
    assert "Did you mean Full" in refused(ws, path, part="Ful")
    raw = path.read_bytes()
    path.write_bytes(raw[: len(raw) // 2])
    assert "damaged" in refused(ws, path)
    (tmp_path / "old.xls").write_bytes(b"\xd0\xcf\x11\xe0" + b"\0" * 600)
    assert "cannot be read as a workbook" in refused(ws, tmp_path / "old.xls")
    (tmp_path / "text.xlsx").write_text(TABLE)
    assert "does not begin like a file of its kind" in refused(ws, tmp_path / "text.xlsx")


def test_workbook_of_two_far_cells_is_refused(ws: Workspace, tmp_path: Path) -> None:
    told = refused(ws, made.wide_workbook(tmp_path / "far.xlsx"))
    assert "memory or time" in told or "cells" in told


def test_formula_is_its_saved_value_and_nothing_is_computed(ws: Workspace, tmp_path: Path) -> None:
    rows = [["a", "b"], [1, "=1+1"], [2, '=HYPERLINK("http://127.0.0.1:1/","x")'], [3, 7]]
    path = made.workbook(tmp_path / "f.xlsx", S=rows)
    load(ws, path)
    assert ws.store.rows("SELECT a, b FROM f ORDER BY a") == [(1, None), (2, None), (3, 7)]


def test_regular_json_becomes_columns(ws: Workspace, tmp_path: Path) -> None:
    rows = [{"n": i, "at": {"city": "Ulm", "geo": [i, 2.5]}, "ok": True} for i in range(5)]
    path = made.document(tmp_path / "t.json", {"meta": {"count": 5}, "data": {"rows": rows}})
    summary = load(ws, path)
    assert summary.mapping["reading"]["part"] == "data.rows"
    assert summary.mapping["types"] == {
        "n": "integer", "at.city": "text", "at.geo": "json", "ok": "boolean",
    }  # fmt: skip
    assert ws.store.rows('SELECT "at.geo"->>1, ok FROM t WHERE n = 3') == [("2.5", True)]


def test_irregular_json_stays_whole_and_is_asked_by_path(ws: Workspace, tmp_path: Path) -> None:
    rows = [{"id": i, ("x" if i % 2 else "y"): {"deep": i}, "tags": [{"k": i}]} for i in range(9)]
    path = made.document(tmp_path / "docs.json", rows)
    found = preview(ws, path)
    assert found.mapping.reading.layout == "documents"
    assert "kept whole in column 'doc'" in found.doubts[0]
    load(ws, path)
    sql = "SELECT doc->>'$.x.deep' AS deep FROM docs WHERE id = 3"
    assert query(ws, sql)["deep"].tolist() == ["3"]
    flat = load(ws, path, {"reading": {"layout": "flat"}, "dataset": "flat"})
    assert set(flat.mapping["types"]) == {"id", "x.deep", "y.deep", "tags"}


def test_json_lines_can_be_kept_as_documents(ws: Workspace, tmp_path: Path) -> None:
    (tmp_path / "e.jsonl").write_text('{"a": {"b": 1}}\n{"a": {"b": NaN}}\n{"c": []}\n')
    summary = load(ws, tmp_path / "e.jsonl", {"reading": {"layout": "documents"}})
    assert (summary.rows_loaded, summary.rows_rejected) == (2, 1)
    assert ws.store.rows("SELECT line, reason FROM rejects") == [
        (2, "The line holds NaN, which is no JSON")
    ]


def test_large_array_is_read_in_pieces(ws: Workspace, tmp_path: Path) -> None:
    rows = [{"i": i, "text": "é" * (i % 97)} for i in range(20_000)]
    summary = load(ws, made.document(tmp_path / "big.json", rows))
    assert summary.rows_loaded == 20_000
    assert ws.store.rows("SELECT sum(i), sum(length(text)) FROM big") == [
        (199_990_000, sum(i % 97 for i in range(20_000)))
    ]


def test_large_document_on_one_line(ws: Workspace, tmp_path: Path) -> None:
    rows = [{"i": i, "text": "x" * 80} for i in range(20_000)]
    summary = load(ws, made.document(tmp_path / "big.json", {"count": 20_000, "rows": rows}))
    assert (summary.rows_loaded, summary.mapping["reading"]["part"]) == (20_000, "rows")


def test_json_that_is_refused(ws: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    for text, words in (
        ("[" * 10_000 + "]" * 10_000, "nested too deeply"),
        ('[{"a": ' + "[" * 10_000 + "]" * 10_000 + "}]", "nested too deeply"),
        ('[{"a": 1}, {"a": 2}', "breaks at character 20"),
        ('[{"a": 1}] tail', "something follows the end"),
        ('{"a": [{"x": 1}], "b": [{"x": 1}]}', "holds 2 lists: a, b"),
        ("[]", "holds no JSON object"),
    ):
        path.write_text(text)
        assert words in refused(ws, path), text[:40]


def test_json_of_odd_making(ws: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    for content, loaded, rejected in (
        ('[{"a": "é"}]'.encode("utf-16"), 1, 0),
        (b'\xef\xbb\xbf[{"a": 1}]', 1, 0),
        (b'[{"a": 1, "a": 2}, {"a": 3}]', 1, 1),
        (b'[{"a": 1}, 2, null, "x", {"a": 2}]', 2, 3),
        (b'{\n"a": 1\n}\n{\n"a": 2\n}\n', 2, 0),
        (b'[{"a": NaN, "b": 1}, {"a": 1.5, "b": 2}]', 2, 0),
        (b'[{"a": 1}, {"a": ' + b'{"a": ' * 200 + b"1" + b"}" * 200 + b"}]", 1, 1),
        (b'[{"a": 1}, {"a": {"b": 1, "b": 2}}]', 1, 1),
        (b'[{"a": 1}, {"a": ' + b"9" * 5000 + b"}]", 2, 0),
    ):
        path.write_bytes(content)
        summary = load(ws, path)
        assert (summary.rows_loaded, summary.rows_rejected) == (loaded, rejected), content[:40]


def test_json_that_is_no_utf_8_names_the_record(ws: Workspace, tmp_path: Path) -> None:
    text = '[{"a": "é"}, {"a": "é"}, '.encode() + b'{"a": "\xff"}, {"a": "\\ud800"}]'
    (tmp_path / "x.json").write_bytes(text)
    assert load(ws, tmp_path / "x.json").rows_rejected == 2
    reasons = [reason for _, reason in ws.store.rows("SELECT line, reason FROM rejects")]
    assert "0xFF, which is not UTF-8" in reasons[0]


def test_sqlite_lands_by_table_and_bytes_are_turned_away(ws: Workspace, tmp_path: Path) -> None:
    rows = [("a", "b"), *((i, f"x{i}") for i in range(10)), (99, b"\x00\xff")]
    path = made.database(tmp_path / "s.db", t=rows, u=[("c",), (1,)])
    assert "holds 2 tables: t, u" in refused(ws, path)
    summary = load(ws, path, part="t")
    assert (summary.rows_loaded, summary.rows_rejected) == (10, 1)
    assert "2 bytes in 'b'" in ws.store.rows("SELECT reason FROM rejects")[0][0]
    assert ws.store.rows("SELECT sum(a) FROM s") == [(45,)]


def test_sqlite_in_use(ws: Workspace, tmp_path: Path) -> None:
    path = made.database(tmp_path / "s.db", t=[("a",), (1,), (2,)])
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    assert load(ws, path).rows_loaded == 2  # locked, and nothing of it changes
    holder.execute("ROLLBACK")
    holder.execute("PRAGMA journal_mode = WAL")
    holder.execute("INSERT INTO t VALUES (3)")
    with pytest.raises(BadInput, match=r"still in s\.db-wal"):
        load(ws, path)
    holder.close()
    before = path.read_bytes()
    assert load(ws, path).rows_loaded == 3
    assert path.read_bytes() == before


def test_sqlite_that_is_refused(ws: Workspace, tmp_path: Path) -> None:
    assert "a header but no rows" in refused(ws, made.database(tmp_path / "no.db", t=[("a",)]))
    path = made.database(tmp_path / "s.db", t=[("a",), *((i,) for i in range(2_000))])
    raw = bytearray(path.read_bytes())
    raw[4096:12288] = b"\xff" * 8192
    path.write_bytes(raw)
    assert "cannot be read as an SQLite database" in refused(ws, path)


def test_duckdb_file_of_somebody_else(ws: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "other.duckdb"
    with duckdb.connect(str(path)) as other:
        other.execute("CREATE TABLE q AS SELECT i, i / 2 AS half FROM range(100) r(i)")
        other.execute("CREATE VIEW bad AS FROM read_csv('/etc/passwd')")
    assert load(ws, path).rows_loaded == 100
    assert ws.store.rows("SELECT sum(half) FROM other") == [(2475.0,)]
    path.write_bytes(path.read_bytes()[:5000])
    ws.store.execute("DROP TABLE loads")
    assert "cannot be read as a DuckDB database" in refused(ws, path)


def test_other_doors_keep_rows_only_while_they_are_used(ws: Workspace, tmp_path: Path) -> None:
    path = made.workbook(tmp_path / "t.xlsx", Sheet=ROWS)
    load(ws, path)
    assert len(list(ws.staging.glob("*.rows"))) == 1
    assert not list(ws.staging.glob("*.part"))
    load(ws, path)
    assert len(list(ws.staging.glob("*.rows"))) == 1
