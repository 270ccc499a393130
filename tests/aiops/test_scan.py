import numpy as np
import pandas as pd
import pytest

from lab.aiops.scan import scan
from lab.core.errors import BadInput

START = pd.Timestamp("2026-03-02", tz="UTC")
CUT = START + pd.Timedelta(days=3)


def a_host(columns=("cpu", "load")):
    index = pd.date_range(START, periods=4 * 288, freq="5min")
    rng = np.random.default_rng(2)
    day = np.sin(2 * np.pi * np.arange(len(index)) / 288)
    return pd.DataFrame({c: day + rng.normal(0, 0.1, len(index)) for c in columns}, index=index)


def test_only_rows_from_the_end_of_training_on_are_scored():
    found = scan("web-1", a_host(), CUT, "seasonal_robust")
    assert found.frame.index[0] == CUT
    assert found.scores.score.index.equals(found.frame.index)
    assert found.scores.expected.index.equals(found.frame.index)


def test_a_column_that_cannot_be_learnt_from_is_left_out_and_named():
    frame = a_host().assign(idle=0.0)
    frame.iloc[900, 1] = np.inf
    found = scan("web-1", frame, CUT, "seasonal_robust")
    assert list(found.frame.columns) == ["cpu"]
    assert found.skipped == {
        "idle": "is constant (0 in all 864 rows)",
        "load": "has infinite values",
    }


def test_a_host_without_a_usable_column_has_no_scores_rather_than_quiet_ones():
    found = scan("web-1", a_host() * 0, CUT, "seasonal_robust")
    assert found.scores is None
    assert set(found.skipped) == {"cpu", "load"}


def test_a_host_that_came_after_training_is_named():
    frame = a_host()
    found = scan("web-1", frame[frame.index >= CUT], CUT, "seasonal_robust")
    assert found.scores is None
    assert "0 values" in found.skipped["cpu"]


def test_a_higher_threshold_alarms_less_and_leaves_the_baseline_alone():
    frame = a_host()
    frame.iloc[1000:1010, 0] += 2
    low = scan("web-1", frame, CUT, "seasonal_robust", threshold=0.5)
    high = scan("web-1", frame, CUT, "seasonal_robust", threshold=50.0)
    assert len(low.events) >= 1
    assert high.events == []
    assert low.baseline_events == high.baseline_events


def test_a_refusal_names_the_host():
    with pytest.raises(BadInput, match="web-1: sensitivity must be above 0"):
        scan("web-1", a_host(), CUT, "seasonal_robust", {"sensitivity": -1.0})
