"""Shapes in time that hosts are made of: rhythms, slow wander, trailing means."""

from datetime import datetime

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lab.core.errors import BadInput

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

DAY_MINUTES = 1440
LOAD_MEMORY_MINUTES = 10


def utc(start: datetime | str) -> pd.Timestamp:
    """Return a moment in UTC.

    Args:
        start: With a time zone; a text in ISO 8601.

    Raises:
        BadInput: It is no time, or has no time zone.

    >>> str(utc("2026-03-02T01:00+01:00"))
    '2026-03-02 00:00:00+00:00'
    """
    try:
        moment = pd.Timestamp(start)
    except ValueError as error:
        raise BadInput(
            f"Start {start!r} is not a time.", "Write it as 2026-03-02T00:00Z."
        ) from error
    if moment.tzinfo is None:
        raise BadInput(f"Start {start!r} has no time zone.", "Write it as 2026-03-02T00:00Z.")
    return moment.tz_convert("UTC")


def generator(seed: int, *stream: int) -> np.random.Generator:
    """Return an independent random stream of a seed.

    A stream of its own for each host and purpose keeps host-03 the same whether there are
    five hosts or ten, and the background the same whether there are faults or not.

    Args:
        seed: World seed, 0 or more.
        stream: Path of the stream, such as host number and purpose.

    Returns:
        A PCG64 generator.
    """
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=stream)))


def wander(rng: np.random.Generator, length: int, minutes: int, deviation: float) -> Array:
    """Return slow noise around zero: white noise seen through an exponential memory.

    Args:
        rng: Source of randomness.
        length: Samples wanted, one per minute.
        minutes: How long a value is remembered; 1 is almost white.
        deviation: Standard deviation of the result, in the unit of the result.

    Returns:
        Array of shape (length,).
    """
    kernel = np.exp(-np.arange(5 * minutes) / minutes)
    white = rng.standard_normal(length + len(kernel) - 1)
    unit: Array = np.convolve(white, kernel / np.sqrt(np.sum(kernel**2)), mode="valid")
    return unit * deviation


def trailing_mean(values: Array, minutes: int) -> Array:
    """Return the mean of the last minutes at each minute, as a rate over a window gives it.

    Args:
        values: Shape (n,), one per minute; the first value stands for the time before.
        minutes: Window, 1 or more.

    Returns:
        Array of shape (n,).

    >>> trailing_mean(np.array([0.0, 0.0, 3.0, 0.0]), 3).tolist()
    [0.0, 0.0, 1.0, 1.0]
    """
    padded = np.concatenate([np.full(minutes - 1, values[0]), values])
    mean: Array = np.convolve(padded, np.full(minutes, 1.0 / minutes), mode="valid")
    return mean


def damped(values: Array) -> Array:
    """Return the one-minute damped average that Linux calls load1.

    Cut off after ten minutes, where the kernel's weight is below 0.0001, so that a fault
    leaves no trace beyond that.

    Args:
        values: Running and blocked processes, shape (n,), one per minute.

    Returns:
        Array of shape (n,).
    """
    kernel = np.exp(-np.arange(LOAD_MEMORY_MINUTES, dtype=float))
    padded = np.concatenate([np.full(LOAD_MEMORY_MINUTES - 1, values[0]), values])
    mean: Array = np.convolve(padded, kernel / kernel.sum(), mode="valid")
    return mean


def rhythm(times: pd.DatetimeIndex, floor: float, weekend: float, shift_minutes: float) -> Array:
    """Return how busy people keep a host, 1.0 being a weekday's peak.

    Args:
        times: UTC times, one per minute, shape (n,).
        floor: Share of the peak that remains at 04:00, 0 to 1.
        weekend: Factor on Saturday and Sunday, reached gradually from noon to noon.
        shift_minutes: How much later than usual this host's day runs.

    Returns:
        Array of shape (n,), above 0.
    """
    minute = times.hour.to_numpy() * 60.0 + times.minute.to_numpy() - shift_minutes
    day = 0.5 - 0.5 * np.cos(2 * np.pi * (minute - 240) / 1440)
    lunch = 0.12 * np.exp(-(((minute - 750) / 70) ** 2))
    evening = 0.18 * np.exp(-(((minute - 1200) / 80) ** 2))
    level = floor + (1 - floor) * (day**1.4 + lunch + evening) / 1.12
    position = times.dayofweek.to_numpy() + minute / 1440
    noons = np.arange(-1, 9) + 0.5
    factors = np.where(np.isin(np.arange(-1, 9) % 7, [5, 6]), weekend, 1.0)
    busy: Array = level * np.interp(position, noons, factors)
    return busy
