"""Laws that hold in every world, whatever strikes."""

from dataclasses import fields, replace
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.core.errors import BadInput
from lab.world.faults.fault import Incident
from lab.world.shop.controls import Controls
from lab.world.shop.simulate import Shop, simulate
from lab.world.shop.topology import CALLS, NODE_NAMES
from tests.world.shop.strikes import BEGINS, LASTS, MINUTES, START, at, cases, healthy, same, share

CHUNKS = st.lists(st.integers(1, 60), min_size=3, max_size=6)


@given(cases)
@settings(max_examples=30)
def test_books_balance(case: tuple[int, Incident]) -> None:
    flows = simulate(case[0], START, MINUTES, [case[1]]).flows
    for field in fields(flows):
        values = getattr(flows, field.name)
        assert np.isfinite(values).all(), field.name
        assert (values >= 0).all(), field.name
    np.testing.assert_array_equal(flows.arrivals, flows.served + flows.failed)
    assert (flows.refused <= flows.failed_here).all()
    assert (flows.failed_here <= flows.failed).all()
    assert (flows.orders <= flows.checkouts).all()
    assert (flows.checkouts <= flows.arrivals[:, 0]).all()
    assert (flows.utilisation <= 1).all()
    assert (flows.own_seconds <= flows.latency_seconds).all()
    for place, name in enumerate(NODE_NAMES[1:], 1):
        into = [e for e, call in enumerate(CALLS) if call.callee == name]
        np.testing.assert_array_equal(flows.arrivals[:, place], flows.calls[:, into].sum(axis=1))
        np.testing.assert_array_equal(
            flows.failed[:, place], flows.call_failures[:, into].sum(axis=1)
        )
    assert (flows.call_failures <= flows.calls).all()
    cache = NODE_NAMES.index("cache")
    np.testing.assert_array_equal(flows.cache_hits + flows.cache_misses, flows.served[:, cache])


@given(cases)
@settings(max_examples=20)
def test_little(case: tuple[int, Incident]) -> None:
    flows = simulate(case[0], START, MINUTES, [case[1]]).flows
    np.testing.assert_array_equal(flows.in_flight, flows.arrivals / 60 * flows.latency_seconds)


@given(cases)
@settings(max_examples=20)
def test_twin_is_the_healthy_world(case: tuple[int, Incident]) -> None:
    seed, incident = case
    twin = simulate(seed, START, MINUTES, [replace(incident, severity=0.0)])
    assert same(twin, healthy(seed)) == []


@given(cases)
@settings(max_examples=20)
def test_nothing_happens_before_its_cause(case: tuple[int, Incident]) -> None:
    run = simulate(case[0], START, MINUTES, [case[1]])
    for field in fields(run.flows):
        before, calm = (getattr(r.flows, field.name)[:BEGINS] for r in (run, healthy(case[0])))
        assert before.tobytes() == calm.tobytes(), field.name


@given(cases, CHUNKS)
@settings(max_examples=8)
def test_parts_make_the_whole(case: tuple[int, Incident], chunks: list[int]) -> None:
    seed, incident = case
    whole = simulate(seed, START, sum(chunks), [incident])
    shop = Shop(seed, START)
    parts = [shop.advance(minutes, [incident]) for minutes in chunks]
    for field in fields(whole.flows):
        joined = np.concatenate([getattr(part.flows, field.name) for part in parts])
        assert joined.tobytes() == getattr(whole.flows, field.name).tobytes(), field.name
    assert parts[-1].first_minute == sum(chunks[:-1])
    assert parts[-1].times[-1] == whole.times[-1]


@pytest.mark.parametrize("target", NODE_NAMES)
@pytest.mark.parametrize("knob", ["error_rate", "reachable", "refused"])
def test_errors_climb_from_callee_to_caller_and_never_down(target: str, knob: str) -> None:
    from tests.world.shop.strikes import turned

    amount = 0.0 if knob == "reachable" else 0.6
    flows = simulate(5, START, MINUTES, [turned(knob, amount, target)]).flows
    place = NODE_NAMES.index(target)
    assert share(flows.failed_here[:, place], flows.arrivals[:, place]).min() > 0.3
    waiting = {target}
    while more := {c.caller for c in CALLS if c.callee in waiting and c.kind == "sync"} - waiting:
        waiting |= more
    for other, name in enumerate(NODE_NAMES):
        here = share(flows.failed_here[:, other], flows.arrivals[:, other])
        failed = share(flows.failed[:, other], flows.arrivals[:, other])
        if name != target:
            assert np.median(here) < 0.005, (name, "is no cause")
        if name not in waiting:
            assert np.median(failed) < 0.005, (name, "does not wait for", target)
    direct = {c.caller for c in CALLS if c.callee == target and c.kind == "sync"}
    for name in direct:
        caller = NODE_NAMES.index(name)
        assert share(flows.failed[:, caller], flows.arrivals[:, caller]).mean() > 0.02, name


def test_a_healthy_week_is_plausible() -> None:
    flows = simulate(7, "2026-03-02T00:00Z", 7 * 1440).flows
    edge = flows.arrivals[:, 0] / 60
    assert 10 < edge.min() < 30 < 90 < edge.max() < 200
    assert 0.05 < flows.latency_seconds[:, 0].min() < flows.latency_seconds[:, 0].max() < 0.2
    assert (flows.failed.sum(axis=0) / flows.arrivals.sum(axis=0)).max() < 0.005
    assert 0.2 < np.quantile(flows.utilisation[:, 0], 0.9) < 0.7
    assert 0.2 < np.quantile(flows.host_cpu[:, 0], 0.9) < 0.7
    assert flows.host_swap_bytes.max() == 0
    assert flows.restarts.sum() == 0


def test_orders_of_an_operator() -> None:
    shop = Shop(3, START)
    leak = at("memory_leak", "recommendation", 1.0, 120)
    shop.advance(150, [leak])
    place = NODE_NAMES.index("recommendation")
    restarted = shop.advance(5, [leak], Controls(restart=("recommendation",)))
    assert restarted.flows.restarts[:, place].tolist() == [2, 0, 0, 0, 0]
    assert restarted.flows.replicas[:, place].tolist() == [0, 2, 2, 2, 2]
    assert restarted.flows.served[0, place] == 0
    assert restarted.flows.served[1, place] > 0
    assert restarted.flows.memory_bytes[1, place] < 3 * 1024**3
    scaled = shop.advance(5, [leak], Controls(replicas={"recommendation": 4}, demand=0.5))
    assert (scaled.flows.replicas[:, place] == 4).all()
    assert scaled.flows.arrivals[:, 0].mean() < 0.6 * restarted.flows.arrivals[:, 0].mean()
    rolled = shop.advance(1, [leak], Controls(roll_back=("payment",)))
    assert rolled.flows.restarts[0, NODE_NAMES.index("payment")] == 2
    assert rolled.flows.replicas[0, NODE_NAMES.index("payment")] == 2


def test_refusals() -> None:
    with pytest.raises(BadInput, match="time zone"):
        simulate(1, "2026-03-02", 1)
    with pytest.raises(BadInput, match="not a time"):
        simulate(1, "soon", 1)
    with pytest.raises(BadInput, match="Seed"):
        simulate(-1, START, 1)
    with pytest.raises(BadInput, match="Minutes"):
        simulate(1, START, 0)


def test_incidents_of_other_times_do_nothing() -> None:
    later = replace(at("flood"), start=START + timedelta(days=9), end=START + timedelta(days=10))
    assert same(simulate(2, START, MINUTES, [later]), healthy(2)) == []
    assert LASTS < MINUTES
