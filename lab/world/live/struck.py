"""What struck a live world: the truth, the newest incidents of it."""

from collections import deque
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from lab.core.errors import BadInput
from lab.world.faults.catalogue import OF_BUSINESS, fault
from lab.world.faults.fault import Incident
from lab.world.faults.incident import recovered, strike

KEPT = 1_000


class Struck:
    """Incidents in the order in which they began."""

    def __init__(self) -> None:
        """Begin with a shop that nothing befell."""
        self._incidents: deque[Incident] = deque(maxlen=KEPT)
        self._number = 0

    @property
    def all(self) -> tuple[Incident, ...]:
        """Every incident, oldest first."""
        return tuple(self._incidents)

    def strike(
        self, kind: str, target: str, severity: float, minutes: int | None, at: datetime
    ) -> Incident:
        """Let a fault strike from a moment on; see ``LiveShop.inject``."""
        if fault(kind).family in OF_BUSINESS:
            raise BadInput(
                f"{kind} shows in orders and labels, which a live world does not have.",
                "Choose a fault of services, hosts, telemetry, alerts, security or load.",
            )
        # A number of its own, so that the same fault may strike again within the minute.
        incident = strike(kind, target, start=at, minutes=minutes, severity=severity,
                          seed=self._number)  # fmt: skip
        incident = incident if minutes else replace(incident, end=None)
        self._number += 1
        self._incidents.append(incident)
        return incident

    def running(self, at: datetime) -> tuple[Incident, ...]:
        """What strikes at a moment, newest first."""
        return tuple(one for one in reversed(self._incidents) if one.end is None or one.end > at)

    def end(self, at: datetime, chosen: Callable[[Incident], bool]) -> tuple[Incident, ...]:
        """End some of those that run.

        Args:
            at: First moment after them.
            chosen: Which.

        Returns:
            The ended ones, newest first.
        """
        ended = {one.incident_id: recovered(one, at) for one in self.running(at) if chosen(one)}
        kept = [ended.get(one.incident_id, one) for one in self._incidents]
        self._incidents.clear()
        self._incidents.extend(kept)
        return tuple(ended.values())
