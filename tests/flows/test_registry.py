import json
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lab.core.errors import BadInput, NotFound
from lab.flows import registry
from lab.flows.promotions import history, moves
from lab.flows.runs import details
from lab.mlops.models.artifact import load_model, read_manifest
from lab.mlops.tracking import client, track
from lab.mlops.tracking.artifacts import fetch
from lab.mlops.tracking.registry import aliases, create_version, point
from tests.flows.shop import opened, trained
from tests.mlops.models.sample import sales


@pytest.fixture
def shop(ws):
    return opened(ws)


def failed(verdict):
    return [check.name for check in verdict.checks if not check.passed]


def test_a_good_run_becomes_champion_with_its_files_verified(shop):
    run = trained(shop)
    verdict = registry.register(shop, run.run_id)
    assert verdict.ok
    assert (verdict.version, failed(verdict)) == ("1", [])
    assert all(check.expected and check.found for check in verdict.checks)
    assert aliases(shop, "shop-sales") == {"champion": "1"}
    found = registry.champion(shop)
    assert (found.name, found.version, found.run_id) == ("shop-sales", "1", run.run_id)
    manifest = read_manifest(found.folder)
    assert (manifest.version, manifest.run_id) == ("1", run.run_id)
    assert Path(found.folder).is_relative_to(shop.models)
    predictions = details(shop, run.run_id).predictions
    rows = load_model(found.folder)
    assert rows.manifest.target == "units"
    assert len(predictions) == 28
    json.dumps(asdict(verdict))  # goes through a job


def test_a_worse_run_is_refused_with_the_failing_check_named(shop):
    good = trained(shop, "hist_gradient_boosting")
    worse = trained(shop, "ridge", params={"alpha": 5000.0})
    assert worse.mae > good.mae
    registry.register(shop, good.run_id)
    verdict = registry.register(shop, worse.run_id)
    assert not verdict.ok
    assert failed(verdict)[-1] == "It is not worse than the champion"
    assert "It is not worse than the champion: no. Expected" in verdict.message
    assert aliases(shop, "shop-sales") == {"champion": "1"}
    assert len(registry.versions(shop)) == 1
    assert moves(shop, "shop-sales")["verb"].tolist() == ["refused", "promoted"]


def test_a_run_that_does_not_beat_the_baseline_is_refused(shop):
    """Last week's value is the best there is when nothing else moves the shop."""
    rng = np.random.default_rng(0)
    weekly = 100 + 40 * np.sin(2 * np.pi * np.arange(7) / 7)
    dates = pd.date_range("2025-01-01", periods=160)
    units = weekly[dates.dayofweek] + rng.normal(0, 0.001, 160)
    shop.store.write("shop", pd.DataFrame({"date": dates, "units": units}))
    run = trained(shop, "ridge", params={"alpha": 1e6})
    verdict = registry.register(shop, run.run_id)
    assert failed(verdict) == ["It beats the seasonal-naive baseline"]
    assert registry.names(shop) == []


def test_the_gate_works_the_error_out_again_and_trusts_no_claim(shop):
    run = trained(shop)
    client(shop).log_metric(run.run_id, "mae", 0.001)
    verdict = registry.register(shop, run.run_id)
    assert failed(verdict) == ["The logged error is reproduced"]


@pytest.mark.parametrize("what", ["model.skops", "manifest.json"])
def test_a_changed_model_is_refused_at_the_gate_and_after_it(shop, what):
    run = trained(shop)
    path = fetch(shop, run.run_id, "lab_model") / what
    kept = path.read_bytes()
    path.write_bytes(kept.replace(b"a", b"b", 1))
    verdict = registry.register(shop, run.run_id)
    assert failed(verdict) == ["The model is the one that was saved"]
    path.write_bytes(kept)
    assert registry.register(shop, run.run_id).ok
    path.write_bytes(kept.replace(b"a", b"b", 1))
    with pytest.raises(BadInput, match="is refused"):
        registry.champion(shop)


def test_a_changed_copy_of_a_version_is_refused(shop):
    registry.register(shop, trained(shop).run_id)
    folder = Path(registry.champion(shop).folder)
    (folder / "model.skops").write_bytes(b"other")
    with pytest.raises(BadInput, match="is refused"):
        registry.champion(shop)


