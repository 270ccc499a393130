import json
import signal
import subprocess
import sys
from dataclasses import asdict, replace

import numpy as np
import pandas as pd
import pytest

from lab.core.errors import BadInput, NotFound, Unavailable
from lab.core.jobs import Jobs
from lab.core.progress import drain
from lab.core.workspace import open_workspace
from lab.flows import snapshot
from lab.flows.runs import details, runs
from lab.flows.train import rerun, train
from lab.mlops.models.artifact import load_model
from lab.mlops.tracking import client, sweep
from lab.mlops.tracking.artifacts import fetch
from tests.flows.shop import SMALL, opened, trained
from tests.mlops.models.sample import sales
from tests.needs import needs


@pytest.fixture
def shop(ws):
    return opened(ws)


def test_everything_about_a_run_is_in_mlflow(shop):
    found = trained(shop)
    run = client(shop).get_run(found.run_id)
    assert run.info.status == "FINISHED"
    assert run.data.params["model"] == "ridge"
    assert run.data.params["model.alpha"] == "1.0"
    assert run.data.params["seed"] == "0"
    assert run.data.params["dataset_sha256"] == found.dataset_sha256
    assert run.data.metrics["mae"] == found.mae < found.baseline_mae
    assert run.data.metrics["baseline_mae"] == found.baseline_mae
    history = client(shop).get_metric_history(found.run_id, "fold_mae")
    assert [p.value for p in sorted(history, key=lambda p: p.step)] == list(found.fold_mae)
    data = run.inputs.dataset_inputs[0].dataset
    assert found.dataset_sha256.startswith(data.digest)
    files = {f.path for f in client(shop).list_artifacts(found.run_id)}
    assert files == {
        "folds.csv", "importance.csv", "lab_model", "order.json", "plots.html", "predictions.csv",
    }  # fmt: skip
    page = fetch(shop, found.run_id, "plots.html").read_text()
    assert "http://" not in page.split("<script>")[0]
    json.dumps(asdict(found))  # goes through a job


def test_the_saved_model_gives_the_score_again_and_mlflow_can_load_its_own(shop):
    found = trained(shop)
    model = load_model(fetch(shop, found.run_id, "lab_model"), expected=found.fingerprint)
    assert model.manifest.run_id == found.run_id
    assert model.manifest.target == "units"
    from lab.flows.gate import holdout_rows
    from lab.flows.trained_run import read_order

    order = read_order(shop, found.run_id)
    test = holdout_rows(snapshot.recall(shop, found.dataset_sha256), order)
    error = (model.predict(test.x) - test.y).abs().mean()
    assert error == pytest.approx(found.mae, abs=1e-9)
    import mlflow.sklearn

    model_id = client(shop).get_run(found.run_id).data.tags["lab.model_id"]
    logged = client(shop).get_logged_model(model_id)
    assert logged.status == "READY"
    theirs = mlflow.sklearn.load_model(logged.artifact_location)
    assert np.allclose(theirs.predict(test.x), model.predict(test.x))


@pytest.mark.parametrize("model", ["ridge", "hist_gradient_boosting", "random_forest"])
def test_a_run_repeats_itself(shop, model):
    first = trained(shop, model, seed=3)
    shop.store.write("shop", sales(100, 2, seed=9))  # the table has moved on; the run has not
    again = drain(rerun(shop, first.run_id))
    assert again.same
    assert again.difference <= 1e-6
    assert again.again.dataset_sha256 == first.dataset_sha256
    assert client(shop).get_run(again.again.run_id).data.tags["lab.rerun_of"] == first.run_id


@needs("tensorflow")
def test_a_network_is_kept_and_repeats_itself_too(shop):
    found = trained(shop, "dense_network", params={"epochs": 2})
    assert drain(rerun(shop, found.run_id)).same
    model = load_model(fetch(shop, found.run_id, "lab_model"), expected=found.fingerprint)
    example = details(shop, found.run_id)
    assert model.manifest.flavor == "keras"
    assert len(example.predictions) == 14 * 2
    losses = client(shop).get_metric_history(found.run_id, "loss")
    assert len(losses) == 2 * 3


def test_the_same_rows_give_the_same_snapshot_in_any_order(shop):
    first = trained(shop)
    shop.store.write("shop", sales(160, 2).sample(frac=1, random_state=1))
    second = trained(shop)
    assert second.dataset_sha256 == first.dataset_sha256
    assert second.mae == pytest.approx(first.mae, abs=1e-9)
    assert len(list(shop.snapshots.iterdir())) == 1
    assert not list(shop.staging.iterdir())


def test_a_changed_snapshot_is_refused(shop):
    found = trained(shop)
    path = shop.snapshots / f"{found.dataset_sha256}.parquet"
    path.write_bytes(path.read_bytes() + b"x")
    with pytest.raises(BadInput, match="was changed after it was taken"):
        drain(rerun(shop, found.run_id))
    path.unlink()
    with pytest.raises(NotFound, match="are not in this workspace"):
        drain(rerun(shop, found.run_id))


