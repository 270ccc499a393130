"""When and where faults strike: a seeded plan with one slot of time per fault."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lab.world.fleet.faults import FAULTS, Fault
from lab.world.signals import generator

QUIET_HOST = 7
PLAN_STREAM = 100_003
SLOT_MARGIN_MINUTES = 45

# Kinds in the order they are placed, each with its strength: first one of each, then a second,
# subtler round. A host that fails in the first round may fail again half a week later.
ROUND_OF_KINDS = (
    ("night_load", 1.0),
    ("cpu_hog", 0.8),
    ("memory_leak", 0.9),
    ("disk_fill", 0.8),
    ("network_flood", 0.8),
    ("network_drop", 1.0),
    ("io_stall", 0.9),
    ("level_shift", 0.9),
    ("point_spike", 1.0),
    ("cpu_hog", 0.45),
    ("memory_leak", 0.4),
    ("disk_fill", 0.3),
    ("network_flood", 0.4),
    ("io_stall", 0.4),
    ("level_shift", 0.5),
    ("point_spike", 0.5),
)


@dataclass(frozen=True)
class Strike:
    """One fault on one host.

    Attributes:
        number: Host number, from 1.
        fault: What strikes.
        strength: How hard, 0 to 1.
        window: Minutes since the start of the world, half-open.
    """

    number: int
    fault: Fault
    strength: float
    window: slice


def plan(seed: int, times: pd.DatetimeIndex, hosts: int) -> tuple[Strike, ...]:
    """Draw which faults strike which hosts, and when, in the second half of the world.

    Each host has two slots of equal length and at most one fault in each, so that faults on
    one host never overlap. ``QUIET_HOST`` has none.

    Args:
        seed: World seed.
        times: UTC times, one per minute; at least four days.
        hosts: Number of hosts; the plan shrinks with fewer.

    Returns:
        Strikes in order of time.
    """
    rng = generator(seed, PLAN_STREAM)
    half = len(times) // 2
    middle = half + (len(times) - half) // 2
    slots = [
        (number, begin, end)
        for begin, end in ((half, middle), (middle, len(times)))
        for number in rng.permutation(np.arange(1, hosts + 1)).tolist()
        if number != QUIET_HOST
    ]
    kinds = list(ROUND_OF_KINDS[: len(slots)])
    strikes = [
        Strike(number, FAULTS[kind], strength, _window(rng, FAULTS[kind], times, begin, end))
        for (kind, strength), (number, begin, end) in zip(kinds, slots, strict=False)
    ]
    return tuple(sorted(strikes, key=lambda strike: (strike.window.start, strike.number)))


def _window(
    rng: np.random.Generator, fault: Fault, times: pd.DatetimeIndex, begin: int, end: int
) -> slice:
    """Draw a window that lies within a slot, at night where the fault asks for it."""
    length = int(rng.integers(fault.minutes[0], fault.minutes[1] + 1))
    starts = np.arange(begin + SLOT_MARGIN_MINUTES, end - SLOT_MARGIN_MINUTES - length)
    if fault.at_night:
        hours = times[starts].hour.to_numpy()
        starts = starts[(hours >= 1) & (hours < 3)]
    start = int(rng.choice(starts))
    return slice(start, start + length)
