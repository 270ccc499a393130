"""What the report says: types held against every row, and lines that are none of the table."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lab.core.workspace import Workspace, open_workspace
from tests.flows.read_one import read_one

PIECES = b'a 7 , " \xe9 \xc3\xa9 \0 \n \r 2025 ; #'.split(b" ")


@pytest.fixture(scope="module")
def ws(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return open_workspace(tmp_path_factory.mktemp("ws"))


def test_a_column_that_changes_far_down_is_told_with_its_line(
    ws: Workspace, tmp_path: Path
) -> None:
    rows = [f"{i};2026-01-{1 + i % 28:02d};{i / 2}\n" for i in range(3_000)]
    rows[2_500] = rows[2_500].replace(";1250.0", ";none yet")
    report, given = read_one(ws, tmp_path, "n;day;half\n" + "".join(rows))
    assert [column["type"] for column in report.columns] == ["integer", "date", "number"]
    assert [asked["question"] for asked in report.uncertain] == [
        "Column 'half' is number, but 'none yet' in line 2502 is none."
    ]
    assert len(given) == 3_001


def test_days_and_months_are_told_apart_by_any_row(ws: Workspace, tmp_path: Path) -> None:
    rows = [f"{i},0{1 + i % 9}/0{1 + i % 7}/2026\n" for i in range(1_500)]
    assert read_one(ws, tmp_path, "n,day\n" + "".join(rows))[0].uncertain
    rows[1_400] = "1400,25/07/2026\n"
    report, _ = read_one(ws, tmp_path, "n,day\n" + "".join(rows))
    assert (report.columns[1]["type"], report.uncertain) == ("date:%d/%m/%Y", [])


def test_a_column_that_is_empty_at_first_has_the_type_of_what_comes(
    ws: Workspace, tmp_path: Path
) -> None:
    rows = "".join(f"{i},{'' if i < 1_200 else i / 2}\n" for i in range(2_000))
    report, _ = read_one(ws, tmp_path, "n,half\n" + rows)
    assert report.columns[1]["type"] == "number"


ROWS = "".join(f"item {i},{i / 2}\n" for i in range(12))


@pytest.mark.parametrize(
    "below",
    ["\nplace,heat\nroof,1.5\nhall,2.5\n", "\nn,2025,2026\n1,2,3\n4,5,6\n", "\nNote: by hand,\n"],
)
def test_what_follows_a_gap_and_is_not_of_the_table_is_told(
    ws: Workspace, tmp_path: Path, below: str
) -> None:
    report, given = read_one(ws, tmp_path, "what,half\n" + ROWS + below)
    assert len(given) == 13
    assert [part["line"] for part in report.left_out] == [15]
    assert report.uncertain


def test_rows_after_a_gap_are_rows(ws: Workspace, tmp_path: Path) -> None:
    report, given = read_one(ws, tmp_path, "what,half\n" + ROWS + "\nother item,n/a\n" + ROWS)
    assert (len(given), report.left_out) == (26, [])


def test_a_last_row_in_another_delimiter_is_no_footnote(ws: Workspace, tmp_path: Path) -> None:
    rows = "".join(f"{i},{i / 2},{i * 3}\n" for i in range(12))
    report, given = read_one(ws, tmp_path, "a,b,c\n" + rows + "12;6.0;36\n")
    assert given[-1] == ["12", "6.0", "36"]
    assert [told["line"] for told in report.repaired] == [14]


@pytest.mark.parametrize(
    "text",
    [
        " id | name  \n----+-------\n{}(12 rows)\n",
        "+----+--------+\n| id | name  |\n+----+--------+\n{}+----+--------+\n",
    ],
)
def test_lines_drawn_across_a_table_are_no_rows(ws: Workspace, tmp_path: Path, text: str) -> None:
    edge = "|" * text.startswith("+")
    rows = "".join(f"{edge} {i:>2} | lamp {i} {edge}\n" for i in range(12))
    report, given = read_one(ws, tmp_path, text.format(rows))
    filled = [[cell.strip() for cell in row if cell.strip()] for row in given]
    assert filled == [["id", "name"], *([str(i), f"lamp {i}"] for i in range(12))]
    assert "comment" in [part["what"] for part in report.left_out]


def test_files_put_together_are_told_from_one(ws: Workspace, tmp_path: Path) -> None:
    text = "\ufeffwhat,half\n" + ROWS
    report, given = read_one(ws, tmp_path, text + text)
    assert (len(given), [part["line"] for part in report.left_out]) == (13, [14])


def test_names_that_are_no_text_are_mended_and_told(ws: Workspace, tmp_path: Path) -> None:
    rows = "".join(f"{i},Zoë {i}\n" for i in range(9)).encode()
    report, given = read_one(ws, tmp_path, b"n\0,caf\xe9\n" + rows)
    assert given[0] == ["n", "café"]
    assert any("Names held bytes" in asked["question"] for asked in report.uncertain)


@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=60))
@settings(max_examples=150, deadline=None, suppress_health_check=[*HealthCheck])
def test_any_bytes_become_rows_of_one_width_or_are_refused(
    ws: Workspace, tmp_path: Path, pieces: list[bytes]
) -> None:
    report, given_rows = read_one(ws, tmp_path, b"".join(pieces))
    assert report.ok or report.hint
    assert len({len(row) for row in given_rows}) <= 1


def test_comments_are_told(ws: Workspace, tmp_path: Path) -> None:
    text = "n,half\n1,0.5\n# the probe was changed\n2,1\n"
    report, given = read_one(ws, tmp_path, text)
    assert given == [["n", "half"], ["1", "0.5"], ["2", "1"]]
    told = {"what": "comment", "line": 3, "last_line": 3, "text": "# the probe was changed"}
    assert report.left_out == [told]
