"""Strikes are validated, durations drawn, composites apart."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from lab.core.errors import BadInput, NotFound
from lab.world.faults.catalogue import FAULTS
from lab.world.faults.incident import RED_HERRINGS, draw, recovered, strike, twin
from lab.world.shop.topology import HOST_OF

START = datetime(2026, 3, 2, 9, tzinfo=UTC)


def test_an_unknown_fault_or_target_is_named_with_near_matches():
    with pytest.raises(NotFound, match=r"no fault named 'memory_leek'.*memory_leak"):
        strike("memory_leek", start=START)
    with pytest.raises(NotFound, match=r"target of cache_loss named 'paymnt'.*Known: cache"):
        strike("cache_loss", "paymnt", start=START)


@pytest.mark.parametrize(
    "wrong",
    [
        {"start": datetime(2026, 3, 2, 9)},
        {"severity": 1.1},
        {"severity": -0.1},
        {"severity": float("nan")},
        {"minutes": 0},
        {"seed": -1},
    ],
)
def test_numbers_out_of_range_are_refused_with_a_way_on(wrong):
    with pytest.raises(BadInput) as caught:
        strike("latency", **{"start": START, **wrong})
    assert caught.value.hint


def test_the_duration_is_drawn_from_the_seed_within_the_fault_s_own():
    lengths = {strike("latency", start=START, seed=seed).end - START for seed in range(30)}
    low, high = FAULTS["latency"].minutes
    assert len(lengths) > 5
    assert all(timedelta(minutes=low) <= each <= timedelta(minutes=high) for each in lengths)
    assert strike("latency", start=START, seed=4) == strike("latency", start=START, seed=4)


def test_a_twin_differs_in_nothing_but_its_severity_and_recovery_only_shortens():
    struck = strike("latency", start=START, minutes=30)
    assert replace(twin(struck), severity=struck.severity) == struck
    sooner = START + timedelta(minutes=10)
    assert recovered(struck, sooner).end == sooner
    assert recovered(struck, START + timedelta(hours=2)) == struck
    assert recovered(replace(struck, end=None), sooner).end == sooner


@pytest.mark.parametrize("seed", range(20))
def test_composites_lie_in_their_window_apart_with_one_red_herring(seed):
    drawn = draw(seed, START, 360, 4)
    assert drawn == draw(seed, START, 360, 4)
    assert len(drawn) == len({incident.incident_id for incident in drawn}) == 4
    assert sum(incident.fault.kind in RED_HERRINGS for incident in drawn) == 1
    places = [incident.target for incident in drawn]
    assert len(set(places)) == 4
    assert not any(HOST_OF.get(place) in places for place in places)
    for incident in drawn:
        assert incident.start >= START
        assert incident.end <= START + timedelta(minutes=360)


def test_a_composite_may_leave_the_red_herring_out_and_refuses_what_cannot_be():
    assert not any(i.fault.kind in RED_HERRINGS for i in draw(1, START, 360, red_herring=False))
    with pytest.raises(BadInput, match="1 to 6"):
        draw(1, START, 360, 9)
