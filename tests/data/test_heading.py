"""Where a table begins: titles, rows of names, and how wide it is."""

import pytest

from lab.data.dialect import Dialect
from lab.data.heading import Heading, find_heading
from lab.data.sniff import sniff
from lab.data.tokens import sample_rows

BODY = "".join(f"{i},{i / 2},item {i}\n" for i in range(1, 12))


def heading(text: str) -> Heading:
    return find_heading(sample_rows(text.splitlines(keepends=True), Dialect()))


@pytest.mark.parametrize(
    ("above", "skip", "heads", "names"),
    [
        ("n,half,what\n", 0, 1, ("n", "half", "what")),
        ("", 0, 0, ()),
        ("Report of the year\n\nn,half,what\n", 2, 1, ("n", "half", "what")),
        ("Report,,\n,,\nn,half,what\n", 2, 1, ("n", "half", "what")),
        ("n,half,what\nn,half,what\n", 0, 2, ("n n", "half half", "what what")),
        ("n,half,what\n,litres,\n", 0, 2, ("n", "half litres", "what")),
        ("n,,half,what\n", 0, 1, ("n", "half", "what")),
        ("half,what\n", 0, 1, ("", "half", "what")),
        ("n;half;what\n", 0, 1, ("n", "half", "what")),
        ('n,half"what"\n', 0, 1, ("n", "half", "what")),
        ("station,north\nserial,12\n\nn,half,what\n", 3, 1, ("n", "half", "what")),
        ("made by hand, for us, with care\nn,half,what\n", 1, 1, ("n", "half", "what")),
        ("n,2025,what\n", 0, 1, ("n", "2025", "what")),
        ("n,2025,what\nn,2025,what\n", 0, 2, ("n n", "2025 2025", "what what")),
        ("n;2025;what\n", 0, 1, ("n", "2025", "what")),
        ("n,half,what\n---,:---,---:\n", 0, 2, ("n", "half", "what")),
    ],
)
def test_heading(above: str, skip: int, heads: int, names: tuple[str, ...]) -> None:
    found = heading(above + BODY)
    assert (found.skip, found.heads, found.names, found.width) == (skip, heads, names, 3)


def test_two_rows_of_names_in_a_short_file() -> None:
    assert heading("n,half,what\nn,litres,thing\n1,2,x\n2,3,y\n").heads == 2


def test_what_was_done_to_names_is_said() -> None:
    assert heading("n,half,what\n" + BODY).doubts == ()
    for above in ("n,,half,what\n", "half,what\n", "n;half;what\n", "Report\nn,half,what\n"):
        assert heading(above + BODY).doubts


def test_a_number_in_a_row_of_names_does_not_make_rows_of_names() -> None:
    assert heading("n,half,what\n1,unknown,x\n" + BODY).heads == 1


def test_facts_above_a_table_as_wide_as_they_are() -> None:
    rows = "".join(f"item {i},{i / 2}\n" for i in range(9))
    assert heading("station,north\nserial,12\n\nwhat,half\n" + rows).skip == 3
    assert heading("what,half\n" + rows + "\n" + rows).skip == 0


def test_rows_may_stop_before_the_last_names() -> None:
    rows = "".join(f"{i}" + f",{i}" * (i % 3) + "\n" for i in range(12))
    assert heading("a,b,c\n" + rows).width == 3


def test_a_value_alone_in_the_first_row_is_no_title() -> None:
    found = heading("0,,\n1,,\n" + BODY)
    assert (found.skip, found.heads) == (0, 0)


def test_a_line_below_names_is_no_row_of_words() -> None:
    found = heading("what,where\n---,---\nlamp,hall\ndoor,roof\n")
    assert (found.heads, found.names) == (2, ("what", "where"))


def test_names_below_a_row_of_years() -> None:
    rows = "".join(f"town {i},{i},{i + 1},{i * 2}\n" for i in range(9))
    found = heading(",2025,,2026\nplace,spring,autumn,spring\n" + rows)
    assert (found.heads, found.names) == (2, ("place", "2025 spring", "autumn", "2026 spring"))


def test_rows_that_end_in_a_delimiter_have_no_column_more() -> None:
    rows = "".join(f"{i},{i / 2},\n" for i in range(9))
    assert heading("n,half\n" + rows).names == ("n", "half", "")


def test_a_value_among_the_names_is_said() -> None:
    assert "2025" in heading("n,2025,what\n" + BODY).doubts[0]


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        ("a||b\n1||2\n3||4\n", "||"),
        ("a, b\n1, 2\n3, 4\n", ", "),
        ("a b\n1 2\n3 4\n", " "),
        ("a||b||c\n1||2||3|4\n3||4||5|6\n", "||"),
        ("when, price, n\n1, 2,5, 3\n2, 3,5, 4\n", ", "),
        ("host      load  n\nweb one   1.5   2\nweb two   12    3\n", "  "),
        ("a=>b=>c\n1=>2=>3\n4=>5=>6\n", "=>"),
        ("a\x01b\n1\x012\n3\x014\n", "\x01"),
        ("weight\n1 kg\n2 kg\n3 kg\n", ","),
        ("a,,b\n1,,2\n3,,4\n", ","),
        ("time,note\n10:15,at: home\n11:30,out: there\n", ","),
    ],
)
def test_delimiters_of_several_characters_and_rare_ones(text: str, mark: str) -> None:
    assert sniff(text.splitlines(keepends=True), "utf-8")[0].delimiter == mark


@pytest.mark.parametrize(
    "text",
    [
        "comment\nthis is good\nbad one here\nwell, yes\n",
        "10:15\n10:20\n10:25\n",
        "when\n2026-01-01 10:00\n2026-01-01 10:05\n",
    ],
)
def test_lines_of_one_cell_stay_whole(text: str) -> None:
    dialect, doubts = sniff(text.splitlines(keepends=True), "utf-8")
    assert all(len(row.cells) == 1 for row in sample_rows(text.splitlines(True), dialect))
    assert doubts