def test_a_run_without_a_model_is_refused_first(shop):
    with track(shop, "sales", "half") as run:
        run.log_metrics({"mae": 0.1})
    verdict = registry.register(shop, run.run_id)
    assert failed(verdict) == ["The run is complete"]
    assert "finished, without a model" in verdict.message
    with pytest.raises(NotFound):
        registry.register(shop, "0" * 32)


def test_registering_a_run_twice_makes_one_version(shop):
    run = trained(shop)
    assert [registry.register(shop, run.run_id).version for _ in range(2)] == ["1", "1"]
    assert len(registry.versions(shop)) == 1
    assert history(shop, "shop-sales") == ["1"]


def test_roll_back_goes_one_champion_back_each_time(shop):
    for alpha in (3000.0, 300.0, 1.0):  # each better than the one before
        assert registry.register(shop, trained(shop, params={"alpha": alpha}).run_id).ok
    assert registry.champion(shop).version == "3"
    assert registry.rollback(shop, reason="too slow").version == "2"
    assert registry.rollback(shop).version == "1"
    assert registry.champion(shop).version == "1"
    assert not registry.has_earlier(shop)
    with pytest.raises(NotFound, match="no earlier champion"):
        registry.rollback(shop)
    assert registry.set_alias(shop, "3", reason="better after all").version == "3"
    assert registry.has_earlier(shop)
    log = registry.promotions(shop, "shop-sales")
    done = log[log["verb"].isin(["promoted", "rolled back"])]
    assert done["to"].tolist() == ["1", "2", "3", "2", "1", "3"]
    assert done["reason"].iloc[3] == "too slow"
    assert log["acted_at"].is_monotonic_increasing
    assert len(log) == 2 * len(done)  # a line before and a line after each


def test_versions_that_are_not_ours_are_never_loaded(shop):
    run = trained(shop)
    tags = client(shop).get_run(run.run_id).data.tags
    number = create_version(
        shop, "foreign", run_id=run.run_id, model_id=tags["lab.model_id"], tags={}
    )
    point(shop, "foreign", "champion", number)
    for load in (registry.champion, lambda ws, name: registry.set_alias(ws, number, name)):
        with pytest.raises(BadInput, match="was not registered by the lab"):
            load(shop, "foreign")


def test_a_champion_for_something_else_is_no_rival(shop):
    registry.register(shop, trained(shop).run_id)
    shop.store.write("shop", sales(160, 2).rename(columns={"units": "boxes"}))
    from lab.core.progress import drain
    from lab.flows.train import train

    other = drain(train(shop, "shop", "boxes", "ridge", folds=2, holdout_days=14))
    verdict = registry.register(shop, other.run_id)
    assert failed(verdict) == ["It is not worse than the champion"]
    assert "the champion predicts units" in verdict.message
    assert registry.register(shop, other.run_id, "boxes").ok


def test_names_that_could_be_paths_are_refused(shop):
    run = trained(shop)
    for name in ("../x", "a/b", ""):
        with pytest.raises(BadInput):
            registry.register(shop, run.run_id, name)


def test_an_empty_registry_says_what_to_do(ws):
    assert registry.names(ws) == []
    assert registry.versions(ws).empty
    assert registry.champion_number(ws) is None
    with pytest.raises(NotFound, match="shop-sales has no champion") as caught:
        registry.champion(ws)
    assert "Train a model" in caught.value.hint
    assert registry.promotions(ws, "shop-sales").empty
    assert not ws.mlflow_database.exists()


def test_an_intent_cut_off_by_a_crash_stays_visible(shop, monkeypatch):
    run = trained(shop)

    def die(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("lab.mlops.tracking.registry.point", die)
    with pytest.raises(KeyboardInterrupt):
        registry.register(shop, run.run_id)
    assert moves(shop, "shop-sales")["verb"].tolist() == ["about to be promoted"]
    assert history(shop, "shop-sales") == []


def test_it_all_works_on_a_real_server(shop, mlflow_server):
    far = replace(shop, settings=replace(shop.settings, mlflow_tracking_uri=mlflow_server))
    run = trained(far)
    verdict = registry.register(far, run.run_id, "far-sales")
    assert verdict.ok, verdict.message
    found = registry.champion(far, "far-sales")
    assert load_model(found.folder).manifest.version == verdict.version
    assert registry.versions(far, "far-sales")["aliases"].tolist() == ["champion"]
    assert registry.names(shop) == []  # nothing landed in the file of the workspace
