"""One command reads anything: each file is right, or the report names what is uncertain."""

import gzip
import json
import subprocess
import sys
from pathlib import Path

import pytest

from lab.core.errors import BadInput
from lab.core.workspace import Workspace, open_workspace
from lab.flows.read import read
from lab.flows.read_report import FileReport
from tests.bench.pollock_score import rows_of as parsed
from tests.bench.pollock_score import same_content
from tests.data.polluted import Spoilt, file_level, row_level
from tests.flows.read_one import read_one

NEARLY_ALL = 0.97


@pytest.fixture(scope="module")
def ws(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return open_workspace(tmp_path_factory.mktemp("ws"))


def read_all(
    ws: Workspace, folder: Path, spoilt: list[Spoilt]
) -> list[tuple[Spoilt, FileReport, bool]]:
    for one in spoilt:
        (folder / f"{one.name}.csv").write_bytes(one.text.encode())
    paths = [str(folder / f"{one.name}.csv") for one in spoilt]
    reports = read(ws, paths, out_dir=str(folder / "out")).files
    found = []
    for one, report in zip(spoilt, reports, strict=True):
        assert report.ok, report.error
        given = parsed((folder / "out" / f"{one.name}.csv").read_bytes())
        found.append((one, report, same_content(one.truth, given)))
    return found


def named(report: FileReport) -> bool:
    return bool(report.uncertain or report.repaired or report.rejected)


def test_a_spoilt_row_is_mended_or_named(ws: Workspace, tmp_path: Path) -> None:
    found = read_all(ws, tmp_path, list(row_level(step=10)))
    assert [one.name for one, report, right in found if not right and not named(report)] == []
    # Nothing shows where "day" ends in "daytime"; such names are asked about.
    wrong = [one.name for one, _, right in found if not right and "less_0" not in one.name]
    assert len(wrong) <= (1 - NEARLY_ALL) * len(found), wrong
    assert all(named(report) for one, report, _ in found if not one.name.startswith("quote"))


def test_a_file_written_otherwise_is_read_right(ws: Workspace, tmp_path: Path) -> None:
    found = read_all(ws, tmp_path, list(file_level()))
    assert [one.name for one, report, right in found if not right and not named(report)] == []
    assert [one.name for one, _, right in found if not right] == []


def test_a_repair_says_line_deed_and_text(ws: Workspace, tmp_path: Path) -> None:
    rows = "".join(f"{i},{i / 2},day {i}\n" for i in range(30))
    report, given = read_one(ws, tmp_path, "n,half,what\n" + rows + "30,,15.0,day 30\n")
    assert given[-1] == ["30", "15.0", "day 30"]
    assert report.repaired == [
        {
            "line": 32,
            "what": "one delimiter too many",
            "text": "30,,15.0,day 30",
            "cells": ["30", "15.0", "day 30"],
        }
    ]


def test_a_quote_left_open_does_not_swallow_the_file(ws: Workspace, tmp_path: Path) -> None:
    rows = [f'{i},"word {i}",{i * 2}\n' for i in range(50)]
    rows[20] = '20,"word 20,40\n'
    report, given = read_one(ws, tmp_path, "n,word,twice\n" + "".join(rows))
    assert len(given) == 51
    assert given[21][0] == "20"
    assert [told["line"] for told in report.repaired] == [22]


def test_what_is_left_out_is_told(ws: Workspace, tmp_path: Path) -> None:
    rows = "".join(f"{i},{i * 2},{i * 3}\n" for i in range(10))
    text = "Report\n\na,b,c\n" + rows + "\nSource: me\n"
    report, given = read_one(ws, tmp_path, text)
    assert len(given) == 11
    told = [(part["what"], part["line"], part["text"]) for part in report.left_out]
    assert told == [("title", 1, "Report"), ("footnote", 15, "Source: me")]
    assert sum(report.lines.values()) == text.count("\n")


def test_a_person_knows_better(ws: Workspace, tmp_path: Path) -> None:
    report, given = read_one(ws, tmp_path, "a;b,c\n1;2,3\n", dialect={"delimiter": ","})
    assert given == [["a;b", "c"], ["1;2", "3"]]
    assert report.dialect["delimiter"] == ","


def test_empty_file_is_an_empty_table_and_a_question(ws: Workspace, tmp_path: Path) -> None:
    report, given = read_one(ws, tmp_path, "")
    assert (report.ok, report.rows, given) == (True, 0, [])
    assert "empty" in report.uncertain[0]["question"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (bytes(range(256)) * 8, "is binary"),
        (gzip.compress(b"a,b\n" + b"0,0\n" * 30_000_000, compresslevel=9), "not how a table packs"),
        (b"\n\n", "no rows"),
        (b"%PDF-1.7 and so on", "PDF"),
    ],
)
def test_no_table_is_said_in_words_and_nothing_is_half_written(
    ws: Workspace, tmp_path: Path, content: bytes, said: str
) -> None:
    report, _ = read_one(ws, tmp_path, content)
    assert (report.ok, said in report.error, bool(report.hint)) == (False, True, True)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.csv"]


