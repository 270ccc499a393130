"""How large a series' ordinary fluctuations are: the unit in which faults are sized."""

from dataclasses import dataclass

import numpy as np

from lab.world.signals import Array

DAY_SECONDS = 86_400
BINS = 24
# Scales the median absolute deviation to the standard deviation of a normal distribution.
NORMAL = 1.4826
# A series that bursts now and then by itself hides what would stand out of a calm one: its
# rare values count, each as this many units. On normal noise the deviation is the larger.
RARE, RARE_UNITS = 0.995, 6


@dataclass(frozen=True)
class Scale:
    """What is ordinary for a series.

    Attributes:
        unit: Robust deviation from its own daily rhythm, or a sixth of its rare outbursts
            where those are larger, above 0.
        floor: Values do not fall below.
        ceiling: Values do not rise above; infinite where no limit is known.
        whole: Whether all values are whole numbers.
    """

    unit: float
    floor: float
    ceiling: float
    whole: bool


def scale(seconds: Array, values: Array) -> Scale:
    """Measure what is ordinary for a series.

    Args:
        seconds: Times in seconds since 1970, ascending, shape (n,).
        values: Finite samples, shape (n,), 1 or more.

    Returns:
        Its scale. A series that never moves is given a twentieth of its level as unit.

    >>> scale(np.arange(4.0), np.array([0.5, 0.5, 0.5, 0.5])).unit
    0.025
    """
    whole = bool((values == np.round(values)).all())
    low, high = float(values.min()), float(values.max())
    apart = np.abs(_without_rhythm(seconds, values))
    spread = max(NORMAL * np.median(apart), np.quantile(apart, RARE) / RARE_UNITS)
    unit = float(spread) or 0.1 * (high - low) or 0.05 * abs(high) or 1.0
    return Scale(
        unit=max(unit, 1.0) if whole else unit,
        floor=0.0 if low >= 0 else -np.inf,
        # A share stays a share; whole numbers up to 1 are flags or counts and know no limit.
        ceiling=1.0 if low >= 0 and high <= 1 and not whole else np.inf,
        whole=whole,
    )


def _without_rhythm(seconds: Array, values: Array) -> Array:
    """Distance to the median of the hour of day, or of all where there is under two days."""
    if seconds[-1] - seconds[0] < 2 * DAY_SECONDS:
        return np.asarray(values - np.median(values))
    hour = (seconds % DAY_SECONDS * BINS // DAY_SECONDS).astype(int)
    usual = np.zeros(BINS)
    for each in np.unique(hour):
        usual[each] = np.median(values[hour == each])
    return np.asarray(values - usual[hour])
