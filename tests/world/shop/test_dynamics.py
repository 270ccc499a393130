"""What each kind of trouble does: it shows where it should, and passes when it is over."""

import numpy as np
import pytest

from lab.world.faults.fault import Incident
from lab.world.shop.controls import Controls
from lab.world.shop.simulate import Shop, simulate
from lab.world.shop.topology import HOST_NAMES, HOSTS, NODE_NAMES
from lab.world.signals import Array
from tests.world.shop.strikes import BEGINS, LASTS, MINUTES, START, at, healthy, same, turned

SEED = 4
WITHIN = slice(BEGINS + 5, BEGINS + LASTS)


def column(values: Array, name: str) -> Array:
    names = NODE_NAMES if name in NODE_NAMES else HOST_NAMES
    return np.asarray(values[:, names.index(name)])


def struck(*incidents: Incident) -> tuple[object, object]:
    return simulate(SEED, START, MINUTES, incidents).flows, healthy(SEED).flows


@pytest.mark.parametrize("knob", ["latency_seconds", "slowdown", "delay_seconds"])
def test_latency_grows_with_its_causes(knob: str) -> None:
    means = []
    for amount in (0.0, 0.3, 0.6, 1.2):
        value = amount + (knob == "slowdown")
        flows = simulate(SEED, START, MINUTES, [turned(knob, value, "cart")]).flows
        means.append([column(flows.latency_seconds, name)[WITHIN].mean()
                      for name in ("cart", "web", "edge")])  # fmt: skip
    assert (np.diff(np.array(means), axis=0) > 0).all()


def test_more_customers_wait_longer_and_none_wait_for_ever() -> None:
    waits = []
    for factor in (1.0, 2.0, 3.0, 5.0, 12.0):
        flows = simulate(SEED, START, MINUTES, [turned("demand", factor, "edge")]).flows
        waits.append(column(flows.latency_seconds, "edge")[WITHIN].mean())
        assert flows.latency_seconds.max() <= 10.0
    assert (np.diff(waits) > 0).all()


def test_retries_are_load() -> None:
    flows, calm = struck(turned("error_rate", 0.5, "payment"))
    more = column(flows.arrivals, "payment")[WITHIN] / column(calm.arrivals, "payment")[WITHIN]
    assert more.mean() == pytest.approx(1.5, abs=0.05)
    lasting = flows.checkouts[WITHIN].sum() - flows.orders[WITHIN].sum()
    assert lasting / flows.checkouts[WITHIN].sum() == pytest.approx(0.25, abs=0.03)


def test_a_leak_grows_until_the_host_kills_it() -> None:
    flows, calm = struck(turned("leak_bytes", 300e6, "web", 90))
    memory, restarts = column(flows.memory_bytes, "web"), column(flows.restarts, "web")
    killed = np.flatnonzero(restarts)
    assert len(killed) >= 1
    first = int(killed[0])
    assert (np.diff(memory[BEGINS:first]) > 0).all()
    assert column(flows.host_swap_bytes, "host-a")[first - 1] > 0
    slow = column(flows.latency_seconds, "web")[first - 1]
    assert slow > 2 * column(calm.latency_seconds, "web")[first - 1]
    assert column(flows.served, "web")[first] == 0
    assert memory[-1] == column(calm.memory_bytes, "web")[-1]


def test_a_full_disk_fails_writes_and_is_empty_when_it_is_over() -> None:
    flows, calm = struck(turned("disk_bytes", 5e9, "host-d"))
    full = column(flows.host_disk_bytes, "host-d") >= 0.995 * HOSTS[3].disk_bytes
    assert full[BEGINS : BEGINS + LASTS].any()
    assert not full[BEGINS + LASTS :].any()
    failing = column(flows.failed_here, "database") / column(flows.arrivals, "database")
    assert failing[full].min() > 0.4
    assert failing[~full].max() < 0.05
    left = flows.host_disk_bytes[-1] - calm.host_disk_bytes[-1]
    assert (abs(left) < 2e9).all()


