"""Promises held against rows: a slow twin agrees, and chunks change nothing."""

import re
from datetime import UTC, datetime

import duckdb
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.data.quality.cells import row_rules
from lab.data.quality.contract import Column, Contract
from lab.data.quality.findings import ORDER
from lab.data.quality.judging import judge, report
from lab.data.quality.reading import read_contract
from lab.data.quality.rows import bad_cells, chunks, judge_rows
from lab.data.quality.suggest import suggest
from lab.data.quality.whole import Relation

NOW = datetime(2026, 1, 10, tzinfo=UTC)
CONTRACT = read_contract("""
dataset: t
columns:
  n: {type: integer, required: true, least: -2, most: 5}
  x: {type: number, least: 0.5}
  s: {type: text, only: [a, b, ab], pattern: "a?b*"}
  d: {type: date, least: 2026-01-02, most: 2026-01-05}
  t: {type: time, most: "2026-01-05T12:00:00+00:00"}
  b: {type: boolean, required: true}
""")
ROW = st.tuples(
    st.none() | st.integers(-5, 9) | st.just(2**60 + 1),
    st.none() | st.floats(allow_nan=False, allow_infinity=True),
    st.none() | st.sampled_from(["a", "b", "ab", "ba", "", "A"]),
    st.none() | st.dates(pd.Timestamp("2025-12-30").date(), pd.Timestamp("2026-01-09").date()),
    st.none() | st.datetimes(datetime(2026, 1, 4), datetime(2026, 1, 7)),
    st.none() | st.booleans(),
)  # fmt: skip


def relation(rows: list[tuple]) -> Relation:
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute(
        "CREATE TABLE t (n BIGINT, x DOUBLE, s VARCHAR, d DATE, t TIMESTAMPTZ, b BOOLEAN)"
    )
    for row in rows:
        n, x, s, d, t, b = row
        connection.execute(
            "INSERT INTO t VALUES (?, ?, ?, ?, ?, ?)",
            [n, x, s, d, t and t.replace(tzinfo=UTC), b],
        )
    return Relation.of(connection, "t", "rowid + 1")


def naive(rows: list[tuple]) -> list[tuple[int, str, str]]:
    """Row by row, cell by cell, promise by promise."""
    found = []
    for line, (n, x, s, d, t, b) in enumerate(rows, start=1):
        broken = [
            ("n", "required", n is None),
            ("n", "least", n is not None and n < -2),
            ("n", "most", n is not None and n > 5),
            ("x", "least", x is not None and x < 0.5),
            ("s", "only", s is not None and s not in ("a", "b", "ab")),
            ("s", "pattern", s is not None and not re.fullmatch("a?b*", s)),
            ("d", "least", d is not None and str(d) < "2026-01-02"),
            ("d", "most", d is not None and str(d) > "2026-01-05"),
            ("t", "most", t is not None and t > datetime(2026, 1, 5, 12)),
            ("b", "required", b is None),
        ]
        found += [(line, column, rule) for column, rule, bad in broken if bad]
    return found


@settings(max_examples=25)
@given(st.lists(ROW, min_size=1, max_size=12), st.integers(1, 13))
def test_rows_are_judged_as_one_by_one_whatever_the_chunks(rows: list[tuple], size: int) -> None:
    there = relation(rows)
    cells: list[pd.DataFrame] = []
    findings, bad = judge_rows(there, CONTRACT, True, cells.append, size)
    flat = [tuple(row) for part in cells for row in part.iloc[:, :3].itertuples(index=False)]
    assert flat == naive(rows)
    assert bad == len({line for line, _, _ in flat})
    assert sum(one.bad_rows for one in findings) == len(flat)
    assert (findings, bad) == judge_rows(there, CONTRACT, True)


def test_reasons_say_what_is_wrong() -> None:
    there = relation([(9, 0.25, "zz", pd.Timestamp("2026-01-01").date(), None, None)])
    cells: list[pd.DataFrame] = []
    judge_rows(there, CONTRACT, True, cells.append)
    assert cells[0]["reason"].tolist() == [
        "n: 9 is more than 5",
        "x: 0.25 is less than 0.5",
        "s: zz is not one of a, b, ab",
        "s: zz is not written as a?b*",
        "d: 2026-01-01 is before 2026-01-02",
        "b: is empty",
    ]


