import numpy as np
import pandas as pd
import pytest

from lab.aiops.detect.profile import SEASONS, learn_profile, resolved_season
from lab.core.errors import BadInput
from tests.aiops import naive


def a_table(days, step="10min", seed=2):
    index = pd.date_range("2026-03-02", periods=int(days * 144), freq=step, tz="UTC")
    rng = np.random.default_rng(seed)
    day = np.sin(2 * np.pi * np.arange(len(index)) / 144)
    return pd.DataFrame({"cpu": 5 + 2 * day + rng.normal(0, 0.2, len(index))}, index=index)


def test_the_profile_equals_its_twin():
    train = a_table(4)
    train.iloc[30:40] = np.nan
    profile = learn_profile(train, "day", 60)
    medians = naive.bin_medians(train.index, train["cpu"], 24)
    np.testing.assert_allclose(profile.medians[0, :, 0], medians)
    expected = [naive.between_bins(time, medians) for time in train.index]
    np.testing.assert_allclose(profile.median_of(train)[:, 0], expected)


def test_nearly_half_of_a_bin_may_be_wrong():
    train = a_table(7)
    clean = learn_profile(train, "day").medians
    spoilt = train.copy()
    spoilt[spoilt.index.day.isin([3, 5, 7])] = 1e9
    assert np.abs(learn_profile(spoilt, "day").medians - clean).max() < 1.0


def test_workdays_and_weekends_have_their_own_level():
    train = a_table(14)
    weekend = train.index.dayofweek >= 5
    train[weekend] -= 3
    profile = learn_profile(train, "daytype", 60)
    assert (profile.medians[0] - profile.medians[1]).mean() == pytest.approx(3, abs=0.1)
    by_week = learn_profile(train, "week", 60)
    assert by_week.medians.shape == (7, 24, 1)


def test_a_bin_without_samples_borrows_from_the_other_days():
    train = a_table(14)
    gap = (train.index.dayofweek >= 5) & (train.index.hour == 3)
    train[gap] = np.nan
    profile = learn_profile(train, "daytype", 60)
    assert profile.medians[1, 3, 0] == profile.medians[0, 3, 0]
    assert np.isfinite(profile.spreads).all()


def test_an_hour_that_was_never_seen_takes_the_overall_median():
    train = a_table(1)
    train[train.index.hour == 3] = np.nan
    profile = learn_profile(train, "day", 60)
    assert profile.medians[0, 3, 0] == pytest.approx(train["cpu"].median())


def test_spreads_are_above_zero_even_when_most_values_are_equal():
    train = a_table(2)
    train["cpu"] = 1.0
    train.iloc[::50] = 9.0
    assert (learn_profile(train, "none").spreads > 0).all()


@pytest.mark.parametrize(
    ("days", "season"), [(1, "none"), (2, "day"), (13, "day"), (14, "daytype"), (28, "week")]
)
def test_the_season_follows_the_length(days, season):
    assert resolved_season(a_table(days).index) == season
    assert learn_profile(a_table(days)).season == season


def test_daily_data_has_one_bin_a_day():
    index = pd.date_range("2026-01-01", periods=60, freq="D", tz="UTC")
    train = pd.DataFrame({"units": np.arange(60.0) % 7}, index=index)
    profile = learn_profile(train)
    assert profile.medians.shape == (7, 1, 1)
    np.testing.assert_allclose(profile.median_of(train)[:, 0], train["units"])


def test_nonsense_is_refused():
    assert "auto" in SEASONS
    with pytest.raises(BadInput, match="no season 'month'"):
        learn_profile(a_table(2), "month")
    with pytest.raises(BadInput, match="bin_minutes"):
        learn_profile(a_table(2), "day", 0)
