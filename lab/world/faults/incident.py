"""Incidents: a fault, a place, a time. One at a time, several at once, or none of it at all."""

from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np

from lab.core.errors import BadInput, unknown
from lab.world.faults.catalogue import FAULTS, OF_BUSINESS, fault
from lab.world.faults.fault import Fault, Incident
from lab.world.shop.topology import HOST_OF
from lab.world.signals import generator

RED_HERRINGS = ("sale_day", "counter_reset", "log_flood", "alert_storm", "duplicate_alerts")
# A flood leaves nothing else to be seen.
LEFT_OUT = (*OF_BUSINESS, "load")


def strike(
    kind: str,
    target: str = "",
    *,
    start: datetime,
    minutes: int | None = None,
    severity: float = 0.7,
    seed: int = 0,
) -> Incident:
    """Let a fault strike.

    Args:
        kind: Name of the fault.
        target: One of its targets; the usual one when not given.
        start: First moment, with a time zone.
        minutes: How long, 1 or more; drawn from the seed when not given.
        severity: 0 (nothing happens) to 1.
        seed: What draws the details, 0 or more.

    Returns:
        The incident.

    Raises:
        NotFound: There is no such fault, or it cannot strike there.
        BadInput: The start has no zone, or the severity or duration is out of range.

    >>> from datetime import UTC
    >>> strike("cache_loss", start=datetime(2026, 3, 2, 9, tzinfo=UTC), minutes=30).end.minute
    30
    """
    chosen = fault(kind)
    place = target or chosen.targets[0]
    if place not in chosen.targets:
        raise unknown(f"target of {kind}", place, chosen.targets)
    _check(start, minutes, severity, seed)
    if minutes is None:
        low, high = chosen.minutes
        minutes = int(generator(seed, *kind.encode(), *place.encode()).integers(low, high + 1))
    name = f"{kind}-{place}-{start:%Y%m%d%H%M}-{seed}"
    return Incident(name, chosen, place, start, start + timedelta(minutes=minutes), severity, seed)


def twin(incident: Incident) -> Incident:
    """Return the same incident with nothing happening: the control of every experiment."""
    return replace(incident, severity=0.0)


def recovered(incident: Incident, at: datetime) -> Incident:
    """Return the incident ended at a moment; one that ended earlier stays as it is.

    Args:
        incident: It may still last.
        at: First moment after, with a time zone.
    """
    return incident if incident.end and incident.end <= at else replace(incident, end=at)


def draw(
    seed: int, start: datetime, minutes: int, count: int = 3, *, red_herring: bool = True
) -> tuple[Incident, ...]:
    """Draw several incidents of the shop that do not make each other invisible.

    No two strike the same service, or a host and what runs on it; one is something harmless
    that looks alarming, if wanted. Faults of data and models take days and are left out.

    Args:
        seed: What draws them, 0 or more.
        start: First moment of the window, with a time zone.
        minutes: Length of the window, 60 or more; every incident lies within.
        count: How many, the red herring included, 1 to 6.
        red_herring: Whether one of them is harmless.

    Returns:
        Incidents in order of their start.

    Raises:
        BadInput: A number is out of range.
    """
    if not 1 <= count <= 6 or minutes < 60:
        raise BadInput(
            f"draw takes 1 to 6 incidents in 60 minutes or more, got {count} in {minutes}.",
            "Ask for fewer incidents or a longer window.",
        )
    _check(start, None, 1.0, seed)
    rng = generator(seed, 77)
    wanted = [fault(str(rng.choice(RED_HERRINGS)))] if red_herring else []
    real = [f for f in FAULTS.values() if f.family not in LEFT_OUT and f.kind not in RED_HERRINGS]
    wanted += [real[place] for place in rng.permutation(len(real))]
    chosen: list[tuple[Fault, str]] = []
    for each in wanted:
        free = [t for t in each.targets if all(_apart(t, place) for _, place in chosen)]
        if free and len(chosen) < count:
            chosen.append((each, str(rng.choice(free))))
    drawn = [_placed(each, target, start, minutes, rng, seed) for each, target in chosen]
    return tuple(sorted(drawn, key=lambda incident: (incident.start, incident.incident_id)))


def _placed(
    each: Fault, target: str, start: datetime, minutes: int, rng: np.random.Generator, seed: int
) -> Incident:
    length = min(int(rng.integers(each.minutes[0], each.minutes[1] + 1)), minutes // 2)
    begin = start + timedelta(minutes=int(rng.integers(0, minutes - length + 1)))
    severity = round(float(rng.uniform(0.6, 0.95)), 2)
    return strike(each.kind, target, start=begin, minutes=length, severity=severity, seed=seed)


def _apart(one: str, other: str) -> bool:
    return one != other and HOST_OF.get(one) != other and HOST_OF.get(other) != one


def _check(start: datetime, minutes: int | None, severity: float, seed: int) -> None:
    if start.tzinfo is None:
        raise BadInput(
            f"The start {start} has no time zone.",
            "Write it with one, such as datetime(2026, 3, 2, 9, tzinfo=UTC).",
        )
    if not 0 <= severity <= 1:
        raise BadInput(f"Severity must be 0 to 1, got {severity}.", "The usual severity is 0.7.")
    if (minutes is not None and minutes < 1) or seed < 0:
        raise BadInput(
            f"An incident lasts 1 minute or more and its seed is 0 or more, got {minutes} and "
            f"{seed}.",
            "Leave both out, and they are drawn.",
        )
