"""What an operator can do to the shop, and which incidents that puts right."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, get_args

from lab.core.errors import BadInput, unknown
from lab.world.faults.fault import Incident
from lab.world.shop.controls import Controls
from lab.world.shop.topology import HOST_NAMES, HOST_OF, NODE_NAMES, NODES

Order = Literal[
    "restart", "scale", "roll_back", "clean_disk", "set_traffic", "fail_over", "rotate_key",
    "silence",
]  # fmt: skip
ORDERS: tuple[Order, ...] = get_args(Order)
SHOP = "shop"
TARGETS: dict[Order, tuple[str, ...]] = dict.fromkeys(ORDERS, NODE_NAMES) | {
    "clean_disk": HOST_NAMES,
    "set_traffic": (SHOP,),
    "fail_over": (*NODE_NAMES, *HOST_NAMES),
    "silence": (SHOP, *NODE_NAMES, *HOST_NAMES),
}
# A standby takes over within a minute, as after a restart; a new key is read at the start.
AWAY: tuple[Order, ...] = ("restart", "fail_over")
REPLACED: tuple[Order, ...] = ("roll_back", "rotate_key")
DECLARED = {node.name: node.replicas for node in NODES}
MOST_REPLICAS = 20
MOST_TRAFFIC = 10.0


@dataclass(frozen=True)
class Operated:
    """Something the operator did.

    Args:
        time: First minute it holds in, UTC.
        order: What was done.
        target: To what.
        amount: Replicas or a factor, where the order takes one.
    """

    time: datetime
    order: Order
    target: str
    amount: float | None


@dataclass(frozen=True)
class Orders:
    """What the operator wants at this moment.

    Args:
        lasting: Replicas and demand, which hold until they are changed.
        once: What is done at the start of the next minute.
    """

    lasting: Controls = Controls()
    once: Controls = Controls()

    @property
    def next(self) -> Controls:
        """Controls of the next stretch."""
        return replace(self.once, replicas=self.lasting.replicas, demand=self.lasting.demand)

    def carried_out(self) -> "Orders":
        """The orders after a stretch: what is done once is done."""
        return replace(self, once=Controls())

    def given(self, order: Order, target: str, amount: float | None) -> "Orders":
        """The orders with one more.

        Args:
            order: What to do; ``silence`` changes nothing in the shop.
            target: One of ``TARGETS``.
            amount: Replicas for ``scale``, a factor for ``set_traffic``; else None.

        Raises:
            NotFound: There is no such target.
            BadInput: The amount is absent, out of range, or asked of an order that takes none.
        """
        _check(order, target, amount)
        lasting, once = self.lasting, self.once
        nodes = [name for name in NODE_NAMES if target in (name, HOST_OF[name])]
        if order == "scale":
            replicas = {**lasting.replicas, target: int(amount or 0)}
            return replace(self, lasting=replace(lasting, replicas=replicas))
        if order == "set_traffic":
            return replace(self, lasting=replace(lasting, demand=float(amount or 0)))
        if order in AWAY:
            return replace(self, once=replace(once, restart=_with(once.restart, nodes)))
        if order in REPLACED:
            return replace(self, once=replace(once, roll_back=_with(once.roll_back, nodes)))
        if order == "clean_disk":
            return replace(self, once=replace(once, clean_disk=_with(once.clean_disk, [target])))
        return self


def cures(order: Order, target: str, amount: float | None, incident: Incident) -> bool:
    """Whether an order ends an incident.

    What more replicas or fewer customers do, they do by themselves: neither ends a rush. Fewer
    replicas end nothing, and as many as there should be only what took some away.

    Args:
        order: What the operator does.
        target: To what.
        amount: As for ``Orders.given``.
        incident: What goes on.
    """
    fault = incident.fault
    if order not in fault.remedies or fault.family == "load":
        return False
    if order == "scale":
        took = any(effect.knob == "replicas" for effect in fault.effects)
        if (amount or 0) < DECLARED[target] + (not took):
            return False
    near = {target, HOST_OF.get(target, target)}
    at_it = incident.target in near or HOST_OF.get(incident.target) == target
    return at_it or target == SHOP


def _with(names: tuple[str, ...], more: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*names, *more)))


def _check(order: Order, target: str, amount: float | None) -> None:
    if target not in TARGETS[order]:
        raise unknown(f"target of {order}", target, TARGETS[order])
    if order == "scale":
        fits = amount is not None and 0 <= amount <= MOST_REPLICAS and float(amount).is_integer()
        asks = f"0 to {MOST_REPLICAS} replicas"
    elif order == "set_traffic":
        fits = amount is not None and 0 < amount <= MOST_TRAFFIC
        asks = f"a factor up to {MOST_TRAFFIC:g}"
    else:
        fits, asks = amount is None, "no amount"
    if not fits:
        raise BadInput(f"{order} takes {asks}, got {amount}.", "Correct the amount.")
