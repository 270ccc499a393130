"""What drives a live world: the clock, the audit log and the sealed truth beside it."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

from lab.core.workspace import Workspace
from lab.flows.audit import record
from lab.flows.world_truth import seal
from lab.world.faults.fault import Incident
from lab.world.live.cures import Order
from lab.world.live.pace import Pace
from lab.world.live.shop import MINUTE, LiveShop
from lab.world.shop.topology import NODES

NEWEST = 30


def present() -> datetime:
    """The wall clock, UTC."""
    return datetime.now(UTC)


@dataclass
class Runner:
    """A live world and what drives it; every method may be called from any thread.

    Args:
        ws: The workspace, which keeps audit log and truth.
        shop: The world.
        pace: How its time runs.
        world_id: Its name, which no other world of the workspace has.
        port: Where it answers.
        now: The wall clock.
        stopping: Set when the world stops.
        one_by_one: Held while what was done is written down.
    """

    ws: Workspace
    shop: LiveShop
    pace: Pace
    world_id: str
    port: int
    now: Callable[[], datetime] = present
    stopping: threading.Event = field(default_factory=threading.Event)
    one_by_one: threading.Lock = field(default_factory=threading.Lock)

    def tick(self) -> int:
        """Live on until the present of the world; returns how many minutes that were."""
        return self.shop.advance(self.pace.at(self.now()))

    def about(self) -> dict[str, Any]:
        """Which world it is, and where its time stands."""
        now = self.now()
        # A machine that cannot keep up lags behind the pace; its time is what has been lived.
        lived = self.shop.next + MINUTE
        return {
            "world": self.world_id,
            "seed": self.shop.seed,
            "time": min(self.pace.at(now), lived).isoformat(),
            "minute": self.shop.minutes(1)[-1].time.isoformat(),
            "speed": self.pace.speed,
            "caught_up": self.pace.caught_up(now),
            "streams": self.shop.streams,
        }

    def state(self) -> dict[str, Any]:
        """The newest minute as a learner may see it: symptoms, never the truth."""
        minute = self.shop.minutes(1)[-1]
        fixed = {node.name: {"kind": node.kind, "host": node.host} for node in NODES}
        return {
            **self.about(),
            "nodes": [{**asdict(one), **fixed[one.name]} for one in minute.nodes],
            "edges": [asdict(one) for one in minute.edges],
            "hosts": [asdict(one) for one in minute.hosts],
            "alerts": self.shop.newest("alerts", NEWEST),
            "changes": self.shop.newest("changes", NEWEST),
            "operated": [asdict(one) for one in self.shop.operated[:NEWEST]],
        }

    def truth(self) -> list[dict[str, Any]]:
        """What struck, newest first: for the instructor."""
        running = {one.incident_id for one in self.shop.running}
        return [
            {**_plain(one), "running": one.incident_id in running} for one in self.shop.incidents
        ]

    def inject(
        self, kind: str, target: str, severity: float, minutes: int | None
    ) -> Mapping[str, Any]:
        """Let a fault strike; see ``LiveShop.inject``."""
        incident = self.shop.inject(kind, target, severity, minutes)
        self._remember("injected", "an incident")
        return _plain(incident)

    def recover(self, incident_id: str) -> Mapping[str, Any]:
        """End an incident; see ``LiveShop.recover``."""
        incident = self.shop.recover(incident_id)
        self._remember("recovered", "an incident")
        return _plain(incident)

    def operate(self, order: Order, target: str, amount: float | None) -> Mapping[str, Any]:
        """Do what an operator can do; whether it helped shows in the signals alone."""
        self.shop.operate(order, target, amount)
        self._remember(order, target, amount=amount)
        return {"order": order, "target": target, "amount": amount,
                "from": self.shop.next.isoformat()}  # fmt: skip

    def set_speed(self, speed: float) -> Mapping[str, Any]:
        """Run faster or slower from now on."""
        self.pace = self.pace.changed(self.now(), speed)
        self._remember("set_speed", "the world", speed=speed)
        return self.about()

    def _remember(self, verb: str, what: str, **detail: object) -> None:
        """Seal the truth as it is now, and say in the open that something was done."""
        with self.one_by_one:
            seal(self.ws, self.world_id, reversed(self.shop.incidents))
            record(self.ws, verb, what, {"world": self.world_id, **detail})


def _plain(incident: Incident) -> dict[str, Any]:
    return {
        "incident_id": incident.incident_id,
        "kind": incident.fault.kind,
        "title": incident.fault.title,
        "target": incident.target,
        "severity": incident.severity,
        "start": incident.start.isoformat(),
        "end": incident.end.isoformat() if incident.end else None,
        "remedies": list(incident.fault.remedies),
    }
