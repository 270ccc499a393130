"""Changes: harmless ones at a rhythm, risky ones with the faults that came with them."""

from dataclasses import replace

import pandas as pd

from lab.world.faults.incident import twin
from lab.world.lenses.changes import changes
from lab.world.shop.simulate import Shop, simulate
from tests.world.lenses.stretches import SEED, START, calm, hollow, incident


def test_weekdays_have_more_changes_than_weekends():
    rows = changes(hollow("2026-03-02", 28))
    weekend = rows["timestamp"].dt.dayofweek >= 5
    assert 60 < (~weekend).sum() < 120
    assert weekend.sum() / 8 < (~weekend).sum() / 20 / 2
    assert rows["change_id"].is_unique
    assert rows["timestamp"].is_monotonic_increasing
    assert set(rows["kind"]) == {"deploy", "config"}
    assert (rows["friday"] == (rows["timestamp"].dt.dayofweek == 4)).all()
    assert rows["tests_passed"].between(0, 1).all()
    images = rows["digest"].str.fullmatch("sha256:[0-9a-f]{64}")
    assert (images == (rows["kind"] == "deploy")).all()


def test_a_fault_that_came_with_a_change_leaves_a_record_and_its_way_back():
    bad = incident("bad_deploy", "web")
    usual, rows = changes(calm()), changes(replace(calm(), incidents=(bad,)))
    new = rows[~rows["change_id"].isin(usual["change_id"])]
    assert new["kind"].tolist() == ["deploy", "rollback"]
    assert new["timestamp"].tolist() == [pd.Timestamp(bad.start), pd.Timestamp(bad.end)]
    assert set(new["service"]) == {"web"}
    lasting = changes(replace(calm(), incidents=(replace(bad, end=None),)))
    assert len(lasting) == len(usual) + 1


def test_the_twin_and_faults_without_a_change_leave_none():
    usual = changes(calm())
    for one in (twin(incident("bad_deploy", "web")), incident("error_rate")):
        pd.testing.assert_frame_equal(changes(replace(calm(), incidents=(one,))), usual)


def test_a_fault_of_the_data_names_its_pipeline():
    rows = changes(replace(calm(), incidents=(incident("unit_change"),)))
    assert "order-feed" in set(rows["service"])


def test_risky_changes_are_larger_and_less_tested():
    harmless = changes(hollow("2026-03-02", 60))
    run = calm()
    bad = (replace(incident("bad_deploy", "web"), incident_id=f"one-{n}") for n in range(80))
    broke = changes(replace(run, incidents=tuple(bad))).query(
        "kind == 'deploy' and service == 'web'"
    )
    assert broke["lines_changed"].median() > 2 * harmless["lines_changed"].median()
    assert broke["tests_passed"].mean() < harmless["tests_passed"].mean()
    assert broke["tenure_days"].median() < harmless["tenure_days"].median()
    # No mark is certain: the ranges overlap.
    assert broke["lines_changed"].min() < harmless["lines_changed"].quantile(0.8)


def test_parts_are_the_parts_of_the_whole():
    shop = Shop(SEED, START)
    parts = [changes(shop.advance(minutes)) for minutes in (500, 700, 2000)]
    whole = changes(simulate(SEED, START, 3200))
    pd.testing.assert_frame_equal(pd.concat(parts, ignore_index=True), whole)
    assert len(whole) > 3
