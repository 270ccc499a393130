"""Windows of time cut into moments, and moments into parts that a server answers."""

from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import pytest

from lab.core.errors import BadInput
from lab.data.prometheus_grid import MOST_POINTS, REQUEST_SAMPLES, Grid, grid

NOW = datetime(2026, 3, 9, 14, 30, 42, tzinfo=UTC)


# The windows


@pytest.mark.parametrize(
    ("start", "end", "step", "first", "points"),
    [
        ("2026-03-09", "2026-03-10", 60, "2026-03-09 00:00:00", 1440),
        ("2026-03-09 10:00", "2026-03-09T10:01", 60, "2026-03-09 10:00:00", 1),
        ("2026-03-09T10:00+02:00", "2026-03-09T10:00Z", 3600, "2026-03-09 08:00:00", 2),
        ("2026-03-09 10:00:01", "2026-03-09 10:02:01", 60, "2026-03-09 10:01:00", 2),
        ("1h", None, 60, "2026-03-09 13:31:00", 60),
        ("30 min", None, 300, "2026-03-09 14:05:00", 6),
        ("2d", "2026-03-09", 86400, "2026-03-07 00:00:00", 2),
        (None, None, 3600, "2026-03-08 15:00:00", 24),
    ],
)
def test_windows_are_half_open_and_on_multiples_of_the_step(
    start: str | None, end: str | None, step: int, first: str, points: int
) -> None:
    moments = grid(start, end, step, NOW)
    assert f"{datetime.fromtimestamp(moments.start, UTC):%Y-%m-%d %H:%M:%S}" == first
    assert moments.points == points
    assert moments.start % step == moments.last % step == 0


@pytest.mark.parametrize(
    ("start", "end", "step", "words"),
    [
        ("yesterday", None, 60, "'yesterday' is not a time"),
        ("1h", "later", 60, "'later' is not a time"),
        ("9999w", None, 60, "'9999w' is not a time"),
        ("2026-03-09", "2026-03-09", 60, "holds no multiple of 60 s"),
        ("2026-03-10", "2026-03-09", 60, "holds no multiple"),
        ("0h", None, 60, "holds no multiple"),
        ("1h", None, 0, "A step of 0 s cannot be asked"),
        ("1h", None, 1.5, "A step of 1.5 s cannot be asked"),
    ],
)
def test_what_is_no_window_is_refused(
    start: str | None, end: str | None, step: Any, words: str
) -> None:
    with pytest.raises(BadInput, match=words):
        grid(start, end, step, NOW)


@pytest.mark.parametrize("series", [0, 1, 9, 10, 200, 1_000_000])
@pytest.mark.parametrize("points", [1, 11_000, 11_001, 25_000])
def test_parts_cover_every_moment_once_and_stay_small(series: int, points: int) -> None:
    whole = Grid(120, 60, points)
    parts: list[Grid] = []
    rest: Grid | None = whole
    while rest and len(parts) < 100:
        part, rest = rest.split(series)
        parts.append(part)
    assert all(part.points <= MOST_POINTS for part in parts)
    assert all(part.points * series <= max(REQUEST_SAMPLES, series) for part in parts)
    assert parts[0].start == whole.start
    assert all(b.start == a.last + a.step for a, b in pairwise(parts))
    assert rest or parts[-1].last == whole.last
