import numpy as np
import pandas as pd
import pytest

from lab.aiops.events import find_events
from lab.core.errors import BadInput
from tests.aiops import naive

MINUTE = pd.Timedelta(minutes=1)


def scores(values, name="cpu"):
    index = pd.date_range("2026-03-02", periods=len(values), freq="min", tz="UTC")
    return pd.DataFrame({name: np.asarray(values, dtype=float)}, index=index)


def test_alarms_near_each_other_are_one_event_and_ends_are_half_open():
    found = find_events(scores([0, 2, 3, 0, 0, 1, 0, 0, 0, 0, 5]), merge_seconds=120)
    times = [(e.start.minute, e.end.minute) for e in found]
    assert times == [(1, 6), (10, 11)]
    assert found[0].peak_score == 3
    assert found[0].peak_at.minute == 2


@pytest.mark.parametrize("merge_seconds", [0, 60, 300, 10_000])
def test_events_equal_their_twin(merge_seconds):
    rng = np.random.default_rng(5)
    table = scores(rng.exponential(0.5, 500))
    table.iloc[rng.integers(0, 500, 60)] = np.nan
    got = [(e.start, e.end) for e in find_events(table, merge_seconds=merge_seconds)]
    want = naive.events(table.index, table["cpu"], 1.0, merge_seconds, MINUTE)
    assert got == want


def test_a_single_row_may_be_an_event():
    (event,) = find_events(scores([2]))
    assert event.start == event.end


def test_gaps_and_quiet_give_no_event():
    assert find_events(scores([np.nan, 0.99, np.nan])) == []


def test_the_column_at_the_peak_is_named():
    table = scores([0, 2, 0]).join(scores([0, 9, 0], "load"))
    assert find_events(table)[0].column == "load"


def test_short_events_can_be_left_out():
    table = scores([2, 0, 0, 0, 2, 2, 2])
    found = find_events(table, merge_seconds=0, minimum_seconds=120)
    assert [e.start.minute for e in found] == [4]


@pytest.mark.parametrize(
    "wrong", [{"threshold": 0}, {"merge_seconds": -1}, {"minimum_seconds": -1}]
)
def test_nonsense_is_refused(wrong):
    with pytest.raises(BadInput, match="threshold must be above 0"):
        find_events(scores([1, 2]), **wrong)
