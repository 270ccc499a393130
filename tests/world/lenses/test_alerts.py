"""Alerts: they fire while their rule's condition holds, and are sent as Alertmanager sends them."""

import json
from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

from lab.core.errors import BadInput
from lab.world.lenses.alerts import Alerts, alerts
from lab.world.lenses.firing import firing
from lab.world.lenses.rules import ALERTS, RULES
from lab.world.lenses.webhook import webhook
from lab.world.shop.simulate import Shop
from tests.world.lenses.stretches import SEED, START, calm, incident, struck

TROUBLES = [("bad_deploy", "catalogue"), ("slow_deploy", "web"), ("queue_lag", "queue"),
            ("disk_fill", "host-b"), ("cache_loss", "cache"), ("scaled_to_zero", "web"),
            ("memory_leak", "recommendation"), ("error_rate", "payment")]  # fmt: skip


def slowly(run) -> np.ndarray:
    """What fires, one alert and one minute at a time."""
    on = np.zeros((len(run.times), len(ALERTS)), dtype=bool)
    for place, (rule, target) in enumerate(ALERTS):
        measured = rule.measure(run)[:, rule.targets.index(target)]
        held = 0
        for minute, value in enumerate(measured):
            held = held + 1 if value > rule.above else 0
            on[minute, place] = held > rule.minutes
    return on


@pytest.mark.parametrize(("kind", "target"), TROUBLES)
def test_alerts_fire_while_their_condition_holds(kind, target):
    run = struck(kind, target)
    wanted = slowly(run)
    assert wanted.any()
    assert (firing(run).on == wanted).all()
    rows, _ = alerts(run)
    starts = rows[rows["status"] == "firing"].groupby("fingerprint").size().sum()
    assert starts >= (wanted & ~np.vstack([wanted[:1] & False, wanted[:-1]])).sum()


def test_a_calm_week_is_silent():
    rows, standing = alerts(calm(7 * 1440))
    assert rows.empty
    assert not standing.active
    assert rows["received_at"].dtype == "datetime64[us, UTC]"


def test_the_latest_start_is_carried_from_chunk_to_chunk():
    run = struck("bad_deploy", "catalogue")
    shop, lens = Shop(SEED, START), Alerts()
    parts = []
    for minutes in (1, 62, 3, 40, 134):
        stretch = shop.advance(minutes, [incident("bad_deploy", "catalogue")])
        parts.append(lens(stretch)["alerts"])
        if stretch.first_minute == 66:
            names = {one["alertname"] for one in lens.active}
            assert "HighErrorRatio" in names
            assert all(one["startsAt"] > START.isoformat() for one in lens.active)
    pd.testing.assert_frame_equal(pd.concat(parts, ignore_index=True), alerts(run)[0])
    assert lens.active == []


def test_each_firing_is_resolved_with_the_same_start():
    rows, _ = alerts(struck("bad_deploy", "catalogue"))
    pairs = rows.groupby(["fingerprint", "starts_at"])["status"].agg(list)
    assert set(map(tuple, pairs)) == {("firing", "resolved")}
    over = rows[rows["status"] == "resolved"]
    assert (over["ends_at"] > over["starts_at"]).all()
    assert rows.loc[rows["status"] == "firing", "ends_at"].isna().all()
    assert (
        (rows["received_at"] - rows[["starts_at", "ends_at"]].max(axis=1))
        .between(timedelta(seconds=5), timedelta(seconds=30))
        .all()
    )


def test_what_alerts_suffer_changes_how_they_are_sent():
    quiet, _ = alerts(struck("bad_deploy", "catalogue"))

    def suffered(kind):
        shop = Shop(SEED, START)
        both = [incident("bad_deploy", "catalogue"), incident(kind)]
        return alerts(shop.advance(240, both))[0]

    assert len(suffered("duplicate_alerts")) > 5 * len(quiet)
    assert len(suffered("flapping_alerts")) > 3 * len(quiet)
    late = suffered("late_alerts")
    assert len(late) == len(quiet)
    assert (late["received_at"] - quiet["received_at"]).max() > timedelta(minutes=10)
    storm = suffered("alert_storm")
    assert len(storm) > 120 * 40
    assert set(quiet["fingerprint"]) <= set(storm["fingerprint"])


def test_a_lasting_alert_is_sent_again_after_hours():
    run = Shop(SEED, START).advance(600, [incident("wrong_port", "catalogue")])
    run.knobs["scrape"][100:, 2] = 0
    rows, standing = alerts(run)
    down = rows[rows["alertname"].eq("TargetDown") & rows["service"].eq("catalogue")]
    assert len(down[down["starts_at"] > "2026-03-02T10:35Z"]) >= 2
    assert [ALERTS[place][0].name for place in standing.active] == ["TargetDown"]


def test_rules_are_sound():
    assert len({rule.name for rule in RULES}) == len(RULES)
    for rule in RULES:
        assert rule.measure(calm()).shape == (240, len(rule.targets)), rule.name
        assert "{target}" in rule.summary or len(rule.targets) == 1


def test_the_webhook_is_alertmanagers():
    rows, _ = alerts(struck("bad_deploy", "catalogue"))
    body = webhook(rows.head(3))
    assert json.loads(json.dumps(body)) == body
    assert body["version"] == "4"
    assert body["status"] == "firing"
    assert {"receiver", "groupKey", "groupLabels", "commonLabels", "commonAnnotations",
            "externalURL", "truncatedAlerts", "alerts"} <= set(body)  # fmt: skip
    first = body["alerts"][0]
    assert first["endsAt"] == "0001-01-01T00:00:00Z"
    assert first["startsAt"].endswith("Z")
    assert set(first) == {"status", "labels", "annotations", "startsAt", "endsAt",
                          "generatorURL", "fingerprint"}  # fmt: skip
    assert body["commonLabels"].items() <= first["labels"].items()
    over = webhook(rows[rows["status"] == "resolved"].to_dict("records"))
    assert over["status"] == "resolved"
    assert over["alerts"][0]["endsAt"] > first["startsAt"]
    with pytest.raises(BadInput, match="no alerts"):
        webhook([])
