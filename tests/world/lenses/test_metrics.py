"""The metrics lens: it shows what happened, what telemetry lets through, and adds up."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings

from lab.core.schemas import series_id
from lab.world.faults.fault import Incident
from lab.world.lenses.metrics import Series, Totals, series
from lab.world.shop.simulate import Shop, simulate
from lab.world.shop.topology import HOSTS, NODE_NAMES
from tests.world.lenses.shown import deploys, of, seen
from tests.world.shop.strikes import BEGINS, LASTS, MINUTES, START, at, cases, healthy, turned

SEED = 6  # nothing harmless is released in its first hours
WITHIN = slice(BEGINS, BEGINS + LASTS)
DURATION = "http_request_duration_seconds"


def wide(listed: list[Series]) -> pd.DataFrame:
    """A column for each series with any sample."""
    columns = {series_id(one.metric, one.labels): one.values for one in listed}
    return pd.DataFrame(columns).dropna(axis="columns", how="all")


def struck(*incidents: Incident) -> dict[str, Series]:
    return seen(simulate(SEED, START, MINUTES, incidents))


def test_names_are_unique_and_labels_those_of_prometheus() -> None:
    listed = series(healthy(SEED), Totals())
    assert len(listed) == len(seen(healthy(SEED)))
    assert sum(one.metric != "app_build_info" for one in listed) == 304 - 2 * len(NODE_NAMES)
    assert all({"job", "instance"} <= one.labels.keys() for one in listed)
    assert all(one.labels["instance"].startswith(one.labels.get("service", "host"))
               for one in listed)  # fmt: skip
    assert all(one.values.shape == (MINUTES,) for one in listed)
    counters = {one.metric for one in listed if one.kind == "counter"}
    assert all(name.endswith("_total") for name in counters)
    assert not any(one.metric.endswith("_total") for one in listed if one.kind != "counter")


@given(cases)
@settings(max_examples=15)
def test_counters_grow_but_for_restarts(case: tuple[int, Incident]) -> None:
    run = simulate(case[0], START, MINUTES, [case[1]])
    for one in series(run, Totals()):
        if one.kind == "gauge":
            continue
        place = NODE_NAMES.index(one.labels["service"]) if "service" in one.labels else None
        falls = np.flatnonzero(np.diff(one.values) < 0) + 1
        assert np.nanmin(one.values, initial=0) >= 0
        if place is None:
            assert not len(falls)
            continue
        resets = run.flows.restarts[:, place] + run.knobs["counter_reset"][:, place]
        deployed = run.times.isin(deploys(run, NODE_NAMES[place])["timestamp"])
        assert set(falls.tolist()) <= set(np.flatnonzero((resets > 0) | deployed).tolist())


@given(cases)
@settings(max_examples=10)
def test_parts_show_what_the_whole_shows(case: tuple[int, Incident]) -> None:
    seed, incident = case
    whole = series(simulate(seed, START, MINUTES, [incident]), Totals())
    shop, totals = Shop(seed, START), Totals()
    parts = [series(shop.advance(n, [incident]), totals) for n in (1, 59, 37, 1, MINUTES - 98)]
    joined = pd.concat([wide(part) for part in parts], ignore_index=True)
    pd.testing.assert_frame_equal(joined, wide(whole), check_like=True)


def test_counters_count_what_happened() -> None:
    flows, found = healthy(SEED).flows, seen(healthy(SEED))
    web = NODE_NAMES.index("web")
    answered = of(found, "http_requests_total", service="web", code="200")
    np.testing.assert_array_equal(answered, flows.served[:, web].cumsum())
    codes = [of(found, "http_requests_total", service="web", code=code)
             for code in ("200", "401", "500", "502")]  # fmt: skip
    np.testing.assert_array_equal(sum(codes), flows.arrivals[:, web].cumsum())
    np.testing.assert_array_equal(of(found, "shop_orders_total"), flows.orders.cumsum())
    np.testing.assert_array_equal(of(found, "cache_misses_total"), flows.cache_misses.cumsum())


def test_histogram_adds_up() -> None:
    flows, found = healthy(SEED).flows, seen(healthy(SEED))
    for place, service in enumerate(NODE_NAMES):
        here = [one for one in found.values() if one.labels.get("service") == service]
        buckets = [one for one in here if one.metric == f"{DURATION}_bucket"]
        bounds = [float(one.labels["le"]) for one in buckets]
        assert bounds == sorted(bounds)
        within = np.array([one.values for one in buckets])
        assert (np.diff(within, axis=0) >= 0).all()
        count = of(found, f"{DURATION}_count", service=service)
        total = of(found, f"{DURATION}_sum", service=service)
        np.testing.assert_array_equal(within[-1], count)
        np.testing.assert_array_equal(count, flows.arrivals[:, place].cumsum())
        mean = total[-1] / count[-1]
        spent = (flows.arrivals * flows.latency_seconds)[:, place].sum()
        assert total[-1] == pytest.approx(spent, rel=1e-6)
        # The mean lies between what the lower and the upper bounds of the buckets allow.
        inside = np.diff(within[:, -1], prepend=0)
        lower, upper = np.array([0, *bounds[:-1]]), np.array([*bounds[:-1], 30])
        assert (inside * lower).sum() <= mean * count[-1] * 1.02 <= (inside * upper).sum() * 1.1


def test_cpu_seconds_are_all_the_seconds_there_are() -> None:
    found = seen(healthy(SEED))
    for host in HOSTS:
        modes = [of(found, "node_cpu_seconds_total", instance=host.name, mode=mode)
                 for mode in ("idle", "iowait", "system", "user")]  # fmt: skip
        whole = 60.0 * host.cores * np.arange(1, MINUTES + 1)
        np.testing.assert_allclose(sum(modes), whole, rtol=1e-9)
        free = of(found, "node_memory_MemAvailable_bytes", instance=host.name)
        assert (free < of(found, "node_memory_MemTotal_bytes", instance=host.name)).all()


def test_what_cannot_be_scraped_is_a_gap_and_not_zero() -> None:
    found = struck(turned("scrape", 0.0, "web"))
    assert of(found, "up", service="web")[WITHIN].max() == 0
    for one in found.values():
        if one.labels.get("service") == "web" and one.metric not in ("up", "app_build_info"):
            assert np.isnan(one.values[WITHIN]).all(), one.metric
            assert np.isfinite(one.values[WITHIN.stop :]).all(), one.metric
        elif one.labels.get("service") == "cart" and one.metric != "app_build_info":
            assert np.isfinite(one.values).all(), one.metric
    # What went on meanwhile is in the counter when it can be read again.
    counted = of(found, "http_requests_total", service="web", code="200")
    assert counted[-1] == healthy(SEED).flows.served[:, NODE_NAMES.index("web")].sum()


def test_counters_begin_again_once() -> None:
    found = struck(at("counter_reset", "web"))
    counted = of(found, "http_requests_total", service="web", code="200")
    assert np.flatnonzero(np.diff(counted) < 0).tolist() == [BEGINS - 1]
    assert counted[BEGINS] == healthy(SEED).flows.served[BEGINS, NODE_NAMES.index("web")]
    started = of(found, "process_start_time_seconds", service="web")
    assert np.diff(started).nonzero()[0].tolist() == [BEGINS - 1]


def test_the_histogram_alone_can_go_missing() -> None:
    found = struck(turned("series_missing", 1.0, "web"))
    assert np.isnan(of(found, f"{DURATION}_count", service="web")[WITHIN]).all()
    assert np.isnan(of(found, f"{DURATION}_bucket", service="web", le="0.1")[WITHIN]).all()
    assert np.isfinite(of(found, "http_requests_in_flight", service="web")).all()
    assert of(found, "up", service="web").min() == 1


def test_clocks_and_digests() -> None:
    found = struck(turned("clock_skew_seconds", 600.0, "web"), turned("digest_differs", 1.0, "web"))
    ahead = of(found, "service_time_seconds", service="web") - of(
        found, "service_time_seconds", service="cart"
    )
    assert (ahead[WITHIN] == 600).all()
    assert ahead[:BEGINS].max() == 0
    released, other = (
        one.values for one in found.values()
        if one.metric == "app_build_info" and one.labels["service"] == "web"
    )  # fmt: skip
    assert np.isnan(released[WITHIN]).all()
    assert (other[WITHIN] == 1).all()
    assert np.isnan(other[:BEGINS]).all()


def test_refusals_have_a_code_of_their_own() -> None:
    found = struck(turned("refused", 0.5, "payment"))
    counted = of(found, "http_requests_total", service="payment", code="401")
    assert counted[-1] > 100
    climbed = of(found, "http_requests_total", service="cart", code="502")
    assert np.diff(climbed)[WITHIN].sum() > 0.9 * climbed[-1]


def test_nobody_answers_without_a_process() -> None:
    found = struck(at("scaled_to_zero", "cart", 1.0, 30))
    gone = slice(BEGINS, BEGINS + 30)
    assert of(found, "up", service="cart")[gone].max() == 0
    counted = of(found, "http_requests_total", service="cart", code="200")
    assert np.isnan(counted[gone]).all()
    assert counted[BEGINS + 30] < counted[BEGINS - 1]
