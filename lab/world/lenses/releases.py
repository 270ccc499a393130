"""What was released when, and which build runs: one story for all who tell of it.

Harmless releases come at a rhythm of their own, fewer at weekends; they are a function of seed
and time alone. A fault that came with a release adds one, and putting it right another that
returns to what ran before.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

import numpy as np
import pandas as pd

from lab.world.faults.fault import Incident
from lab.world.lenses.dice import Dice
from lab.world.shop.run import ShopRun
from lab.world.shop.topology import SERVICES

CHANGES = 502
CANDIDATES = 12  # changes a day at most
WEEKDAY_CHANGES, WEEKEND_CHANGES = 4.5, 0.8
BUSIEST_MINUTE, MINUTES_ASTRAY = 14 * 60, 190
CONFIG_SHARE = 0.3
MINUTE, DAY = pd.Timedelta(minutes=1), pd.Timedelta(days=1)
EPOCH = pd.Timestamp(0, tz="UTC")
# What is deployed when a fault strikes a table rather than a service.
PIPELINES = {"orders": "order-feed", "order_labels": "label-feed"}


@dataclass(frozen=True)
class Release:
    """Something brought to a service, or taken back.

    Attributes:
        at: When, to the minute.
        number: What tells it from all others of the seed.
        kind: ``deploy``, ``config`` or ``rollback``.
        track: What it changes: ``deploy`` for the build, ``config`` for the configuration.
        service: Whose.
        version: What there is of it since.
        harmless: Whether no fault came with it.
        starts: Whether it ever runs.
    """

    at: pd.Timestamp
    number: int
    kind: str
    track: str
    service: str
    version: str
    harmless: bool = True
    starts: bool = True


class Releases:
    """All that is released in the world of a run."""

    def __init__(self, run: ShopRun) -> None:
        """Gather what its incidents brought, so that harmless releases can be put between."""
        self._seed, self._first, self._last = run.seed, run.times[0], run.times[-1]
        self._world = run.times[0] - run.first_minute * MINUTE
        self._brought: dict[tuple[str, str], list[Release]] = {}
        for incident in sorted(run.incidents, key=lambda one: (one.start, one.incident_id)):
            if incident.fault.change and incident.severity > 0:
                self._bring(incident)

    def within(self) -> list[Release]:
        """The releases of the run, in order of time."""
        days = pd.date_range(self._first.normalize(), self._last.normalize(), freq="D")
        harmless = (one for day in days for one in _harmless(self._seed, day) if self._exists(one))
        brought = (one for several in self._brought.values() for one in several)
        found = [one for one in (*harmless, *brought) if self._first <= one.at <= self._last]
        return sorted(found, key=_order)

    def running(self, service: str) -> list[tuple[pd.Timestamp, str]]:
        """Return the builds of a service that run in turn.

        Args:
            service: Its name.

        Returns:
            Since when each runs, and its version; the first began before the run or with it.
        """
        began = self._version(service, "deploy", (self._first, -1))
        later = [
            (one.at, one.version)
            for one in self.within()
            if one.service == service and one.track == "deploy" and one.starts
        ]
        return [(self._world - DAY, began), *later]

    def _bring(self, incident: Incident) -> None:
        fault, at = incident.fault, _minute(incident.start)
        text = f"{incident.incident_id} {incident.target} {incident.start}"
        number = int.from_bytes(hashlib.sha256(text.encode()).digest()[:6], "big")
        service = PIPELINES.get(incident.target, incident.target)
        version = f"{at:%Y.%m.%d}.{CANDIDATES + 1 + number % CANDIDATES}"
        # What came with a fault is nothing to return to.
        before = self._version(service, fault.change, (at, number), harmless=True)
        known = self._brought.setdefault((service, fault.change), [])
        known.append(Release(at, number, fault.change, fault.change, service, version,
                             harmless=False, starts=fault.starts))  # fmt: skip
        if incident.end is not None and "roll_back" in fault.remedies:
            known.append(Release(_minute(incident.end), number + 1, "rollback", fault.change,
                                 service, before))  # fmt: skip

    def _version(
        self, service: str, track: str, before: tuple[pd.Timestamp, int], *, harmless: bool = False
    ) -> str:
        """The version there is just before a moment, or the newest without a fault."""
        newest = [one for one in self._brought.get((service, track), ())
                  if one.starts and one.harmless >= harmless and _order(one) < before]  # fmt: skip
        since = max((one.at for one in newest), default=self._world)
        newest += self._harmless_before(service, track, before, since)
        return max(newest, key=_order).version if newest else f"{self._world - DAY:%Y.%m.%d}.1"

    def _harmless_before(
        self, service: str, track: str, before: tuple[pd.Timestamp, int], since: pd.Timestamp
    ) -> list[Release]:
        """The newest harmless releases, from one day; none where there is none since a moment."""
        day = before[0].normalize()
        while day >= since.normalize():
            found = [
                one for one in _harmless(self._seed, day)
                if (one.service, one.track) == (service, track)
                and _order(one) < before and self._exists(one)
            ]  # fmt: skip
            if found:
                return found
            day -= DAY
        return []

    def _exists(self, one: Release) -> bool:
        return bool(one.at > self._world)


def digest(service: str, version: str) -> str:
    """Return the digest of a service's image.

    >>> digest("payment", "2026.03.02.1")[:15]
    'sha256:153dd523'
    """
    return "sha256:" + hashlib.sha256(f"{service}:{version}".encode()).hexdigest()


def _order(one: Release) -> tuple[pd.Timestamp, int]:
    return one.at, one.number


def _minute(moment: datetime) -> pd.Timestamp:
    return pd.Timestamp(moment).floor("min")


@lru_cache(maxsize=1024)
def _harmless(seed: int, day: pd.Timestamp) -> tuple[Release, ...]:
    return tuple(_drawn(seed, day))


def _drawn(seed: int, day: pd.Timestamp) -> Iterator[Release]:
    """Harmless releases of a day; days are counted from a fixed one, whenever a world begins."""
    dice, numbers = Dice(seed, CHANGES), (day - EPOCH).days * CANDIDATES + np.arange(CANDIDATES)
    mean = WEEKDAY_CHANGES if day.dayofweek < 5 else WEEKEND_CHANGES
    happens = dice.uniform("happens", numbers) < mean / CANDIDATES
    minute = BUSIEST_MINUTE + MINUTES_ASTRAY * dice.normal("minute", numbers)
    services = dice.whole("service", len(SERVICES), numbers)
    config = dice.uniform("config", numbers) < CONFIG_SHARE
    for i in np.flatnonzero(happens).tolist():
        at = day + int(np.clip(minute[i], 0, 1439)) * MINUTE
        kind, version = "config" if config[i] else "deploy", f"{day:%Y.%m.%d}.{i + 1}"
        yield Release(at, int(numbers[i]), kind, kind, SERVICES[services[i]], version)
