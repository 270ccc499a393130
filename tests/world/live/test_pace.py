"""World time: quick while it lies behind, and never past the present."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.core.errors import BadInput
from lab.world.live.pace import Pace

NOON = datetime(2026, 3, 9, 12, tzinfo=UTC)
SECONDS = st.floats(-7200, 7200)


@given(st.floats(0, 3600), st.lists(SECONDS, min_size=2, max_size=5), st.floats(0, 3600))
def test_time_never_runs_backwards_nor_past_the_present(speed, looks, other):
    pace = Pace(NOON - timedelta(hours=1), NOON, speed)
    before = pace.world
    for look in sorted(looks):
        now = NOON + timedelta(seconds=look)
        assert before <= pace.at(now)
        assert pace.at(now) <= max(now, pace.world)
        before = pace.at(now)
    later = pace.changed(NOON + timedelta(hours=3), other)
    assert later.at(NOON + timedelta(hours=3)) == pace.at(NOON + timedelta(hours=3))


def test_it_stands_still_and_goes_on():
    still = Pace(NOON - timedelta(hours=1), NOON, 0)
    assert still.at(NOON + timedelta(hours=9)) == NOON - timedelta(hours=1)
    on = still.changed(NOON + timedelta(seconds=10), 60)
    assert on.at(NOON + timedelta(seconds=20)) == NOON - timedelta(minutes=50)
    assert not on.caught_up(NOON + timedelta(seconds=20))
    assert on.caught_up(NOON + timedelta(hours=1))


@pytest.mark.parametrize("speed", [-1, 3601, float("nan"), float("inf")])
def test_impossible_speeds(speed):
    with pytest.raises(BadInput):
        Pace(NOON, NOON, 1).changed(NOON, speed)
