"""Rows that were made: gaps stay gaps, names are those of Prometheus, hashes repeat."""

import hashlib

import duckdb
import numpy as np
import pandas as pd
import pytest

from lab.data import generated
from lab.data.generated import Generated

TIMES = np.array([0, 60_000_000, 120_000_000])


def staged(values: list[list[float]]) -> tuple[duckdb.DuckDBPyConnection, Generated]:
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    made = Generated(connection, "shop")
    series = [("up", {"job": str(place)}, np.array(one)) for place, one in enumerate(values)]
    made.add_samples(TIMES, series)
    made.finish()
    return connection, made


def test_gaps_stay_gaps_and_empty_series_are_not_named() -> None:
    nan = float("nan")
    connection, made = staged([[1, nan, 3], [nan, nan, nan], [4, 5, 6]])
    rows = connection.execute("SELECT * FROM observations ORDER BY series_id, timestamp").fetchall()
    assert [(name, epoch.minute, value) for _, epoch, name, value in rows] == [
        ('up{job="0"}', 0, 1), ('up{job="0"}', 2, 3),
        ('up{job="2"}', 0, 4), ('up{job="2"}', 1, 5), ('up{job="2"}', 2, 6),
    ]  # fmt: skip
    assert connection.execute("SELECT * FROM series ORDER BY series_id").fetchall() == [
        ("shop", 'up{job="0"}', "up", '{"job": "0"}'),
        ("shop", 'up{job="2"}', "up", '{"job": "2"}'),
    ]
    assert made.rows == {"observations": 5, "series": 2}


def test_hash_is_of_the_samples() -> None:
    values = [[1.0, 2, 3], [4, 5, 6]]
    same, other = staged(values)[1], staged([[1.0, 2, 3], [4, 5, 7]])[1]
    assert same.sha256 == staged(values)[1].sha256 != other.sha256
    digest = hashlib.sha256(np.tile(TIMES, 2).tobytes())
    digest.update(np.repeat(np.arange(2, dtype=np.int32), 3).tobytes())
    digest.update(np.array(values).tobytes())
    assert same.sha256 == digest.hexdigest()


def test_many_series_are_staged_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generated, "ROWS_AT_ONCE", 4)
    connection, made = staged([[n, n, n] for n in range(10)])
    assert connection.execute("SELECT count(*), sum(value) FROM observations").fetchall() == [
        (30, 135.0)
    ]
    assert len(made.met) == 10


@pytest.mark.parametrize(
    ("row", "error"),
    [
        ({"incident_id": "a", "kind": None}, duckdb.ConstraintException),
        ({"colour": "red"}, duckdb.BinderException),
    ],
)
def test_rows_that_break_the_contract_are_refused(row: dict[str, str], error: type) -> None:
    made = Generated(duckdb.connect(), "shop")
    with pytest.raises(error):
        made.add_rows("incidents", pd.DataFrame([row]))