def test_a_reason_tells_a_large_number_in_full_beside_other_faults() -> None:
    there = relation([(2**60 + 1, 0.0, "a", None, None, True)])
    cells: list[pd.DataFrame] = []
    judge_rows(there, CONTRACT, True, cells.append)
    assert cells[0]["reason"].tolist()[0] == f"n: {2**60 + 1} is more than 5"


def test_large_whole_numbers_keep_their_digits_beside_gaps() -> None:
    there = relation([(2**60 + 1, 1, "a", None, None, True), (None, 1, "a", None, None, True)])
    (frame,) = chunks(there, ["n", "b"], 100)
    assert frame["n"].iloc[0] == 2**60 + 1
    assert frame.dtypes.astype(str).tolist() == ["Int64", "boolean"]


def test_a_slow_pattern_is_no_trap() -> None:
    contract = read_contract("dataset: t\ncolumns: {s: {type: text, pattern: '(a+)+b'}}")
    frame = pd.DataFrame({"s": ["a" * 5000]}, index=[1])
    assert len(bad_cells(frame, row_rules(contract))) == 1


WHOLE = [
    ("columns: {n: {type: integer}}\nrows: {least: 4}", "rows", "fail"),
    ("columns: {n: {type: integer}}\nrows: {most: 2}", "rows", "fail"),
    ("columns: {n: {type: integer}}\nrows: {least: 3, most: 3}", "rows", "pass"),
    ("columns: {n: {type: text}}", "type", "fail"),
    ("columns: {zz: {type: text}}", "type", "fail"),
    ("columns: {n: {type: number}}", "type", "pass"),
    ("columns: {n: {type: integer}}\nextra_columns: false", "extra", "fail"),
    ("columns: {x: {type: number, complete: 0.66}}", "complete", "pass"),
    ("columns: {x: {type: number, complete: 0.67}}", "complete", "fail"),
    ("columns: {n: {type: integer, complete: 1.0}}", "complete", "pass"),
    ("columns: {n: {type: integer, most: 2}}\nmost_bad: 0", "most_bad", "pass"),
    ("columns: {n: {type: integer, most: 0}}", "most", "warn"),
    ("columns: {x: {type: number, least: 0}}", "least", "pass"),
    ("columns: {n: {type: integer}}\nunique: [[n]]", "unique", "fail"),
    ("columns: {n: {type: integer}, s: {type: text}}\nunique: [[n, s]]", "unique", "pass"),
    ("columns: {zz: {type: integer}}\nunique: [[zz]]", "unique", "fail"),
    ("columns: {d: {type: date}}\nfreshness: {column: d, within_days: 6}", "fresh", "pass"),
    ("columns: {d: {type: date}}\nfreshness: {column: d, within_days: 4.9}", "fresh", "fail"),
    ("columns: {t: {type: time}}\nfreshness: {column: t, within_days: 9}", "fresh", "fail"),
    ("columns: {s: {type: date}}\nfreshness: {column: s, within_days: 9}", "fresh", "fail"),
    ("columns: {zz: {type: date}}\nfreshness: {column: zz, within_days: 9}", "fresh", "fail"),
    ("columns: {zz: {type: number, complete: 0.5}}", "type", "fail"),
    ("columns: {x: {type: integer}}", "type", "fail"),
    ("columns: {s: {type: number, least: 0}}", "type", "fail"),
    ("columns: {n: {type: integer, most: 1}}\nmost_bad: 0.3", "most_bad", "fail"),
    ("columns: {n: {type: integer, most: 1}}\nmost_bad: 0.4", "most_bad", "pass"),
    ("columns: {n: {type: integer}}\nrows: {least: 4}\npolicy: warn", "rows", "warn"),
]