def test_a_line_of_three_megabytes_and_nul_are_read_and_named(
    ws: Workspace, tmp_path: Path
) -> None:
    text = "id,name\n1,one\n2," + "x" * 3_000_000 + "\n3,t\0wo\n"
    report, given = read_one(ws, tmp_path, text)
    assert [len(row) for row in given] == [2] * 4
    assert given[2][1] == "x" * 3_000_000
    assert given[3] == ["3", "two"]
    assert any("NUL" in told["what"] for told in report.repaired)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32", "latin-1", "cp1252"])
def test_encodings(ws: Workspace, tmp_path: Path, encoding: str) -> None:
    price = "5 €" if encoding != "latin-1" else "5 £"
    text = f"name,price\nZoë,{price}\nBjörn,{price}\n"
    report, given = read_one(ws, tmp_path, text.encode(encoding))
    assert given == [["name", "price"], ["Zoë", price], ["Björn", price]]
    assert bool(report.uncertain) == (encoding in ("latin-1", "cp1252")), report.uncertain


def test_other_kinds_of_file_come_through_the_same_door(ws: Workspace, tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(pa.table({"a": [1, 2], "b": ["x", None]}), tmp_path / "p.parquet")
    (tmp_path / "j.jsonl").write_text('{"a": 1.50, "b": "x"}\n{"a": 2, "b": null}\n')
    (tmp_path / "z.csv.gz").write_bytes(gzip.compress(b"a,b\n1,x\n2,\n"))
    files = [str(tmp_path / name) for name in ("p.parquet", "j.jsonl", "z.csv.gz", "none.csv")]
    report = read(ws, files, out_dir=str(tmp_path / "out"))
    given = [parsed((tmp_path / "out" / f"{Path(f).name}.csv").read_bytes()) for f in files[:3]]
    assert given[0] == given[2] == [["a", "b"], ["1", "x"], ["2", ""]]
    assert given[1] == [["a", "b"], ["1.50", "x"], ["2", ""]]
    assert ([one.ok for one in report.files], report.ok) == ([True, True, True, False], False)
    assert "no file" in report.files[3].error


def test_a_file_is_not_written_over_itself(ws: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("a,b\n1,2\n")
    report = read(ws, [str(path)], out=str(path))
    assert (report.ok, path.read_text()) == (False, "a,b\n1,2\n")
    with pytest.raises(BadInput, match="one file"):
        read(ws, [str(path), str(path)], out=str(tmp_path / "y.csv"))


def test_command_prints_json_and_fails_with_one_bad_file(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("a;b\n1;2\n")
    (tmp_path / "bad.csv").write_bytes(bytes(range(256)) * 8)
    call = [sys.executable, "-m", "lab", "read", "--workspace", str(tmp_path / "ws")]
    files = [str(tmp_path / "x.csv"), str(tmp_path / "bad.csv")]
    done = subprocess.run([*call, *files, "--out-dir", str(tmp_path / "o")], capture_output=True,
                          text=True, check=False)  # fmt: skip
    told = json.loads(done.stdout)
    assert (done.returncode, [one["ok"] for one in told]) == (1, [True, False])
    single = subprocess.run([*call, files[0], "--out", str(tmp_path / "y.csv")],
                            capture_output=True, text=True, check=True)  # fmt: skip
    assert json.loads(single.stdout)["rows"] == 1
    assert (tmp_path / "y.csv").read_bytes() == b"a,b\r\n1,2\r\n"


@pytest.mark.parametrize(("part", "least"), [("polluted", 9.99), ("survey", 9.5)])
def test_pollock_without_hints(
    shared_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, part: str, least: float
) -> None:
    from tests.bench import pollock

    if not (shared_data / "pollock").is_dir():
        pytest.skip(f"Pollock is not at {shared_data}")
    monkeypatch.setenv("LAB_BENCH_DATA", str(shared_data))
    found = list(pollock.ours(part, tmp_path))
    assert pollock.mean([one.score.total for one in found]) >= least
    assert [one.name for one in found if not one.right and not one.named] == []


def test_csv_spectrum(shared_data: Path, ws: Workspace, tmp_path: Path) -> None:
    folder = shared_data / "csv_spectrum"
    if not folder.is_dir():
        pytest.skip(f"csv-spectrum is not at {folder}")
    for path in sorted((folder / "csvs").iterdir()):
        truth = json.loads((folder / "json" / f"{path.stem}.json").read_text(encoding="utf-8"))
        report = read(ws, [str(path)], out=str(tmp_path / "o.csv")).files[0]
        header, *rows = parsed((tmp_path / "o.csv").read_bytes())
        assert [dict(zip(header, row, strict=True)) for row in rows] == truth, report
