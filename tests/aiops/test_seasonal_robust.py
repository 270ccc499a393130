import numpy as np
import pandas as pd
import pytest

from lab.aiops.detect.seasonal_robust import SeasonalRobust


def a_week(days=7, level=100.0, seed=4):
    index = pd.date_range("2026-03-02", periods=days * 288, freq="5min", tz="UTC")
    day = np.sin(2 * np.pi * np.arange(len(index)) / 288)
    noise = np.random.default_rng(seed).normal(0, 1, len(index))
    return pd.DataFrame({"rps": level + 30 * day + noise}, index=index)


@pytest.fixture(scope="module")
def fitted():
    return SeasonalRobust().fit(a_week())


def test_a_value_that_is_usual_at_noon_alarms_at_night(fitted):
    frame = a_week(2, seed=8)
    noon, night = 72, 216  # the top and the bottom of the sine
    frame.iloc[night] = frame.iloc[noon]
    score = fitted.score(frame).score
    assert score.iloc[night] > 1 > score.iloc[noon]


def test_a_small_shift_that_stays_alarms_through_its_mean(fitted):
    frame = a_week(2, seed=8)
    frame.iloc[300:312] += 5
    scores = fitted.score(frame)
    inside = frame["rps"].between(scores.lower["rps"], scores.upper["rps"])
    assert inside.iloc[300:312].all()  # no single value leaves the band
    assert scores.score.iloc[300:312].max() >= 1


def test_a_new_level_is_learnt_within_a_day(fitted):
    frame = a_week(5, seed=8)
    frame.iloc[288:] += 40
    score = fitted.score(frame).score
    assert (score.iloc[288:300] > 1).all()
    assert (score.iloc[288 * 3 :] < 1).mean() > 0.99
    stubborn = SeasonalRobust(level_hours=0).fit(a_week()).score(frame).score
    assert (stubborn.iloc[288 * 3 :] > 1).all()


def test_the_band_is_where_a_single_value_scores_below_one(fitted):
    frame = a_week(1, seed=8)
    scores = fitted.score(frame)
    edge = frame.copy()
    edge.iloc[100] = scores.upper.iloc[100] + 1e-6
    assert fitted.score(edge).score.iloc[100] >= 0.999
    assert SeasonalRobust(sensitivity=3).fit(a_week()).score(frame).upper.iloc[100].item() < (
        scores.upper.iloc[100].item()
    )
