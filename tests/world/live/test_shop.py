"""A shop that goes on: the same as the batch, answering to faults and to the operator."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from lab.core.errors import BadInput, NotFound, Unavailable
from lab.data.scrape_format import parse
from lab.world.lenses.alerts import Alerts
from lab.world.lenses.metrics import Totals, series
from lab.world.live.exposition import OF_TARGET
from lab.world.live.shop import KEPT_MINUTES, LiveShop
from lab.world.live.signals import quantile
from lab.world.shop.simulate import Shop

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture(scope="module")
def opened():
    return LiveShop(7, START, [Alerts()])


@pytest.fixture
def shop():
    return LiveShop(7, START, [Alerts()])


def later(shop, minutes):
    for _ in range(minutes):
        shop.advance(shop.next + MINUTE)


def health(shop, name):
    return {one.name: one.health for one in shop.minutes(1)[-1].nodes}[name]


def test_pages_hold_what_the_batch_holds(opened):
    expected, totals = {}, Totals()
    run = Shop(7, START).advance(60)
    for one in series(run, totals):
        own = frozenset((k, v) for k, v in one.labels.items() if k not in OF_TARGET)
        if one.metric != "up" and one.labels["instance"] == "payment:8080":
            expected |= {(one.metric, own, time): value for time, value in
                         zip(run.times + MINUTE, one.values, strict=True)}  # fmt: skip
    found = {
        (s.metric, frozenset(s.labels.items()), datetime.fromtimestamp(s.time_ms / 1000, UTC)):
        s.value for s in parse(opened.page("payment", 60).encode(), "text/plain; version=0.0.4")
    }  # fmt: skip
    assert found == {key: value for key, value in expected.items() if not np.isnan(value)}
    assert len(found) > 1000


def test_the_newest_minute_is_a_page_of_its_own(opened):
    samples = parse(opened.page("database").encode(), "text/plain; version=0.0.4")
    assert {s.time_ms for s in samples} == {int(opened.next.timestamp() * 1000)}
    assert "# TYPE http_request_duration_seconds histogram" in opened.page("database")
    with pytest.raises(NotFound, match="databse"):
        opened.page("databse")


def test_a_healthy_shop_is_well_all_over(opened):
    assert {one.health for one in opened.minutes(1)[-1].nodes} == {"healthy"}


def test_a_fault_shows_and_recovers(shop):
    incident = shop.inject("error_rate", "payment", 0.8)
    later(shop, 3)
    assert health(shop, "payment") in ("failing", "down")
    assert shop.running == (incident,)
    shop.recover(incident.incident_id)
    later(shop, 3)
    assert health(shop, "payment") == "healthy"
    assert shop.running == ()
    with pytest.raises(NotFound, match="goes on"):
        shop.recover(incident.incident_id)


def test_the_right_remedy_puts_it_right_and_another_does_not(shop):
    shop.inject("latency", "catalogue", 0.9)
    later(shop, 2)
    shop.operate("clean_disk", "host-b")
    shop.operate("restart", "payment")
    assert len(shop.running) == 1
    shop.operate("restart", "catalogue")
    assert shop.running == ()
    later(shop, 5)
    assert health(shop, "catalogue") == "healthy"
    assert [one.target for one in shop.operated] == ["catalogue", "payment", "host-b"]


def test_replicas_and_traffic_hold_until_they_are_changed(shop):
    shop.operate("scale", "web", 1)
    shop.operate("set_traffic", "shop", 0.5)
    before = shop.minutes(1)[-1].nodes[0].traffic
    later(shop, 4)
    nodes = {one.name: one for one in shop.minutes(1)[-1].nodes}
    assert nodes["web"].replicas == 1
    assert nodes["edge"].traffic < 0.7 * before


def test_a_part_that_is_down_shows_no_metrics(shop):
    shop.operate("scale", "recommendation", 0)
    later(shop, 2)
    assert health(shop, "recommendation") == "down"
    with pytest.raises(Unavailable, match="recommendation shows no metrics"):
        shop.page("recommendation")


@pytest.mark.parametrize(
    ("order", "target", "amount"),
    [("scale", "web", None), ("scale", "web", 1.5), ("scale", "web", 21), ("scale", "web", -1),
     ("set_traffic", "shop", 0), ("restart", "web", 2)],
)  # fmt: skip
def test_amounts_out_of_range(opened, order, target, amount):
    with pytest.raises(BadInput):
        opened.operate(order, target, amount)


@pytest.mark.parametrize(
    ("order", "target"), [("restart", "host-a"), ("clean_disk", "web"), ("set_traffic", "web")]
)
def test_targets_of_another_kind(opened, order, target):
    with pytest.raises(NotFound):
        opened.operate(order, target, 1 if order == "set_traffic" else None)


def test_alerts_come_as_events_once_each(shop):
    cursor = shop.events("alerts").cursor
    shop.inject("error_rate", "payment", 1.0)
    later(shop, 12)
    batch = shop.events("alerts", cursor)
    assert any(event["service"] == "payment" for event in batch.events)
    assert shop.events("alerts", batch.cursor).events == ()
    with pytest.raises(NotFound):
        shop.events("rumours")


def test_memory_is_bounded(opened):
    assert opened._minutes.maxlen == KEPT_MINUTES
    assert opened.advance(opened.next + 10 * KEPT_MINUTES * MINUTE) == 60


def test_a_quantile_is_that_of_prometheus():
    bounds = [0.1, 0.5, 1.0, float("inf")]
    assert quantile(0.95, bounds, np.array([0.0, 50, 100, 100])) == pytest.approx(0.95)
    assert quantile(0.95, bounds, np.array([100.0, 100, 100, 100])) == pytest.approx(0.095)
    assert quantile(0.95, bounds, np.array([0.0, 0, 0, 100])) == 1.0
    assert np.isnan(quantile(0.95, bounds, np.zeros(4)))


def test_a_new_key_is_read_without_an_outage_and_a_standby_takes_a_minute(shop):
    shop.inject("auth_revoked", "cart", 1.0)
    later(shop, 2)
    assert health(shop, "cart") == "down"
    shop.operate("rotate_key", "cart")
    later(shop, 1)
    assert health(shop, "cart") == "healthy"
    shop.operate("fail_over", "cart")
    later(shop, 1)
    assert health(shop, "cart") == "down"
    later(shop, 1)
    assert health(shop, "cart") == "healthy"


def test_what_is_silenced_is_not_told_for_an_hour_and_stays_wrong(shop):
    shop.operate("silence", "payment")
    cursor = shop.events("alerts").cursor
    shop.inject("error_rate", "payment", 1.0)
    later(shop, 30)
    about = {event["service"] for event in shop.events("alerts", cursor).events}
    assert "payment" not in about
    assert "cart" in about  # which fails with it
    assert health(shop, "payment") == "down"
    later(shop, 31)
    assert any(event["service"] == "payment" for event in shop.events("alerts", cursor).events)


def test_what_shows_in_business_data_alone_cannot_strike_here(opened):
    with pytest.raises(BadInput, match="null_amounts shows in orders"):
        opened.inject("null_amounts")
