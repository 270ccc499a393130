import numpy as np
import pandas as pd
import pytest

from lab.aiops.detect.isolation_forest import IsolationForest, window_features
from tests.aiops import naive


@pytest.mark.parametrize("window", [2, 5, 30])
def test_features_equal_their_twin(window):
    values = np.random.default_rng(3).normal(size=150)
    values[[0, 10, 11, 12, 70]] = np.nan
    got = window_features(values, window)
    np.testing.assert_allclose(got, naive.window_features(values, window), atol=1e-9)


def test_the_threshold_lies_above_the_chosen_share_of_training():
    index = pd.date_range("2026-03-02", periods=2000, freq="min", tz="UTC")
    train = pd.DataFrame({"x": np.random.default_rng(1).normal(size=2000)}, index=index)
    at_quantile = IsolationForest(contamination=0.05, margin=0.0).fit(train)
    share = (at_quantile.score(train).score >= 1).mean()
    assert share == pytest.approx(0.05, abs=0.002)
    with_margin = IsolationForest(contamination=0.05, margin=0.5).fit(train)
    assert (with_margin.score(train).score >= 1).mean() < share / 2


def test_another_seed_gives_other_scores():
    index = pd.date_range("2026-03-02", periods=500, freq="min", tz="UTC")
    train = pd.DataFrame({"x": np.random.default_rng(1).normal(size=500)}, index=index)
    one, two = (IsolationForest(seed=seed).fit(train).score(train).score for seed in (1, 2))
    assert not np.allclose(one, two)
