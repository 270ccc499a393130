"""Days as they come: public holidays and weather."""

import numpy as np
import pandas as pd

from lab.world.signals import Array, Flags, generator, wander

WEATHER_STREAM = 200_003
REGION_MEAN_C = 11.0


def holidays(days: pd.DatetimeIndex) -> Flags:
    """Return which days are public holidays: those of England, without substitute days.

    Args:
        days: Days without a time zone, shape (n,).

    Returns:
        Booleans of shape (n,).

    >>> holidays(pd.DatetimeIndex(["2025-04-18", "2025-05-05", "2025-05-06"])).tolist()
    [True, True, False]
    """
    years = range(int(days.year.min()), int(days.year.max()) + 1)
    return np.asarray(days.isin([day for year in years for day in _holidays_of(year)]))


def _holidays_of(year: int) -> list[pd.Timestamp]:
    easter = pd.Timestamp(year, 1, 1) + pd.offsets.Easter()
    monday = pd.offsets.Week(weekday=0)
    return [
        pd.Timestamp(year, 1, 1),
        easter - pd.Timedelta(days=2),
        easter + pd.Timedelta(days=1),
        pd.Timestamp(year, 4, 30) + monday,
        pd.Timestamp(year, 5, 24) + monday,
        pd.Timestamp(year, 9, 1) - monday,
        pd.Timestamp(year, 12, 25),
        pd.Timestamp(year, 12, 26),
    ]


def usual_temperature(days: pd.DatetimeIndex) -> Array:
    """Return the long-run mean temperature of each day in degrees Celsius, shape (n,)."""
    angle = 2 * np.pi * (days.dayofyear.to_numpy() - 200) / 365.25
    return np.asarray(REGION_MEAN_C + 7.0 * np.cos(angle), dtype=np.float64)


def weather(days: pd.DatetimeIndex, seed: int) -> tuple[Array, Array]:
    """Draw the region's weather: warm and cold spells last days, rain falls on two in five.

    Args:
        days: Days without a time zone, shape (n,).
        seed: World seed.

    Returns:
        Mean temperature in degrees Celsius and rainfall in millimetres, each of shape (n,).
    """
    rng = generator(seed, WEATHER_STREAM)
    temperature = usual_temperature(days) + wander(rng, len(days), 4, 2.8)
    wet = wander(rng, len(days), 2, 1.0) > 0.25
    rain = np.where(wet, rng.gamma(0.9, 5.0, len(days)), 0.0)
    return temperature, rain
