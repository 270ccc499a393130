"""Shapes in time against plain loops."""

import math

import numpy as np
import pandas as pd
import pytest

from lab.world.signals import damped, generator, rhythm, trailing_mean, wander


def test_trailing_mean_equals_a_plain_loop():
    values = generator(1).random(50)
    slow = [np.mean(([values[0]] * 4 + list(values))[i : i + 5]) for i in range(50)]
    assert trailing_mean(values, 5) == pytest.approx(np.array(slow))


def test_damped_average_equals_the_kernels_recursion():
    values = generator(2).random(200) * 8
    load, slow = values[0], []
    for value in values:
        load = load * math.exp(-1) + value * (1 - math.exp(-1))
        slow.append(load)
    # Ours forgets after ten minutes, so it differs by the weight of what it forgot.
    assert damped(values) == pytest.approx(np.array(slow), abs=8 * math.exp(-10) * 2)


def test_wander_has_the_deviation_and_memory_asked_for():
    values = wander(generator(3), 40_000, 10, 0.5)
    assert values.std() == pytest.approx(0.5, rel=0.1)
    assert np.corrcoef(values[:-10], values[10:])[0, 1] == pytest.approx(math.exp(-1), abs=0.08)


def test_rhythm_peaks_by_day_and_rests_at_the_weekend():
    times = pd.date_range("2026-03-02", periods=7 * 1440, freq="min", tz="UTC")
    busy = pd.Series(rhythm(times, 0.1, 0.6, 0.0), index=times)
    assert busy.min() > 0
    assert busy["2026-03-04"].idxmax().hour in range(11, 21)
    assert busy["2026-03-04"].idxmin().hour in range(3, 6)
    assert busy["2026-03-08"].max() < 0.75 * busy["2026-03-04"].max()
    assert busy.diff().abs().max() < 0.02, "no jump, midnight included"


def test_streams_of_a_seed_are_independent():
    first, again, other = (generator(7, n).random(1000) for n in (1, 1, 2))
    assert (first == again).all()
    assert abs(np.corrcoef(first, other)[0, 1]) < 0.1
