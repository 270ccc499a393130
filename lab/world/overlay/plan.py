"""Where and when faults are laid: within a window, apart from each other, from a seed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np

from lab.world.overlay.effects import Effect, Laid, laid
from lab.world.overlay.meaning import is_counter, meaning
from lab.world.signals import generator

# A detector joins alarms up to half an hour apart; windows stay beyond that.
APART, LEAST_APART = timedelta(hours=2), timedelta(minutes=45)
# Windows thrown at random fill about half of the time there is before places run out.
FILLED = 0.5
FEWEST_SAMPLES = 6
# No fault takes more than this share of the window, so that short data can be rehearsed too.
LONGEST_SHARE = 0.125
TRIES = 60


@dataclass(frozen=True)
class Series:
    """A series that faults may be laid over.

    Attributes:
        series_id: Its id.
        metric: Its metric.
    """

    series_id: str
    metric: str


@dataclass(frozen=True)
class Touch:
    """What one overlay does to one series."""

    series: Series
    effect: Effect


@dataclass(frozen=True)
class Overlay:
    """One fault over one host for a while.

    Attributes:
        incident_id: Its id, unique within a plan.
        kind: Name of the fault.
        host: Host whose series it strikes.
        start: First moment, UTC.
        end: First moment after.
        severity: Above 0, to 1.
        seed: What draws its details.
        touches: What it does to which series; the one that shows it most comes first.
    """

    incident_id: str
    kind: str
    host: str
    start: datetime
    end: datetime
    severity: float
    seed: int
    touches: tuple[Touch, ...]


@dataclass(frozen=True)
class Window:
    """Where faults may be laid: ``start <= t < end``, one sample every ``step_seconds``."""

    start: datetime
    end: datetime
    step_seconds: float


def plan(
    hosts: Mapping[str, Sequence[Series]],
    kinds: Sequence[str],
    severities: Sequence[float],
    window: Window,
    seed: int = 1,
    rounds: int = 1,
) -> tuple[Overlay, ...]:
    """Lay every fault at every severity over some host.

    Args:
        hosts: The series of each host.
        kinds: Names of faults.
        severities: How hard each is laid, above 0, to 1.
        window: Where.
        seed: What draws hosts and times.
        rounds: How often each fault is laid at each severity, 1 or more.

    Returns:
        In order of time. Where time is short, faults are shorter and closer, down to six
        samples and 45 minutes; what strikes no series, or finds no free place, is left out; earlier
        rounds go first, so that every fault is tried before any is tried twice.
    """
    room = FILLED * len(hosts) * (window.end - window.start)
    usual = [timedelta(minutes=sum(laid(kind).minutes) / 2) + APART for kind in kinds]
    wanted = rounds * len(severities) * sum(usual, timedelta())
    squeeze = min(1.0, room / wanted) if wanted else 1.0
    taken: dict[str, list[tuple[datetime, datetime]]] = {name: [] for name in hosts}
    placed: list[Overlay] = []
    for turn in range(rounds):
        pairs = [(kind, severity) for kind in kinds for severity in severities]
        order = generator(seed, 5, turn).permutation(len(pairs))
        for place in order:
            kind, severity = pairs[int(place)]
            rng = generator(seed, 6, turn, int(place))
            found = _placed(kind, severity, hosts, window, taken, rng, squeeze)
            if found is not None:
                taken[found.host].append((found.start, found.end))
                placed.append(found)
    placed.sort(key=lambda overlay: (overlay.start, overlay.host))
    return tuple(_named(overlay, number) for number, overlay in enumerate(placed, 1))


def touches(fault: Laid, series: Sequence[Series], rng: np.random.Generator) -> tuple[Touch, ...]:
    """Return what a fault does to the series of a host; nothing where it does not apply.

    Args:
        fault: The fault.
        series: Series of the host.
        rng: Chooses the one series where only one is struck.
    """
    if fault.reach == "one counter":
        series = [each for each in series if is_counter(each.metric)]
    if fault.reach in ("one series", "one counter"):
        series = [series[int(rng.integers(len(series)))]] if series else []
    struck = [
        Touch(each, fault.effects[what])
        for each in series
        if (what := meaning(each.metric, each.series_id)) in fault.effects
    ]
    order = list(fault.effects)
    return tuple(
        sorted(struck, key=lambda t: order.index(meaning(t.series.metric, t.series.series_id)))
    )


def applicable(hosts: Mapping[str, Sequence[Series]], kinds: Sequence[str]) -> list[str]:
    """Return the faults that strike a series of some host, in their order."""
    rng = generator(0)
    return [
        kind for kind in kinds if any(touches(laid(kind), each, rng) for each in hosts.values())
    ]


def _placed(
    kind: str,
    severity: float,
    hosts: Mapping[str, Sequence[Series]],
    window: Window,
    taken: Mapping[str, list[tuple[datetime, datetime]]],
    rng: np.random.Generator,
    squeeze: float,
) -> Overlay | None:
    fault = laid(kind)
    names = sorted(hosts)
    length = _length(fault, severity, window, rng, squeeze)
    apart = max(APART * squeeze, LEAST_APART, timedelta(seconds=2 * window.step_seconds))
    room = (window.end - window.start - length - 2 * apart).total_seconds()
    for _ in range(TRIES if room > 0 else 0):
        host = names[int(rng.integers(len(names)))]
        steps = int(rng.uniform(0, room) // window.step_seconds)
        start = window.start + apart + timedelta(seconds=steps * window.step_seconds)
        end = start + length
        if any(start < b + apart and end > a - apart for a, b in taken[host]):
            continue
        struck = touches(fault, hosts[host], rng)
        if struck:
            seed = int(rng.integers(2**31))
            return Overlay("", kind, host, start, end, severity, seed, struck)
    return None


def _length(
    fault: Laid, severity: float, window: Window, rng: np.random.Generator, squeeze: float
) -> timedelta:
    low, high = fault.minutes
    share = severity if fault.lasting else float(rng.random())
    samples = max(FEWEST_SAMPLES if high >= FEWEST_SAMPLES else 1, round(
        60 * squeeze * (low + share * (high - low)) / window.step_seconds
    ))  # fmt: skip
    most = (window.end - window.start).total_seconds() * LONGEST_SHARE // window.step_seconds
    return timedelta(seconds=max(1, min(samples, most)) * window.step_seconds)


def _named(overlay: Overlay, number: int) -> Overlay:
    return replace(overlay, incident_id=f"{overlay.kind}-{number:03d}")
