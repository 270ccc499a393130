from datetime import UTC, datetime, timedelta

import pytest

from lab.aiops.evaluate import Interval, evaluate
from lab.core.errors import BadInput

DAY = datetime(2026, 3, 9, tzinfo=UTC)


def at(host, start, end):
    """An interval by hours of the day."""
    return Interval(host, DAY + timedelta(hours=start), DAY + timedelta(hours=end))


def judge(events, incidents, days=2.0):
    return evaluate(events, incidents, DAY, DAY + timedelta(days=days))


def test_without_labels_there_is_no_verdict():
    assert judge([at("a", 1, 2)], None) is None


def test_labels_that_say_nothing_happened_make_every_event_false():
    got = judge([at("a", 1, 2), at("a", 3, 4)], [])
    assert (got.recall, got.precision, got.median_delay_seconds) == (None, 0.0, None)
    assert got.false_alarms_per_day == 1.0


def test_figures_by_hand():
    incidents = [at("a", 1, 2), at("a", 10, 11), at("b", 5, 6)]
    events = [at("a", 1.5, 3), at("a", 1.8, 1.9), at("a", 20, 21), at("b", 4, 5.5)]
    got = judge(events, incidents)
    assert got.recall == pytest.approx(2 / 3)
    assert got.precision == pytest.approx(3 / 4)
    assert got.median_delay_seconds == pytest.approx((1800 + 0) / 2)
    assert got.false_alarms_per_day == pytest.approx(1 / 2)
    assert got.incident_of_event == (0, 0, None, 2)


def test_an_event_where_an_incident_was_felt_is_explained_and_does_not_find_it():
    incident = Interval("a", DAY, DAY + timedelta(hours=2), reached=("b",))
    got = judge([at("b", 1, 2), at("c", 1, 2), at("b", 2, 3)], [incident])
    assert (got.detected, got.matched, got.precision) == (0, 1, pytest.approx(1 / 3))
    assert got.false_alarms_per_day == 1.0
    assert got.incident_of_event == (0, None, None)


def test_an_event_is_filed_under_the_incident_of_its_own_host():
    first = Interval("a", DAY, DAY + timedelta(hours=2), reached=("b",))
    got = judge([at("b", 1, 2)], [first, at("b", 1, 2)])
    assert got.incident_of_event == (1,)
    assert got.detected == 1


def test_intervals_are_half_open():
    assert judge([at("a", 2, 3)], [at("a", 1, 2)]).detected == 0
    assert judge([at("a", 1, 2)], [at("a", 2, 3)]).detected == 0
    assert judge([at("a", 1, 2.01)], [at("a", 2, 3)]).detected == 1


def test_another_host_does_not_count_but_every_host_does():
    assert judge([at("b", 1, 2)], [at("a", 1, 2)]).detected == 0
    assert judge([at("b", 1, 2)], [at("", 1, 2)]).detected == 1


def test_incidents_outside_the_scored_window_are_left_out():
    got = judge([], [at("a", -5, -1), at("a", 60, 70), at("a", 1, 2)])
    assert (got.incidents, got.recall, got.precision) == (1, 0.0, None)


def test_the_scored_window_is_half_open_too():
    ends_at_its_start, starts_at_its_end = at("a", -2, 0), at("a", 48, 50)
    assert judge([], [ends_at_its_start, starts_at_its_end]).incidents == 0
    assert judge([], [at("a", -2, 0.1), at("a", 47.9, 50)]).incidents == 2


def test_an_incident_that_was_running_is_timed_from_the_first_scored_moment():
    got = judge([at("a", 0.5, 1)], [at("a", -3, 2)])
    assert got.median_delay_seconds == 1800


def test_an_empty_window_is_refused():
    with pytest.raises(BadInput, match="is empty"):
        evaluate([], [], DAY, DAY)
