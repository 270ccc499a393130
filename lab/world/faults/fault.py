"""What a fault is: the knobs it turns, where it may strike, and what puts it right."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Family = Literal[
    "service", "platform", "change", "telemetry", "alerts", "data", "model", "security", "load"
]
Shape = Literal["step", "ramp", "pulse", "flap", "daily"]


@dataclass(frozen=True)
class Effect:
    """How a fault turns one knob while it lasts.

    Attributes:
        knob: A name in ``lab.world.shop.knobs.KNOBS``.
        amount: What the knob is turned to at severity 1; at severity 0 it stays neutral.
        shape: ``step`` holds it, ``ramp`` grows it until the end, ``pulse`` turns it for the
            first minute only, ``flap`` turns it every other three minutes,
            ``daily`` turns it most at noon and not at all at midnight.
        where: ``root`` for the target, ``host`` for the host of the target, a name for another.
        delay_minutes: How long after the start it begins.
    """

    knob: str
    amount: float
    shape: Shape = "step"
    where: str = "root"
    delay_minutes: int = 0


@dataclass(frozen=True)
class Health:
    """When the shop is healthy again, as a sentence a machine can check.

    Attributes:
        metric: A Prometheus metric or a pattern of several, or a table or a column of one as
            ``table.column``.
        of: What is made of it: of a metric a name in ``lab.world.faults.health.READINGS``, of a
            table a word for people.
        below: The value must be under this, if given.
        above: The value must be over this, if given.
        minutes: For how long on end.
    """

    metric: str
    of: str
    below: float | None = None
    above: float | None = None
    minutes: int = 5


@dataclass(frozen=True)
class Fault:
    """A kind of fault.

    Attributes:
        kind: Its name.
        family: What sort of trouble it is.
        title: A few words for people.
        note: One sentence on what happens.
        targets: Nodes, hosts or tables it can strike; the first is the usual one.
        minutes: Shortest and longest duration.
        effects: The knobs it turns.
        shows: The metric or column that shows it most.
        remedies: Controls that put it right: ``restart``, ``scale``, ``roll_back``,
            ``fail_over``, ``clean_disk``, ``rotate_key``, ``silence``, ``quarantine``,
            ``retrain``, ``wait`` or ``shed_load``.
        healthy: When it is over.
        change: Kind of the change record it leaves at its start (``deploy``, ``config``), if any.
        starts: Whether what that change brings ever runs.
    """

    kind: str
    family: Family
    title: str
    note: str
    targets: tuple[str, ...]
    minutes: tuple[int, int]
    effects: tuple[Effect, ...]
    shows: str
    remedies: tuple[str, ...]
    healthy: Health
    change: str = ""
    starts: bool = True


@dataclass(frozen=True)
class Incident:
    """One fault that strikes one place for a while.

    Attributes:
        incident_id: Its id.
        fault: What strikes.
        target: One of the fault's targets.
        start: First moment, UTC.
        end: First moment after; None while it lasts.
        severity: How hard, 0 (the twin: nothing happens) to 1.
        seed: What draws its details.
    """

    incident_id: str
    fault: Fault
    target: str
    start: datetime
    end: datetime | None
    severity: float
    seed: int
