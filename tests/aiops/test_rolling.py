import numpy as np
import pytest

from lab.aiops.detect.rolling import steps_in, tail_spread, trailing_mean, trailing_median
from tests.aiops import naive


@pytest.fixture
def values():
    rng = np.random.default_rng(3)
    column = rng.normal(size=120)
    column[[0, 7, 8, 9, 60]] = np.nan
    column[80:100] = np.nan
    return column


@pytest.mark.parametrize("window", [1, 2, 5, 12, 200])
def test_trailing_mean_equals_its_twin(values, window):
    got = trailing_mean(values[:, None], window)[:, 0]
    np.testing.assert_allclose(got, naive.trailing_mean(values, window), atol=1e-12)


@pytest.mark.parametrize("window", [2, 5, 12, 200])
def test_trailing_median_equals_its_twin(values, window):
    got = trailing_median(values[:, None], window)[:, 0]
    np.testing.assert_allclose(got, naive.trailing_median(values, window), atol=1e-12)


def test_tail_spread_is_the_standard_deviation_on_normal_noise():
    noise = np.random.default_rng(1).normal(0, 2.5, (200_000, 1))
    assert tail_spread(noise)[0] == pytest.approx(2.5, rel=0.02)


def test_tail_spread_is_wider_on_heavy_tails_and_unmoved_by_rare_faults():
    rng = np.random.default_rng(1)
    noise = rng.normal(size=(50_000, 1))
    with_faults = noise.copy()
    with_faults[:200] = 1e6
    assert tail_spread(with_faults)[0] == pytest.approx(tail_spread(noise)[0], rel=0.1)
    assert tail_spread(rng.standard_t(2, (50_000, 1)))[0] > 1.5


def test_tail_spread_is_above_zero_on_a_flat_column():
    assert tail_spread(np.zeros((50, 2))).min() > 0


def test_steps_in_is_at_least_one():
    assert steps_in(5, 86_400) == 1
    assert steps_in(5, 0.0) == 1
