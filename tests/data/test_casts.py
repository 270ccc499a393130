"""Types, times and casts: what the guess promises, the cast keeps; Python is the judge."""

import functools
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.core.errors import NotFound
from lab.data.casts import cast
from lab.data.column_types import guess_column
from lab.data.times import checked_zone, time_kinds


@functools.cache
def engine() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(config={"autoinstall_known_extensions": "false"})
    connection.execute("SET TimeZone = 'UTC'")
    return connection


def run(cells: list[str | None], kind: str, **more: object) -> list[tuple[object, str | None]]:
    one = cast("c", kind, **more)  # type: ignore[arg-type]
    sql = f"SELECT {one.value}, {one.reason} FROM (SELECT unnest($cells::VARCHAR[]) AS c)"
    return engine().execute(sql, {"cells": cells}).fetchall()


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        (["1", "-2", ""], "integer"),
        (["5.0", "6.0"], "number"),
        (["1.5", "2e3", ".5", "NaN"], "number"),
        (["1,5", "2,25"], "number:comma"),
        (["1.234,5", "2"], "number:comma"),
        (["1,234.5", "2.5"], "number:thousands"),
        (["1,500", "2,250"], "number:?"),
        (["007", "010"], "text"),
        (["true", "False"], "boolean"),
        (["yes", "no"], "boolean"),
        (["0", "1"], "integer"),
        (["2026-03-02", "2026-03-03"], "date"),
        (["2026-03-02T10:00Z"], "time"),
        (["2026-03-02 10:00:00.5+0530"], "time"),
        (["13/03/2026", "02/03/2026"], "date:%d/%m/%Y"),
        (["03/13/2026", "02/03/2026"], "date:%m/%d/%Y"),
        (["02/03/2026", "04/05/2026"], "date:?"),
        (["02.03.2026 10:15", "14.03.2026 10:15"], "time:%d.%m.%Y %H:%M"),
        (["02/Mar/2026:10:15:00 +0200"], "time:%d/%b/%Y:%H:%M:%S %z"),
        (["", None], "text"),
        (["a", "1"], "text"),
    ],
)
def test_guess(cells: list[str | None], kind: str) -> None:
    assert guess_column("x", cells).type == kind


@pytest.mark.parametrize(
    ("cell", "kind"),
    [("1767225600", "time:epoch_s"), ("1767225600000", "time:epoch_ms"),
     ("1767225600000000", "time:epoch_us"), ("1767225600000000000", "time:epoch_ns"),
     ("1767225600.25", "time:epoch_s")],
)  # fmt: skip
def test_epochs_need_a_name_that_says_time(cell: str, kind: str) -> None:
    assert guess_column("timestamp", [cell]).type == kind
    assert guess_column("bytes", [cell]).type in ("integer", "number")
    value, reason = run([cell], kind)[0]
    assert reason is None
    moment = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=0.25 * ("." in cell))
    assert value == moment


def test_one_slip_does_not_turn_numbers_into_text() -> None:
    guess = guess_column("cpu", [*(str(i / 7) for i in range(50)), "oops"])
    assert (guess.type, guess.misfits) == ("number", ("oops",))
    assert guess_column("x", ["1", "2", "a", "b"]).type == "text"


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1))
@settings(max_examples=50)
def test_every_double_survives_as_text(numbers: list[float]) -> None:
    assert run([repr(n) for n in numbers], "number") == [(n, None) for n in numbers]


@pytest.mark.parametrize("cell", ["1.5", "1_000", "0x1f", "one", "1e3", "١", "--1"])
def test_integers_are_not_guessed(cell: str) -> None:
    value, reason = run([cell], "integer")[0]
    assert value is None
    assert reason is not None
    assert reason.startswith(cell)


@pytest.mark.parametrize("cell", ["inf", "-Infinity", "1_000", "0x1f", "1e999", "1,5", "12 kB"])
def test_numbers_are_finite_and_plain(cell: str) -> None:
    value, reason = run([cell], "number")[0]
    assert value is None
    assert reason


@pytest.mark.parametrize("cell", ["epoch", "infinity", "now", "2026-02-30", "12026-01-01", "today"])
def test_words_are_no_times(cell: str) -> None:
    for kind in ("time", "date"):
        value, reason = run([cell], kind, zone="UTC")[0]
        assert value is None
        assert reason


def test_missing_is_no_fault_but_text_keeps_its_words() -> None:
    assert run(["", None, "NA", "null"], "number") == [(None, None)] * 4
    assert run(["", "NA"], "text") == [(None, None), ("NA", None)]


@pytest.mark.parametrize("zone", ["Europe/London", "America/New_York", "Asia/Kolkata",
                                  "Australia/Lord_Howe", "Antarctica/Troll", "UTC"])  # fmt: skip
def test_local_times_agree_with_zoneinfo(zone: str) -> None:
    start = datetime(2026, 1, 1)  # naive on purpose
    walls = [start + timedelta(minutes=30 * i) for i in range(2 * 24 * 365)]
    found = run([wall.isoformat() for wall in walls], "time", zone=zone)
    place = ZoneInfo(zone)
    for wall, (value, reason) in zip(walls, found, strict=True):
        early, late = (wall.replace(tzinfo=place, fold=fold) for fold in (0, 1))
        skipped = early.astimezone(UTC).astimezone(place).replace(tzinfo=None) != wall
        twice = early.utcoffset() != late.utcoffset() and not skipped
        if skipped or twice:
            assert value is None, wall
            assert reason is not None
            assert ("put forward" if skipped else "put back") in reason
        else:
            assert (value, reason) == (early.astimezone(UTC), None)


def test_kinds_of_times() -> None:
    assert time_kinds([], numbers_too=True) == []
    assert time_kinds(["hello there"], numbers_too=False) == []
    with pytest.raises(NotFound, match="Asia/Kolkata"):
        checked_zone("Asia/Kolkatta")
