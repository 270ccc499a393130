"""What is true about an incident: where it began, whom it reaches, what ends it."""

from collections import deque
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from lab.world.faults.fault import Health, Incident
from lab.world.shop.knobs import KNOBS
from lab.world.shop.topology import CALLS, HOST_NAMES, HOST_OF, NODE_NAMES, NODES

# Knobs that only change what is seen: whoever calls a service feels nothing of them.
SEEN_ONLY = frozenset(
    (
        "scrape",
        "counter_reset",
        "series_missing",
        "clock_skew_seconds",
        "log_lines",
        "log_format",
        "leaked_key",
        "digest_differs",
    )
)
# Where a knob of the whole shop is felt first.
FELT_AT = {"demand": NODE_NAMES, "cache_hits": ("cache", "database"), "consumers": ("queue",)}


@dataclass(frozen=True)
class Reach:
    """Somebody an incident reaches.

    Attributes:
        name: A node, a host or a table.
        within_minutes: How long after the start at the latest it begins to feel it.
    """

    name: str
    within_minutes: int


@dataclass(frozen=True)
class Truth:
    """The whole truth about an incident; it is kept from whoever looks for it.

    Attributes:
        incident_id: Its id.
        kind: Name of the fault.
        family: Its family.
        title: A few words for people.
        root: Where it began: a node, a host or a table.
        metric: The metric or column that shows it most.
        start: First moment, UTC.
        end: First moment after; None while it lasts.
        severity: 0 to 1.
        affected: Whom it reaches, the root first, then by how soon.
        remedies: Controls that put it right.
        healthy: When the shop is healthy again.
    """

    incident_id: str
    kind: str
    family: str
    title: str
    root: str
    metric: str
    start: datetime
    end: datetime | None
    severity: float
    affected: tuple[Reach, ...]
    remedies: tuple[str, ...]
    healthy: Health

    def to_json(self) -> dict[str, Any]:
        """The record as plain values; times in ISO form."""
        plain = asdict(self)
        return plain | {
            "start": self.start.isoformat(),
            "end": self.end.isoformat() if self.end else None,
        }

    @classmethod
    def from_json(cls, plain: dict[str, Any]) -> "Truth":
        """The record that ``to_json`` wrote."""
        return cls(
            **plain
            | {
                "start": datetime.fromisoformat(plain["start"]),
                "end": datetime.fromisoformat(plain["end"]) if plain["end"] else None,
                "affected": tuple(Reach(**reach) for reach in plain["affected"]),
                "remedies": tuple(plain["remedies"]),
                "healthy": Health(**plain["healthy"]),
            }
        )


def truth(incident: Incident) -> Truth:
    """Write down what is true about an incident.

    Args:
        incident: What strikes; the twin, at severity 0, reaches nobody.

    Returns:
        Its record.
    """
    fault = incident.fault
    return Truth(
        incident.incident_id,
        fault.kind,
        fault.family,
        fault.title,
        incident.target,
        fault.shows,
        incident.start,
        incident.end,
        incident.severity,
        affected(incident) if incident.severity > 0 else (),
        fault.remedies,
        fault.healthy,
    )


def affected(incident: Incident) -> tuple[Reach, ...]:
    """Derive from the topology whom an incident reaches.

    Trouble at a node climbs to everyone who waits for its answer, a minute later at most for
    each call, and its host has more to do or less; trouble at a host reaches what runs there
    first; what only changes telemetry, alerts or data reaches nobody else.

    Args:
        incident: What strikes.

    Returns:
        The root first, then the others by how soon and by name.
    """
    soonest = {incident.target: min(effect.delay_minutes for effect in incident.fault.effects)}
    for effect in incident.fault.effects:
        if effect.knob in SEEN_ONLY:
            continue
        for name, hops in _climb(_first(effect.knob, incident.target)).items():
            when = effect.delay_minutes + hops
            soonest[name] = min(when, soonest.get(name, when))
    order = sorted(soonest, key=lambda name: (name != incident.target, soonest[name], name))
    return tuple(Reach(name, soonest[name]) for name in order)


def _first(knob: str, target: str) -> dict[str, int]:
    """Who feels a knob at once, or a minute later where it is a neighbour or a host."""
    scope = KNOBS[knob].scope
    if scope == "host" or target in HOST_NAMES:
        host = HOST_OF.get(target, target)
        return {host: 0} | {name: 1 for name, its in HOST_OF.items() if its == host}
    struck = FELT_AT.get(knob, ()) if scope == "shop" else (target,)
    return {HOST_OF[name]: 1 for name in struck} | dict.fromkeys(struck, 0)


def _climb(first: dict[str, int]) -> dict[str, int]:
    """Add who waits for them, who waits for those, and so on."""
    hops, waiting = dict(first), deque(sorted(first, key=lambda name: first[name]))
    while waiting:
        callee = waiting.popleft()
        for caller in _callers(callee):
            if hops[callee] + 1 < hops.get(caller, len(NODES) + 1):
                hops[caller] = hops[callee] + 1
                waiting.append(caller)
    return hops


def _callers(callee: str) -> Iterable[str]:
    return (call.caller for call in CALLS if call.callee == callee and call.kind == "sync")