def test_a_disk_can_be_cleaned() -> None:
    shop, fault = Shop(SEED, START), turned("disk_bytes", 1e9, "host-b")
    before = shop.advance(100, [fault]).flows.host_disk_bytes[-1, 1]
    after = shop.advance(1, [fault], Controls(clean_disk=("host-b",))).flows.host_disk_bytes[0, 1]
    assert before - after > 30e9


def test_logs_are_cleared_at_midnight() -> None:
    flows = simulate(SEED, "2026-03-02T22:00Z", 240).flows
    assert (flows.host_disk_bytes[119] > flows.host_disk_bytes[120]).all()
    assert (np.diff(flows.host_disk_bytes[:120], axis=0) >= 0).all()


def test_the_queue_lags_and_is_drained() -> None:
    flows, calm = struck(turned("consumers", 0.0, "queue", 30))
    stops = BEGINS + 30
    assert (np.diff(flows.queue_depth[BEGINS:stops]) > 0).all()
    assert flows.queue_depth[stops - 1] == column(flows.served, "queue")[BEGINS:stops].sum()
    assert flows.queue_age_seconds[stops - 1] == 30 * 60
    assert flows.queue_depth[-1] == calm.queue_depth[-1]
    # Nobody waits for the queue.
    np.testing.assert_array_equal(flows.failed[:, :7], calm.failed[:, :7])


def test_a_cold_cache_loads_the_database_until_it_is_warm() -> None:
    shop = Shop(SEED, START)
    shop.advance(100)
    flows = shop.advance(60, (), Controls(restart=("cache",))).flows
    load = column(flows.arrivals, "database") / column(flows.arrivals, "web")
    assert load[1] > 2 * load[-1]
    hits = flows.cache_hits / np.maximum(flows.cache_hits + flows.cache_misses, 1)
    assert hits[1] < 0.3
    assert hits[-1] > 0.88
    smooth = np.convolve(hits[1:], np.ones(5) / 5, "valid")
    assert (np.diff(smooth[:20]) > 0).all()


def test_a_slow_database_fills_its_pool() -> None:
    flows, calm = struck(turned("slowdown", 8.0, "database"))
    assert flows.pool_in_use[WITHIN].mean() > 5 * calm.pool_in_use[WITHIN].mean()
    assert flows.pool_in_use.max() <= 8


def test_a_hog_slows_its_host_and_whoever_waits_for_it() -> None:
    flows, calm = struck(turned("cpu_taken", 0.8, "host-c"))
    slower = flows.latency_seconds[WITHIN].mean(axis=0) / calm.latency_seconds[WITHIN].mean(axis=0)
    found = dict(zip(NODE_NAMES, slower, strict=True))
    assert min(found["payment"], found["recommendation"], found["cache"]) > 1.5
    assert found["edge"] > 1.05
    assert 0.98 < found["database"] < 1.02


def test_pauses_and_losses_take_time() -> None:
    for incident in (turned("pause_seconds", 20.0, "payment"), turned("loss", 0.3, "payment")):
        flows, calm = struck(incident)
        slow, usual = (column(f.latency_seconds, "payment")[WITHIN].mean() for f in (flows, calm))
        assert slow > usual + 0.3
        assert column(flows.failed_here, "payment")[WITHIN].sum() > 20


@pytest.mark.parametrize(
    "knob", ["scrape", "clock_skew_seconds", "log_format", "leaked_key", "digest_differs"]
)
def test_telemetry_is_not_the_shop(knob: str) -> None:
    amount = 0.0 if knob == "scrape" else 1.0
    assert same(simulate(SEED, START, MINUTES, [turned(knob, amount, "web")]), healthy(SEED)) == []


def test_replicas_come_back_by_a_restart() -> None:
    flows, _ = struck(at("scaled_to_zero", "cart", 1.0, 30))
    replicas, restarts = column(flows.replicas, "cart"), column(flows.restarts, "cart")
    assert replicas[BEGINS : BEGINS + 30].max() == 0
    assert column(flows.served, "cart")[BEGINS : BEGINS + 30].max() == 0
    assert restarts[BEGINS + 30] == 2
    assert restarts.sum() == 2
