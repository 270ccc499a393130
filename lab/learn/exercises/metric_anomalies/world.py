"""The hosts of the exercise: days to learn from, a day to practise on, a day nobody sees.

Faults are placed by a seed of their own, so that the practice day tells nothing about the
sealed one. The same background without faults is the control on which to stay silent.
"""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from lab.core.schemas import series_id
from lab.world.fleet.background import Drivers, background, observe
from lab.world.fleet.faults import FAULTS
from lab.world.fleet.hosts import JOB, host_name
from lab.world.fleet.roles import role_of
from lab.world.signals import DAY_MINUTES, generator

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

START = "2026-03-02T00:00Z"  # a Monday, so that every day is a working day
LEARN_DAYS = 3
DAYS = LEARN_DAYS + 2  # to learn from, to practise on, sealed
HOSTS = (1, 4, 6, 8)  # web, api, database and cache
KINDS = ("night_load", "cpu_hog", "network_flood", "network_drop", "io_stall", "level_shift",
         "point_spike", "memory_leak")  # fmt: skip
PRACTICE, SEALED = 510_001, 510_007
SLOT_MINUTES = DAY_MINUTES // 2
MARGIN_MINUTES = 45
STRENGTH, STRENGTH_IN_NOISE = (0.55, 0.9), (0.85, 1.0)
NOISE_AFTER_BREAK, DEPLOY_CPU = 1.5, 0.06


@dataclass(frozen=True)
class Strike:
    """A fault on a host, in minutes since the start of the world, half-open."""

    kind: str
    number: int
    window: slice
    strength: float


@dataclass(frozen=True)
class HostDays:
    """Every host over all days.

    Args:
        seed: Seed of the background.
        noise: Factor on every random fluctuation.
        deployed: Whether a release that costs a little more CPU came on the last learning day.
    """

    seed: int
    noise: float = 1.0
    deployed: bool = False

    @property
    def times(self) -> "pd.DatetimeIndex":
        """All minutes, UTC."""
        import pandas as pd

        return pd.date_range(START, periods=DAYS * DAY_MINUTES, freq="min", unit="us")

    def frames(self, strikes: tuple[Strike, ...] = ()) -> "dict[str, pd.DataFrame]":
        """One table (minutes, series) per host, columns in Prometheus text form.

        Args:
            strikes: Faults to put in.
        """
        import pandas as pd

        found = {}
        for number in HOSTS:
            role, name = role_of(number), host_name(number)
            drivers = self._drivers(number)
            for strike in strikes:
                if strike.number == number:
                    effect = FAULTS[strike.kind].effect
                    drivers = effect(drivers, role, strike.window, strike.strength)
            columns = {
                series_id(metric, {"instance": name, "job": JOB}): values
                for metric, values in observe(drivers, role).items()
            }
            found[name] = pd.DataFrame(columns, index=self.times).sort_index(axis=1)
        return found

    def day(self, number: int) -> "tuple[pd.Timestamp, pd.Timestamp]":
        """Start and end of a day, from 0; half-open."""
        import pandas as pd

        start = self.times[0] + pd.Timedelta(days=number)
        return start, start + pd.Timedelta(days=1)

    def _drivers(self, number: int) -> Drivers:
        drivers = background(role_of(number), self.times, self.seed, number, self.noise)
        if not self.deployed:
            return drivers
        own = drivers.own_cpu.copy()
        own[(LEARN_DAYS - 1) * DAY_MINUTES :] += DEPLOY_CPU
        return replace(drivers, own_cpu=own)


def strikes(
    seed: int, day: int, stream: int, strength: tuple[float, float] = STRENGTH
) -> tuple[Strike, ...]:
    """Place one fault of each kind on a day, two to a host, never two at once.

    Args:
        seed: Seed of the exercise.
        day: Day of the world, from 0.
        stream: ``PRACTICE`` or ``SEALED``.
        strength: Weakest and strongest, 0 to 1.

    Returns:
        Faults in order of time.
    """
    rng = generator(seed, stream)
    slots = [(int(n), half) for half in (0, 1) for n in rng.permutation(HOSTS)]
    by_night = [kind for kind in KINDS if FAULTS[kind].at_night]
    others = [str(kind) for kind in rng.permutation([k for k in KINDS if k not in by_night])]
    placed = [
        Strike(kind, number, _window(rng, kind, day, half), float(rng.uniform(*strength)))
        for kind, (number, half) in zip([*by_night, *others], slots, strict=True)
    ]
    return tuple(sorted(placed, key=lambda strike: strike.window.start))


def _window(rng: "np.random.Generator", kind: str, day: int, half: int) -> slice:
    fault = FAULTS[kind]
    first = half * SLOT_MINUTES + MARGIN_MINUTES
    length = int(rng.integers(fault.minutes[0], fault.minutes[1] + 1))
    last = (half + 1) * SLOT_MINUTES - MARGIN_MINUTES - length
    if fault.at_night:
        first, last = 60, 180
    start = day * DAY_MINUTES + int(rng.integers(first, last))
    return slice(start, start + length)