@pytest.mark.parametrize(("text", "name", "verdict"), WHOLE)
def test_the_table_as_a_whole(text: str, name: str, verdict: str) -> None:
    day = pd.Timestamp("2026-01-05").date()
    there = relation([(1, 1.0, "a", day, None, True), (1, None, "b", None, None, True),
                      (2, 0.0, "a", day, None, True)])  # fmt: skip
    contract = read_contract(f"dataset: t\n{text}")
    outcome = judge(there, contract, NOW, handled=True)
    found = next(one for one in outcome[0] if one.name == name)
    assert found.verdict == verdict, found
    said = report(contract, outcome, NOW)
    assert said.ok == all(one.verdict != "fail" for one in outcome[0])
    assert said.verdict == next(v for v in ORDER if v in {one.verdict for one in outcome[0]})
    assert [ORDER.index(one.verdict) for one in said.findings] == sorted(
        ORDER.index(one.verdict) for one in said.findings)  # fmt: skip


def test_bad_rows_warn_where_they_are_turned_away_and_fail_where_they_stay() -> None:
    there = relation([(9, 1, "a", None, None, True)])
    contract = read_contract("dataset: t\ncolumns: {n: {type: integer, most: 5}}")
    assert judge(there, contract, NOW, handled=True)[0][0].verdict == "warn"
    assert judge(there, contract, NOW)[0][0].verdict == "fail"


def test_a_sentence_says_that_rows_were_turned_away_where_a_load_did() -> None:
    there = relation([(9, 1, "a", None, None, True), (1, 1, "a", None, None, True)])
    contract = read_contract("dataset: t\ncolumns: {n: {type: integer, most: 5}}")
    outcome = judge(there, contract, NOW)
    lies = "t breaks its contract: 2 of 3 promises kept on 2 rows. 1 bad row."
    assert report(contract, outcome, NOW).sentence == lies
    outcome = judge(there, contract, NOW, handled=True)
    away = report(contract, outcome, NOW, "load").sentence
    assert away == lies.replace("breaks", "keeps, with warnings,").replace(
        "row.", "row turned away."
    )


def test_a_large_table_is_judged_in_pieces() -> None:
    there = relation([(9, 1, "a", None, None, True)] * 5)
    contract = read_contract("dataset: t\ncolumns: {n: {type: integer, most: 5}}")
    cells: list[pd.DataFrame] = []
    findings, bad = judge_rows(there, contract, True, cells.append, 2)
    assert [part["line"].tolist() for part in cells] == [[1, 2], [3, 4], [5]]
    assert (bad, findings[0].found) == (5, "5 bad rows; first: n: 9 is more than 5 (line 1)")


def test_an_empty_table_is_judged() -> None:
    outcome = judge(relation([]), CONTRACT, NOW)
    assert outcome[1:] == (0, 0)
    assert {one.verdict for one in outcome[0]} == {"pass"}


@settings(max_examples=25)
@given(st.lists(ROW, min_size=1, max_size=30))
def test_a_table_keeps_the_contract_it_suggests(rows: list[tuple]) -> None:
    finite = [row for row in rows if row[1] is None or abs(row[1]) < 1e300]
    there = relation(finite)
    made = suggest(there, "t", [["n", "s"]])
    again = Contract.model_validate(made.model_dump())
    outcome = judge(there, again.model_copy(update={"unique": ()}), NOW)
    assert {one.verdict for one in outcome[0]} == {"pass"}, outcome[0]


def test_what_is_suggested_of_a_table() -> None:
    """Rows at least by half, sides kept, lists where texts are few, and keys that are there."""
    rows = [(i, 2.0 * i if i % 4 else None, "ab"[i % 2], None, None, None) for i in range(1, 41)]
    made = suggest(relation(rows), "t", [["n"], ["zz"], []])
    assert made.rows.least == 20
    assert made.unique == (("n",),)
    assert made.columns["n"] == Column(type="integer", required=True, least=0, most=60)
    assert made.columns["x"] == Column(type="number", least=0, most=120, complete=0.75)
    assert made.columns["s"] == Column(type="text", required=True, only=("a", "b"))
    assert made.columns["d"] == Column(type="date")
    few = suggest(relation(rows[:15]), "t")
    assert few.columns["s"].only == ()
    below = suggest(relation([(-3, -1.5, "a", None, None, None)]), "t")
    assert (below.columns["n"].most, below.columns["x"].most) == (0, 0)
    assert not suggest(relation([]), "t").columns["n"].required
