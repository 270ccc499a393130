"""What customers ask for, minute by minute, as a function of seed and time alone.

Nothing here knows of incidents, and every purpose has a random stream of its own, so the
background is the same with and without them, in one long stretch or in many short ones.
"""

from datetime import date, timedelta
from functools import lru_cache

import numpy as np
import pandas as pd

from lab.world.signals import DAY_MINUTES, Array, generator, rhythm

PEAK_REQUESTS = 6600.0  # a minute, at the peak of an ordinary weekday
REQUESTS_PER_SESSION = 12.0
SALE_FACTOR = 1.6
SALE_DAYS_PER_MONTH = 3
NIGHT_FLOOR, WEEKEND = 0.14, 1.15
# Minutes between two knots of the slow wander, and how far it strays.
WANDERS = ((30, 0.02), (360, 0.04))

SALES, WANDER, NOISE = 201, 202, 203
NOISE_LIMIT = 4.0


def sale_days(seed: int, first_day: date, days: int) -> list[bool]:
    """Say which days are sale days.

    Args:
        seed: World seed.
        first_day: First day asked for.
        days: How many days.

    Returns:
        One truth value per day; three days of every calendar month are true.

    >>> sum(sale_days(7, date(2026, 3, 1), 31))
    3
    """
    asked = [first_day + timedelta(days=n) for n in range(days)]
    return [day.day in _sales_of(seed, day.year, day.month) for day in asked]


def sessions_wanted(seed: int, times: pd.DatetimeIndex, first_minute: int) -> Array:
    """Return the visits a minute to expect, before chance.

    Args:
        seed: World seed.
        times: UTC times, one per minute, shape (T,).
        first_minute: Minutes since the world began, of the first.

    Returns:
        Shape (T,): daily and weekly rhythm, sale days and slow wander.
    """
    # Rounded, so that sine and cosine of one machine or another give the same bits.
    level = np.round(rhythm(times, NIGHT_FLOOR, WEEKEND, 0.0), 6)
    level = level * (1 + wander(seed, first_minute, len(times)))
    return PEAK_REQUESTS / REQUESTS_PER_SESSION * level * _sale_factor(seed, times)


def wander(seed: int, first_minute: int, minutes: int) -> Array:
    """Return slow noise around zero: lines between random knots.

    Args:
        seed: World seed.
        first_minute: Minutes since the world began.
        minutes: How many are wanted.

    Returns:
        Shape (minutes,).
    """
    at = first_minute + np.arange(minutes)
    first, last = first_minute // DAY_MINUTES, (first_minute + minutes) // DAY_MINUTES + 1
    total = np.zeros(minutes)
    for stream, (period, deviation) in enumerate(WANDERS):
        knots = np.concatenate(
            [_knots(seed, stream, day, DAY_MINUTES // period) for day in range(first, last + 1)]
        )
        place, rest = np.divmod(at - first * DAY_MINUTES, period)
        low, high = knots[place], knots[place + 1]
        total = total + deviation * (low + (high - low) * (rest / period))
    return total


def noise(seed: int, first_minute: int, minutes: int, width: int, purpose: int) -> Array:
    """Return independent standard normal noise, cut off at four deviations.

    Args:
        seed: World seed.
        first_minute: Minutes since the world began.
        minutes: How many are wanted.
        width: How many columns.
        purpose: Number of the stream.

    Returns:
        Shape (minutes, width).
    """
    first, last = first_minute // DAY_MINUTES, (first_minute + minutes - 1) // DAY_MINUTES
    blocks = [_noise_of(seed, purpose, day, width) for day in range(first, last + 1)]
    start = first_minute - first * DAY_MINUTES
    return np.concatenate(blocks)[start : start + minutes]


def count(mean: Array, chance: Array, most: Array | float = np.inf) -> Array:
    """Return a whole number around a mean, as much astray as a Poisson count would be.

    Args:
        mean: Expected number, 0 or more.
        chance: Standard normal noise, the same shape.
        most: Upper bound.

    Returns:
        Whole numbers from 0; exactly 0 where the mean is.
    """
    drawn = np.floor(mean + np.sqrt(mean) * chance + 0.5)
    return np.clip(drawn, 0.0, np.where(mean > 0, most, 0.0))


def share_of(total: Array, share: Array, chance: Array) -> Array:
    """Return a whole number around a share of a total, as much astray as a binomial count."""
    mean = total * share
    return np.clip(np.floor(mean + np.sqrt(mean * (1 - share)) * chance + 0.5), 0.0, total)


def _sale_factor(seed: int, times: pd.DatetimeIndex) -> Array:
    days = times.normalize()
    first = days[0].date()
    spread = (days[-1].date() - first).days + 1
    on = np.asarray(sale_days(seed, first, spread))
    return np.where(on[(days - days[0]).days.to_numpy()], SALE_FACTOR, 1.0)


@lru_cache(maxsize=64)
def _sales_of(seed: int, year: int, month: int) -> frozenset[int]:
    rng = generator(seed, SALES, year * 12 + month)
    return frozenset((rng.choice(28, SALE_DAYS_PER_MONTH, replace=False) + 1).tolist())


@lru_cache(maxsize=256)
def _knots(seed: int, stream: int, day: int, number: int) -> Array:
    rng = generator(seed, WANDER, stream, day)
    return np.clip(rng.standard_normal(number), -2.5, 2.5)


@lru_cache(maxsize=8)
def _noise_of(seed: int, purpose: int, day: int, width: int) -> Array:
    rng = generator(seed, NOISE, purpose, day)
    return np.clip(rng.standard_normal((DAY_MINUTES, width)), -NOISE_LIMIT, NOISE_LIMIT)
