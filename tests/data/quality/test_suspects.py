"""Rows are judged the same whether DuckDB picks those that may be bad, or all are looked at."""

import decimal
import math
import random
from datetime import UTC, date, datetime, timedelta
from typing import Any

import duckdb
import pytest

from lab.data.quality import rows as module
from lab.data.quality.cells import moment
from lab.data.quality.contract import Contract
from lab.data.quality.findings import Finding
from lab.data.quality.reading import read_contract
from lab.data.quality.rows import judge_rows
from lab.data.quality.whole import Relation

NUMBER = "{type: number, required: true, least: -1.5, most: 0.1}"
WHOLE = "{type: integer, required: true, least: -2, most: 5}"
TIME = '{type: time, required: true, least: "2026-01-02T01:00+01:00", most: 2026-01-04}'
DAY = "{type: date, required: true, least: 2026-01-02, most: 2026-01-04}"
COLUMNS = {
    "TINYINT": WHOLE, "BIGINT": WHOLE, "HUGEINT": WHOLE, "DOUBLE": NUMBER, "FLOAT": NUMBER,
    "DECIMAL(9,3)": NUMBER, "DATE": DAY, "TIMESTAMP": TIME, "TIMESTAMP_NS": TIME,
    "TIMESTAMP_MS": TIME, "TIMESTAMP WITH TIME ZONE": TIME,
    "VARCHAR": '{type: text, required: true, only: [a, "it\'s", ""], pattern: "(?<word>a?)"}',
    "BOOLEAN": "{type: boolean, required: true}",
}  # fmt: skip
STEP = timedelta(microseconds=1)


def values(type_: str) -> list[Any]:
    """Values around every bound of the column, with a missing one and odd ones."""
    if type_ == "VARCHAR":
        return [None, "a", "it's", "", "A", "a ", "a\n", "aa", "é"]
    if type_ == "BOOLEAN":
        return [None, True, False]
    if type_ == "DATE":
        return [None, *(date(2026, 1, day) for day in range(1, 7))]
    if type_.startswith("TIMESTAMP"):
        step = timedelta(milliseconds=1) if type_.endswith("_MS") else STEP
        ends = [datetime(2026, 1, 2), datetime(2026, 1, 4)]
        near = [end + k * step for end in ends for k in (-1, 0, 1)]
        return [None, *(one.replace(tzinfo=UTC) if "ZONE" in type_ else one for one in near)]
    if type_.endswith("INT"):
        return [None, *range(-4, 8)]
    if type_ == "DECIMAL(9,3)":
        return [None, *map(decimal.Decimal, ("-1.501", "-1.5", "0", "0.1", "0.100", "0.101"))]
    ends = [-1.5, 0.1]
    near = [math.nextafter(end, to) for end in ends for to in (-9, end, 9)]
    return [None, math.nan, math.inf, -math.inf, 0.0, -0.0, *near]


def relation(type_: str) -> Relation:
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute(f"CREATE TABLE t (x {type_})")
    cells = values(type_) * 2
    random.Random(3).shuffle(cells)
    for cell in cells:
        connection.execute("INSERT INTO t VALUES (?)", [cell])
    return Relation.of(connection, "t", "rowid + 1")


def told(there: Relation, contract: Contract) -> tuple[list[Finding], int, list[tuple[Any, ...]]]:
    cells: list[Any] = []
    found = judge_rows(there, contract, True, cells.append, 4)
    return *found, [tuple(row) for part in cells for row in part.itertuples(index=False)]


@pytest.mark.parametrize("type_", COLUMNS)
def test_picked_rows_are_judged_as_all_rows_are(
    type_: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = relation(type_)
    contract = read_contract(f"dataset: t\ncolumns: {{x: {COLUMNS[type_]}}}")
    picked = told(there, contract)
    monkeypatch.setattr(module, "suspect", lambda *_: "true")
    assert picked == told(there, contract)
    assert picked[1] >= 2
    assert any(one.name == "required" and one.bad_rows for one in picked[0])


def test_a_decimal_is_the_number_it_stands_for() -> None:
    """The nearest number to 0.1 is a little more than the decimal 0.1."""
    there = relation("DECIMAL(9,3)")
    contract = read_contract("dataset: t\ncolumns: {x: {type: number, least: 0.1}}")
    bad = told(there, contract)[2]
    assert {reason.split()[1] for *_, reason in bad} == {"-1.501", "-1.5", "0.0"}


def test_a_large_whole_number_beside_a_bound_of_many_digits() -> None:
    there = relation("BIGINT")
    there.connection.execute("INSERT INTO t VALUES (4611686018427387904)")
    contract = read_contract("dataset: t\ncolumns: {x: {type: number, most: 9.123456789012345}}")
    assert [line for line, *_ in told(there, contract)[2]] == [2 * len(values("BIGINT")) + 1]


def test_what_is_no_number_is_missing() -> None:
    there = relation("DOUBLE")
    contract = read_contract("dataset: t\ncolumns: {x: {type: number, required: true}}")
    assert told(there, contract)[1] == 2 * sum(x is None or math.isnan(x) for x in values("DOUBLE"))


def test_a_bound_that_the_column_cannot_hold() -> None:
    there = relation("TIMESTAMP_NS")
    contract = read_contract("dataset: t\ncolumns: {x: {type: time, least: 1000-01-01}}")
    assert told(there, contract)[1:] == (0, [])


def test_rows_that_are_not_suspect_are_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    there = relation("BIGINT")
    contract = read_contract("dataset: t\ncolumns: {x: {type: integer, least: -9, most: 9}}")
    monkeypatch.setattr(module, "bad_cells", None)
    assert told(there, contract)[1:] == (0, [])


def test_a_bound_without_a_zone_is_in_utc() -> None:
    assert moment("2026-01-01") == moment("2026-01-01T00:00Z") == moment("2025-12-31T22:30-01:30")
