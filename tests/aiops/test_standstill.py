import numpy as np
import pandas as pd
import pytest

from lab.aiops.detect.standstill import moved, standstill_scores, telling
from lab.aiops.scan import scan
from lab.world.faults.incident import strike
from lab.world.lenses.metrics import Totals, series
from lab.world.shop.simulate import simulate
from tests.aiops.naive import standstill_scores as naive_scores

START = pd.Timestamp("2026-03-02", tz="UTC")


def table(values, start=START, minutes=1):
    index = pd.date_range(start, periods=len(values), freq=f"{minutes}min")
    return pd.DataFrame({"depth": np.asarray(values, dtype=float)}, index=index)


def later(values, minutes=1):
    return table(values, START + pd.Timedelta(days=1), minutes)


DAY = table(np.zeros(1440))


def test_only_what_moved_is_named():
    train = pd.DataFrame({"a": [1.0] * 40, "b": [2.0] * 40, "c": [3.0] * 40})
    after = pd.DataFrame({"a": [1.0, np.nan], "b": [2.0, 5.0], "c": [3.0, 3.0 + 1e-14]})
    assert moved(train, after) == ["b"]


def test_a_moment_is_no_level():
    names = ['process_start_time_seconds{job="a"}', "reload_timestamp_seconds", "uptime_seconds"]
    train = pd.DataFrame(dict.fromkeys(names, [1.0] * 40))
    assert moved(train, train.iloc[:2] + 5) == ["uptime_seconds"]


def test_after_a_day_without_a_move_the_first_is_news_and_grows_by_lasting():
    score = standstill_scores(DAY, later([0, 0, 4, 9, 0, 0, 2])).contributions["depth"]
    assert score.tolist() == [0, 0, 1, 2, 0, 0, 3]


def test_after_half_an_hour_without_a_move_a_few_prove_nothing():
    short = table(np.zeros(30))
    score = standstill_scores(short, later([7, 7, 7, 7, 7])).contributions["depth"]
    assert (score >= 1).tolist() == [False] * 4 + [True]


def test_a_setting_changed_for_good_is_news_for_two_hours():
    score = standstill_scores(DAY, later([5] * 600)).contributions["depth"]
    assert (score > 0).sum() == 120
    assert score.iloc[:120].min() >= 1


def test_what_is_no_constant_any_more_stays_news():
    score = standstill_scores(DAY, later(np.arange(1, 601))).contributions["depth"]
    assert score.min() >= 1
    assert score.max() == 15


def test_a_gap_has_no_score():
    scores = standstill_scores(DAY, later([0, np.nan, 0]))
    assert scores.score.isna().tolist() == [False, True, False]


@pytest.mark.parametrize("minutes", [1, 5, 60])
def test_it_agrees_with_a_loop(minutes):
    rng = np.random.default_rng(3)
    train = table(np.full(200, 2.0), minutes=minutes)
    values = np.where(rng.random(500) < 0.3, rng.integers(1, 4, 500), 2.0)
    values[rng.random(500) < 0.05] = np.nan
    after = later(values, minutes)
    expected = naive_scores(train["depth"].to_numpy(), values, minutes, telling)
    found = standstill_scores(train, after).contributions["depth"]
    np.testing.assert_allclose(found, expected)


def test_the_number_of_moves_that_tells_is_beyond_chance():
    """By drawing: a series that moves as often as the rule of three allows seldom shows so many."""
    rng = np.random.default_rng(5)
    for constant in (60, 300, 1440):
        counts = rng.binomial(15, 3 / constant, 20_000)
        assert (counts >= telling(constant, 15)).mean() <= 0.055
        assert (counts >= telling(constant, 15) - 1).mean() > 0.05


@pytest.mark.parametrize("detector", ["seasonal_robust", "isolation_forest", "static_threshold"])
def test_a_queue_that_was_always_empty_and_fills_up_is_found(detector):
    middle = pd.Timestamp("2026-03-03", tz="UTC")
    lag = strike("queue_lag", start=middle + pd.Timedelta(hours=10), minutes=60, severity=1.0)
    run = simulate(7, START, 2 * 1440, [lag])
    frame = pd.DataFrame(
        {one.metric: one.values for one in series(run, Totals()) if one.metric.startswith("queue")},
        index=run.times,
    )
    found = scan("queue", frame, middle, detector)
    assert found.skipped == {}
    (event,) = found.events
    assert pd.Timedelta(0) <= event.start - lag.start <= pd.Timedelta(minutes=2)
    assert found.scores.expected.loc[event.start, "queue_depth"] == 0
    quiet = simulate(7, START, 2 * 1440)
    calm = pd.DataFrame({"queue_depth": quiet.flows.queue_depth}, index=quiet.times)
    assert scan("queue", calm, middle, detector).scores is None


def test_a_constant_that_moves_joins_what_was_learnt():
    rng = np.random.default_rng(2)
    index = pd.date_range(START, periods=4 * 1440, freq="min")
    frame = pd.DataFrame({"cpu": rng.normal(5, 1, len(index)), "replicas": 3.0}, index=index)
    frame.loc[index[5000:5050], "replicas"] = 1.0
    found = scan("web-1", frame, START + pd.Timedelta(days=3), "seasonal_robust")
    assert list(found.frame.columns) == ["cpu", "replicas"]
    assert list(found.scores.upper.columns) == ["cpu", "replicas"]
    assert found.scores.score.notna().all()
    (event,) = found.events
    assert (event.start, event.end, event.column) == (index[5000], index[5050], "replicas")
    assert [each.start for each in found.baseline_events].count(index[5000]) == 1
