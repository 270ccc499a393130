"""What drives a live world: the clock, the audit log and the sealed truth beside it."""

import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

from lab.core.errors import Unavailable
from lab.core.workspace import Workspace
from lab.flows.audit import record
from lab.flows.world_truth import seal
from lab.world.faults.fault import Incident
from lab.world.live.cures import Order
from lab.world.live.pace import Pace
from lab.world.live.shop import MINUTE, LiveShop
from lab.world.shop.topology import NODES

LOG = logging.getLogger("lab.live")
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
        one_by_one: Held while one order is carried out and written down.
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
        # First what waits for the shop, so that the clock is not read too early.
        minute, lived = self.shop.minutes(1)[-1].time, self.shop.next + MINUTE
        now = self.now()
        # A machine that cannot keep up lags behind the pace; its time is what has been lived.
        return {
            "world": self.world_id,
            "seed": self.shop.seed,
            "time": min(self.pace.at(now), lived).isoformat(),
            "minute": minute.isoformat(),
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
        with self._on_record("inject", "an incident"):
            return _plain(self.shop.inject(kind, target, severity, minutes))

    def recover(self, incident_id: str) -> Mapping[str, Any]:
        """End an incident; see ``LiveShop.recover``."""
        with self._on_record("recover", "an incident"):
            return _plain(self.shop.recover(incident_id))

    def operate(self, order: Order, target: str, amount: float | None) -> Mapping[str, Any]:
        """Do what an operator can do; whether it helped shows in the signals alone."""
        with self._on_record(order, target, amount=amount):
            self.shop.operate(order, target, amount)
            return {"order": order, "target": target, "amount": amount,
                    "from": self.shop.next.isoformat()}  # fmt: skip

    def set_speed(self, speed: float) -> Mapping[str, Any]:
        """Run faster or slower from now on."""
        with self._on_record("set_speed", "the world", speed=speed):
            self.pace = self.pace.changed(self.now(), speed)
            return self.about()

    @contextmanager
    def _on_record(self, verb: str, what: str, **detail: object) -> Iterator[None]:
        """Write down what is asked before it is done, and afterwards that it was done.

        What cannot be written down is not done. An order whose second line failed has been
        carried out, and whoever gave it is told so. The kind of a fault stays sealed.
        """
        with self.one_by_one:
            circumstances = {"world": self.world_id, **detail}
            record(self.ws, "asked", f"{verb} {what}", circumstances)
            yield
            try:
                seal(self.ws, self.world_id, reversed(self.shop.incidents))
                record(self.ws, verb, what, circumstances)
            except Exception as error:
                LOG.exception("%s %s was done and could not be written down", verb, what)
                raise Unavailable(
                    "It was done, but it could not be written down.",
                    "Do not repeat it; the log of the world says why.",
                ) from error


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
