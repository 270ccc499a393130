"""What an operator can do to the shop, and which incidents that puts right."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, get_args

from lab.core.errors import BadInput, unknown
from lab.world.faults.fault import Incident
from lab.world.shop.controls import Controls
from lab.world.shop.topology import HOST_NAMES, HOST_OF, NODE_NAMES

Order = Literal[
    "restart", "scale", "roll_back", "clean_disk", "set_traffic", "fail_over", "rotate_key",
    "silence", "quarantine", "retrain",
]  # fmt: skip
ORDERS: tuple[Order, ...] = get_args(Order)
SHOP = "shop"
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
            order: What to do; those that change no resource only cure.
            target: A node, a host for ``clean_disk``, the shop for ``set_traffic``.
            amount: Replicas for ``scale``, a factor for ``set_traffic``; else None.

        Raises:
            NotFound: There is no such target.
            BadInput: The amount is absent, out of range, or asked of an order that takes none.
        """
        _check(order, target, amount)
        lasting, once = self.lasting, self.once
        if order == "scale":
            replicas = {**lasting.replicas, target: int(amount or 0)}
            return replace(self, lasting=replace(lasting, replicas=replicas))
        if order == "set_traffic":
            return replace(self, lasting=replace(lasting, demand=float(amount or 0)))
        if order == "restart":
            return replace(self, once=replace(once, restart=_with(once.restart, target)))
        if order == "roll_back":
            return replace(self, once=replace(once, roll_back=_with(once.roll_back, target)))
        if order == "clean_disk":
            return replace(self, once=replace(once, clean_disk=_with(once.clean_disk, target)))
        return self


def order_targets(order: Order) -> tuple[str, ...]:
    """What an order can be given to."""
    if order == "set_traffic":
        return (SHOP,)
    if order == "clean_disk":
        return HOST_NAMES
    if order in ("restart", "scale", "roll_back"):
        return NODE_NAMES
    return (*NODE_NAMES, *HOST_NAMES, SHOP)


def cures(order: Order, target: str, amount: float | None, incident: Incident) -> bool:
    """Whether an order puts an incident right.

    Args:
        order: What the operator does.
        target: To what.
        amount: As for ``Orders.given``.
        incident: What goes on.
    """
    if order == "set_traffic":
        return amount is not None and amount < 1 and "shed_load" in incident.fault.remedies
    near = {target, HOST_OF.get(target, target)}
    at_it = incident.target in near or HOST_OF.get(incident.target) == target
    return order in incident.fault.remedies and (at_it or target == SHOP)


def _with(names: tuple[str, ...], name: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*names, name)))


def _check(order: Order, target: str, amount: float | None) -> None:
    known = order_targets(order)
    if target not in known:
        raise unknown(f"target of {order}", target, known)
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
