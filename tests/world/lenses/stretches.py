"""Stretches of the shop that several tests look at, made once."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache

import pandas as pd

from lab.world.faults.fault import Incident
from lab.world.faults.incident import strike
from lab.world.shop.run import ShopRun
from lab.world.shop.simulate import simulate

SEED = 7
START = datetime(2026, 3, 2, 9, tzinfo=UTC)
STRUCK = START + timedelta(minutes=60)
MINUTES = 240


@lru_cache(maxsize=64)
def struck(kind: str, target: str = "", severity: float = 1.0, minutes: int = MINUTES) -> ShopRun:
    """Four hours in which a fault strikes after the first and ends before the last."""
    return simulate(SEED, START, minutes, [incident(kind, target, severity)])


def incident(kind: str, target: str = "", severity: float = 1.0):
    """The fault that strikes."""
    return strike(kind, target, start=STRUCK, minutes=120, severity=severity, seed=1)


@lru_cache(maxsize=2)
def calm(minutes: int = MINUTES) -> ShopRun:
    """The same hours without a fault."""
    return simulate(SEED, START, minutes)


def hollow(start: str, days: int, *incidents: Incident) -> ShopRun:
    """Days in which nobody looks at what happened, for what depends on time alone."""
    times = pd.date_range(start, periods=days * 1440, freq="min", tz="UTC", unit="us")
    return replace(calm(), times=times, incidents=incidents)
