"""Worlds to try: a stretch of the shop with any fault anywhere, and its healthy twin."""

from dataclasses import fields
from datetime import UTC, datetime, timedelta
from functools import lru_cache

import numpy as np
from hypothesis import strategies as st

from lab.world.faults.catalogue import FAULTS
from lab.world.faults.fault import Effect, Incident
from lab.world.faults.incident import strike
from lab.world.shop.knobs import KNOBS
from lab.world.shop.run import ShopRun
from lab.world.shop.simulate import simulate

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
BEGINS, LASTS, MINUTES = 60, 90, 200

cases = st.builds(
    lambda seed, kind, place, severity: (
        seed, at(kind, FAULTS[kind].targets[place % len(FAULTS[kind].targets)], severity)
    ),
    st.integers(0, 50), st.sampled_from(sorted(FAULTS)), st.integers(0, 9),
    st.sampled_from([0.3, 0.7, 1.0]),
)  # fmt: skip


def at(kind: str, target: str = "", severity: float = 1.0, minutes: int = LASTS) -> Incident:
    """An incident an hour after the start."""
    start = START + timedelta(minutes=BEGINS)
    return strike(kind, target, start=start, minutes=minutes, severity=severity)


def turned(knob: str, amount: float, target: str, minutes: int = LASTS) -> Incident:
    """An incident that turns a single knob and nothing else."""
    assert knob in KNOBS
    one = at("error_rate", "payment", 1.0, minutes)
    kind = type(one.fault)(
        **{f.name: getattr(one.fault, f.name) for f in fields(one.fault)}
        | {"effects": (Effect(knob, amount),), "targets": (target,)}
    )
    return Incident(f"only-{knob}", kind, target, one.start, one.end, 1.0, 0)


@lru_cache(maxsize=8)
def healthy(seed: int) -> ShopRun:
    """The stretch without any incident."""
    return simulate(seed, START, MINUTES)


def same(one: ShopRun, other: ShopRun) -> list[str]:
    """Names of the flows that differ in any bit."""
    pairs = {f.name: (getattr(one.flows, f.name), getattr(other.flows, f.name))
             for f in fields(one.flows)}  # fmt: skip
    return [name for name, (a, b) in pairs.items() if a.tobytes() != b.tobytes()]


def share(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """A ratio while the incident lasts, minute by minute."""
    window = slice(BEGINS + 2, BEGINS + LASTS)
    return np.asarray(part[window] / np.maximum(whole[window], 1.0))
