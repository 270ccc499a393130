import math

import numpy as np
import pandas as pd
import pytest
from sklearn import metrics

from lab.mlops.models.score import improvement, score


@pytest.mark.parametrize("seed", range(3))
def test_scores_agree_with_scikit_learn(seed):
    rng = np.random.default_rng(seed)
    actual, said = rng.uniform(1, 9, 50), rng.uniform(1, 9, 50)
    ours = score(pd.Series(actual), said)
    assert ours.mae == pytest.approx(metrics.mean_absolute_error(actual, said))
    assert ours.rmse == pytest.approx(metrics.root_mean_squared_error(actual, said))
    assert ours.mape == pytest.approx(metrics.mean_absolute_percentage_error(actual, said))
    assert ours.rows == 50


def test_the_relative_error_leaves_zeros_out_and_says_nothing_about_only_zeros():
    assert score(pd.Series([0.0, 4.0]), np.array([3.0, 5.0])).mape == 0.25
    assert math.isnan(score(pd.Series([0.0]), np.array([1.0])).mape)


def test_improvement_is_a_share_of_the_baseline():
    assert improvement(8.0, 10.0) == pytest.approx(0.2)
    assert improvement(12.0, 10.0) == pytest.approx(-0.2)
    assert improvement(1.0, 0.0) == 0.0
