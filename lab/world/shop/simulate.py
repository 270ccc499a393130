"""The shop, minute by minute: a workload meets services that call each other on hosts.

Within a minute the shop is in the steady state of its queues; from minute to minute it carries
what builds up (``resources``, ``backlog``). Chance belongs to the minute, not to the run, so a
stretch is the same whether made in one go or in parts, and an incident changes nothing but what
it reaches.
"""

from collections.abc import Sequence
from datetime import datetime

import numpy as np
import pandas as pd

from lab.core.errors import BadInput
from lab.world.faults.fault import Incident
from lab.world.faults.turning import knobs as turned
from lab.world.shop.backlog import Backlog
from lab.world.shop.controls import Controls
from lab.world.shop.flows import LoadAverage, gathered
from lab.world.shop.machines import other_cpu
from lab.world.shop.resources import Stock
from lab.world.shop.run import ShopRun
from lab.world.shop.settling import Given, settle
from lab.world.shop.topology import CALLS, HOSTS, NODES
from lab.world.shop.traffic import Chance, failing_at_once
from lab.world.shop.workload import REQUESTS_PER_SESSION, count, noise, sessions_wanted
from lab.world.signals import Array, utc

CALM = Controls()
# Streams of chance, each a purpose of its own.
CUSTOMERS, CALLING, OF_NODES, SHOWING = 1, 2, 3, 4
# Customers look at more pages or fewer, so requests stray further than a Poisson count.
REQUESTS_ASTRAY = 2.0


class Shop:
    """A shop that lives on from stretch to stretch.

    Args:
        seed: World seed, 0 or more.
        start: First minute, with a time zone.

    Raises:
        BadInput: ``start`` has no time zone, or the seed is below 0.
    """

    def __init__(self, seed: int, start: datetime | str) -> None:
        """Open the shop."""
        if seed < 0:
            raise BadInput(f"Seed must be 0 or more, got {seed}.", "Choose another seed.")
        self.seed, self.start, self.minute = seed, utc(start).floor("min"), 0
        self._stock, self._backlog, self._average = Stock(), Backlog(), LoadAverage()

    def advance(
        self, minutes: int, incidents: Sequence[Incident] = (), controls: Controls = CALM
    ) -> ShopRun:
        """Live on for some minutes.

        Args:
            minutes: How many, 1 or more.
            incidents: What strikes, whenever; those of other times do nothing.
            controls: Orders of the operator for this stretch.

        Returns:
            What happened.

        Raises:
            BadInput: No minutes were asked for.
        """
        if minutes < 1:
            raise BadInput(f"Minutes must be 1 or more, got {minutes}.", "Ask for some.")
        first = self.start + pd.Timedelta(minutes=self.minute)
        times = pd.date_range(first, periods=minutes, freq="min", unit="us")
        knobs = turned(incidents, times)
        wanted = sessions_wanted(self.seed, times, self.minute) * knobs["demand"] * controls.demand
        midnight = np.asarray((times.hour == 0) & (times.minute == 0))
        found = self._stock.advance(knobs, wanted * REQUESTS_PER_SESSION, midnight, controls)
        sessions, requests = self._customers(wanted)
        at_once, other = failing_at_once(knobs, found), other_cpu(knobs["cpu_taken"], times)
        given = Given(requests, at_once, found, knobs, other, self._chance(minutes))
        seen = self._noise(minutes, len(NODES) + len(HOSTS), SHOWING)
        flows = gathered(sessions, settle(given), found, knobs, self._backlog, self._average, seen)
        run = ShopRun(self.seed, self.minute, times, flows, knobs, tuple(incidents))
        self.minute += minutes
        return run

    def _customers(self, wanted: Array) -> tuple[Array, Array]:
        """Visits that begin and requests they make, whole numbers."""
        chance = self._noise(len(wanted), 2, CUSTOMERS)
        sessions = count(wanted, chance[:, 0])
        mean = (wanted + sessions) / 2 * REQUESTS_PER_SESSION
        return sessions, count(mean, REQUESTS_ASTRAY * chance[:, 1])

    def _chance(self, minutes: int) -> Chance:
        calls = self._noise(minutes, len(CALLS), CALLING)
        nodes = self._noise(minutes, 3 * len(NODES), OF_NODES).reshape(minutes, 3, len(NODES))
        return Chance(calls, *(nodes[:, column] for column in range(3)))

    def _noise(self, minutes: int, width: int, purpose: int) -> Array:
        return noise(self.seed, self.minute, minutes, width, purpose)


def simulate(
    seed: int, start: datetime | str, minutes: int, incidents: Sequence[Incident] = ()
) -> ShopRun:
    """Simulate a stretch of the shop's life from its first minute.

    Args:
        seed: World seed, 0 or more.
        start: First minute, with a time zone.
        minutes: How many, 1 or more.
        incidents: What strikes.

    Returns:
        What happened.

    Raises:
        BadInput: An argument is out of range.

    >>> run = simulate(7, "2026-03-02T00:00Z", 3)
    >>> run.flows.arrivals.shape, bool((run.flows.orders <= run.flows.checkouts).all())
    ((3, 9), True)
    """
    return Shop(seed, start).advance(minutes, incidents)
