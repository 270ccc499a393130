"""Waiting for a worker, against Erlang's formula and against draws."""

import math

import numpy as np
import pytest

from lab.world.shop.queueing import PLACES, given_up, spent, waiting


def erlang_wait(load: float, workers: int) -> float:
    """Mean wait in service times by Erlang's C formula, written out."""
    offered = load * workers
    terms = [offered**n / math.factorial(n) for n in range(workers)]
    last = offered**workers / math.factorial(workers) / (1 - load)
    return last / (sum(terms) + last) / (workers * (1 - load))


@pytest.mark.parametrize("workers", [1, 2, 5, 12, 36])
@pytest.mark.parametrize("load", [0.3, 0.6, 0.8, 0.9])
def test_close_to_erlang(workers: int, load: float) -> None:
    found = float(waiting(np.array([load]), np.array([float(workers)]), 1e9)[0])
    assert found == pytest.approx(erlang_wait(load, workers), rel=0.05, abs=0.04)


def test_grows_with_the_load_and_is_bounded() -> None:
    load = np.linspace(0, 50, 5001)
    for workers in (1.0, 8.0, 36.0):
        wait = waiting(load, np.full_like(load, workers))
        assert (np.diff(wait) >= 0).all()
        assert wait[0] == 0
        assert wait[-1] < PLACES


def test_giving_up_against_draws() -> None:
    drawn = 0.4 + np.random.default_rng(1).exponential(0.8, 200_000)
    fixed, varying = np.array([0.4]), np.array([0.8])
    late = float(given_up(1.5, fixed, varying)[0])
    assert late == pytest.approx((drawn > 1.5).mean(), abs=0.005)
    assert float(spent(1.5, fixed, varying)[0]) == pytest.approx(
        np.minimum(drawn, 1.5).mean(), abs=0.005
    )