def test_until_keeps_the_future_out(shop):
    found = trained(shop, until="2025-05-01")
    rows = snapshot.recall(shop, found.dataset_sha256)
    assert rows["date"].max() == pd.Timestamp("2025-04-30")
    assert found.holdout_end == "2025-05-01T00:00:00"
    with pytest.raises(BadInput, match="'soon' is not a time"):
        trained(shop, until="soon")
    with pytest.raises(BadInput, match="No row is before 1999"):
        trained(shop, until="1999-01-01")


def test_an_own_hourly_table_trains_with_what_was_named(shop):
    hours = pd.date_range("2026-01-01", periods=24 * 30, freq="h", tz="UTC")
    rng = np.random.default_rng(0)
    load = 50 + 20 * np.sin(2 * np.pi * hours.hour / 24) + rng.normal(0, 3, len(hours))
    shop.store.write("power", pd.DataFrame({"ts": hours, "load": load, "noise": rng.random(720)}))
    found = drain(
        train(shop, "power", "load", "ridge", folds=2, holdout_days=3, leave_out=["noise"])
    )
    assert found.improvement > 0
    assert "noise" not in client(shop).get_run(found.run_id).data.params["features"]


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ({"table": "nothing"}, NotFound, "no table 'nothing'"),
        ({"target": "unit"}, NotFound, "no column named 'unit'"),
        ({"target": "store"}, BadInput, "not a number"),
        ({"model": "magic"}, NotFound, "no model named 'magic'"),
        ({"params": {"depth": 1}}, BadInput, "no parameter 'depth'"),
        ({"folds": 40}, BadInput, "too short"),
        ({"folds": 1}, BadInput, "too few"),
    ],
)
def test_what_cannot_be_done_is_refused_and_leaves_no_run_open(shop, given, error, message):
    call = {"table": "shop", "target": "units", "model": "ridge", **SMALL, **given}
    with pytest.raises(error, match=message) as caught:
        drain(train(shop, **call))
    assert caught.value.hint
    assert set(runs(shop)["status"]) <= {"failed"}


def test_a_table_nobody_loaded_says_where_to_load_it(ws):
    with pytest.raises(NotFound, match="'sales'") as caught:
        drain(train(ws))
    assert "Load it first" in caught.value.hint
    assert not ws.mlflow_database.exists()


def test_stopping_halfway_leaves_a_killed_run_and_no_model(shop):
    steps = train(shop, "shop", "units", "ridge", **SMALL)
    for step in steps:
        if "fold" in step.metrics:
            break
    steps.close()
    listed = runs(shop)
    assert listed["status"].tolist() == ["killed"]
    assert listed["complete"].tolist() == [False]
    assert client(shop).search_logged_models(["1"]) == []


def test_training_as_a_job_reports_its_folds_and_its_summary(shop):
    job = Jobs(shop).submit(
        "lab.flows.train:train", label="Train", table="shop", target="units", model="ridge", **SMALL
    )
    ended = Jobs(shop).wait(job.id)
    assert ended.state == "done", ended.message
    assert ended.result["mae"] < ended.result["baseline_mae"]
    assert [p["fold"] for p in Jobs(shop).history(job.id) if "fold" in p] == [1, 2]
    assert runs(shop)["run_id"].tolist() == [ended.result["run_id"]]


def test_a_server_that_is_down_stops_the_training_with_its_name(shop, free_port):
    settings = replace(shop.settings, mlflow_tracking_uri=f"http://127.0.0.1:{free_port}")
    with pytest.raises(Unavailable, match=str(free_port)):
        drain(train(replace(shop, settings=settings), "shop", "units", "ridge", **SMALL))


@pytest.mark.fault
@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs POSIX signals")
def test_twenty_kills_in_training_leave_nothing_partial_and_nothing_running(shop):
    argv = [sys.executable, "-m", "tests.flows.killed_training", str(shop.root), "20"]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=550)
    assert done.returncode == 0, done.stderr[-2000:]
    kills = json.loads(done.stdout)
    assert len(kills) == 20
    ws = open_workspace(shop.root)
    before = set(runs(ws)["status"])
    assert "running" in before, "no kill came in time to interrupt a run"
    assert sweep(ws) > 0
    listed = runs(ws)
    assert set(listed["status"]) <= {"finished", "killed", "failed"}
    assert len(listed) >= 5, "nearly all kills came before a run had begun"
    for run in listed[listed["complete"]].itertuples():
        model = load_model(fetch(ws, run.run_id, "lab_model"))
        assert model.manifest.run_id == run.run_id
    models = client(ws).search_logged_models(["1"], max_results=500)
    assert {m.status for m in models} <= {"READY", "FAILED"}
    for path in ws.snapshots.iterdir():
        assert len(snapshot.recall(ws, path.stem)) == len(sales(160, 2))
    assert trained(ws).mae > 0  # and work goes on
