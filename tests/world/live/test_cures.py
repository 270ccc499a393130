"""What an operator's orders do, and which incidents they end."""

from datetime import UTC, datetime

import pytest

from lab.world.faults.catalogue import FAULTS
from lab.world.faults.incident import strike
from lab.world.live.cures import ORDERS, SHOP, TARGETS, Orders, cures
from lab.world.shop.controls import Controls

START = datetime(2026, 3, 2, 9, tzinfo=UTC)


def ends(order, target, kind, at="", amount=None):
    return cures(order, target, amount, strike(kind, at, start=START))


def test_every_order_has_targets_and_ends_something_but_for_the_rush_of_customers():
    assert set(TARGETS) == set(ORDERS)
    for order in set(ORDERS) - {"set_traffic"}:
        struck = [(kind, at) for kind, fault in FAULTS.items() for at in fault.targets]
        assert any(ends(order, target, kind, at, 20 if order == "scale" else None)
                   for target in TARGETS[order] for kind, at in struck)  # fmt: skip


@pytest.mark.parametrize(
    ("order", "target", "kind", "at", "right"),
    [
        ("restart", "catalogue", "latency", "catalogue", True),
        ("restart", "cart", "latency", "catalogue", False),
        ("clean_disk", "host-b", "latency", "catalogue", False),
        ("fail_over", "host-c", "packet_loss", "payment", True),
        ("rotate_key", "payment", "auth_revoked", "payment", True),
        ("rotate_key", "cart", "auth_revoked", "payment", False),
        ("silence", SHOP, "alert_storm", "", True),
        ("silence", SHOP, "latency", "", False),
        ("restart", "web", "cpu_hog", "host-a", True),
    ],
)
def test_the_right_order_at_the_right_place_ends_it(order, target, kind, at, right):
    assert ends(order, target, kind, at) == right


@pytest.mark.parametrize(
    ("kind", "replicas", "right"),
    [("scaled_to_zero", 1, False), ("scaled_to_zero", 2, True), ("gc_pauses", 2, False),
     ("gc_pauses", 3, True)],
)  # fmt: skip
def test_only_enough_replicas_end_anything(kind, replicas, right):
    assert ends("scale", "cart", kind, "cart", replicas) == right


def test_nothing_the_operator_does_sends_customers_away_for_good():
    assert not ends("scale", "edge", "flood", "edge", 20)
    assert not ends("set_traffic", SHOP, "flood", "edge", 0.1)


def test_what_holds_stays_and_what_is_done_once_does_not():
    orders = Orders().given("scale", "web", 5).given("set_traffic", SHOP, 0.5)
    orders = orders.given("fail_over", "host-a", None).given("rotate_key", "cart", None)
    assert orders.next == Controls(
        {"web": 5}, 0.5, restart=("edge", "web"), roll_back=("cart",), clean_disk=()
    )
    assert orders.carried_out().next == Controls({"web": 5}, 0.5)
