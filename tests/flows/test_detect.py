import json

import pandas as pd
import pytest

from lab.core.errors import BadInput, NotFound
from lab.core.progress import drain
from lab.core.workspace import open_workspace
from lab.flows import detect as flow
from lab.flows.detect import detect
from lab.flows.detections import detection, detection_runs, run_labels
from lab.flows.detectors import detector_titles, unusable_detectors, usable_detectors
from lab.flows.host_view import host_metrics, host_view
from lab.mlops.tracking import client
from tests.flows.metrics import load_hosts

WORLD = {"seed": 7, "days": 4, "hosts": 3}
DISK = "node_filesystem_avail_bytes"


@pytest.fixture(scope="module")
def loaded(tmp_path_factory):
    ws = open_workspace(tmp_path_factory.mktemp("detect") / "workspace")
    load_hosts(ws, **WORLD)
    load_hosts(ws, "unlabelled", labels=False, **WORLD)
    return ws


@pytest.fixture(scope="module")
def steps(loaded):
    return []


@pytest.fixture(scope="module")
def found(loaded, steps):
    return drain(detect(loaded, "hosts"), steps.append)


def test_it_finds_incidents_and_says_how_well_beside_the_baseline(found):
    assert found.event_recall >= 0.6
    # Two days teach less than a week; the budget itself is held in tests/aiops/test_budget.py.
    assert found.baseline_false_alarms_per_day > 2 * found.false_alarms_per_day
    assert (found.hosts, found.series, found.points) == (3, 15, 15 * 2 * 1440)
    assert (found.train_end, found.score_end) == (
        "2026-03-04T00:00:00+00:00",
        "2026-03-06T00:00:00+00:00",
    )
    assert found.skipped == ()


def test_progress_goes_host_by_host(found, steps):
    assert [step.total for step in steps] == [5] * 5
    assert [step.done for step in steps] == [0, 1, 2, 3, 4]
    assert steps[-2].metrics == {"events": float(found.events)}


def test_run_scores_and_events_are_in_the_store(loaded, found):
    run = detection_runs(loaded, "hosts").iloc[0]
    assert run["run_id"] == found.run_id
    assert (run["n_points"], run["n_events"]) == (found.points, found.events)
    counts = loaded.store.rows(
        "SELECT count(*), count(score), min(timestamp), max(timestamp) FROM anomaly_scores"
        " WHERE run_id = ?",
        [found.run_id],
    )[0]
    assert counts[:2] == (found.points, found.points)
    assert pd.Timestamp(counts[2]) == pd.Timestamp("2026-03-04", tz="UTC")
    events = detection(loaded, found.run_id).events
    assert len(events) == found.events
    assert (events["peak_score"] >= 1).all()
    assert (events["start"] <= events["peak_at"]).all()
    assert (events["peak_at"] < events["end"]).all()


def test_the_figures_follow_from_the_stored_events(loaded, found):
    read = detection(loaded, found.run_id)
    events, incidents = read.events, read.incidents
    hit = events["matched_incident"] != ""
    assert found.event_precision == pytest.approx(hit.mean())
    assert found.event_recall == pytest.approx(incidents["found"].mean())
    assert found.false_alarms_per_day == pytest.approx((~hit).sum() / 2)


def test_the_run_is_in_mlflow_under_the_same_id(loaded, found):
    run = client(loaded).get_run(found.run_id)
    assert run.info.status == "FINISHED"
    assert run.data.params["detector"] == "seasonal_robust"
    assert run.data.params["sensitivity"] == "7.0"
    assert run.data.metrics["event_recall"] == pytest.approx(found.event_recall)
    assert run.data.metrics["baseline_events"] == found.baseline_events
    assert run.data.tags["lab.data_sha256"] == found.data_sha256
    experiment = client(loaded).get_experiment(run.info.experiment_id)
    assert experiment.name == "anomalies"


def test_the_same_call_gives_the_same_events(loaded, found):
    again = drain(detect(loaded, "hosts"))
    assert again.run_id != found.run_id
    assert again.data_sha256 == found.data_sha256
    columns = ["instance", "start", "end", "peak_score", "matched_incident"]
    first, second = (detection(loaded, run.run_id).events[columns] for run in (found, again))
    pd.testing.assert_frame_equal(first, second)


def test_without_labels_there_are_events_but_no_verdict(loaded):
    got = drain(detect(loaded, "unlabelled", metrics=[DISK], instances=["host-02", "host-03"]))
    assert (got.hosts, got.series) == (2, 2)
    assert got.event_recall is None
    assert got.baseline_false_alarms_per_day is None
    read = detection(loaded, got.run_id)
    assert read.incidents is None
    assert read.run["event_recall"] is None
    assert set(read.hosts) == {"host-02", "host-03"}


def test_parameters_threshold_and_window_are_used_and_kept(loaded):
    got = drain(
        detect(
            loaded,
            "hosts",
            "isolation_forest",
            instances=["host-01"],
            params={"trees": 10},
            train_until="2026-03-03 12:00",
            threshold=1000.0,
        )
    )
    assert got.events == 0
    assert got.train_end == "2026-03-03T12:00:00+00:00"
    stored = detection(loaded, got.run_id).run["params"]
    assert (stored["trees"], stored["threshold"]) == (10, 1000.0)
    assert "nothing left its usual range" in detection(loaded, got.run_id).sentence


def test_a_gap_stays_a_gap(ws):
    load_hosts(ws, seed=7, days=4, hosts=1)
    gap = "timestamp >= '2026-03-05T10:00Z' AND timestamp < '2026-03-05T11:00Z'"
    ws.store.execute(f"DELETE FROM observations WHERE {gap}")
    got = drain(detect(ws, "hosts"))
    rows = ws.store.rows(
        f"SELECT count(*), count(value), count(score) FROM anomaly_scores WHERE {gap}"
    )
    assert rows[0] == (60 * 5, 0, 0)
    assert got.points == 5 * (2 * 1440 - 60)


def test_a_series_that_cannot_be_learnt_from_is_named_not_hidden(ws):
    load_hosts(ws, seed=7, days=4, hosts=1)
    ws.store.execute("UPDATE observations SET value = 5 WHERE series_id LIKE 'node_load1%'")
    got = drain(detect(ws, "hosts"))
    assert got.series == 4
    assert got.skipped == (
        'node_load1{instance="host-01",job="node"} is constant (5 in all 2880 rows)',
    )


def test_nothing_to_learn_from_is_refused_and_leaves_nothing(ws):
    load_hosts(ws, seed=7, days=4, hosts=1)
    with pytest.raises(BadInput, match="Nothing can be learnt before 2026-03-02 00:10"):
        drain(detect(ws, "hosts", train_until="2026-03-02T00:10Z"))
    assert not ws.store.has("anomaly_runs")
    assert _statuses(ws) == ["FAILED"]


def test_scores_events_and_run_land_together_or_not_at_all(ws, monkeypatch):
    load_hosts(ws, seed=7, days=4, hosts=1)

    def without_instance(*args):
        return pd.DataFrame([{"run_id": "x"}])

    monkeypatch.setattr("lab.flows.detection_rows.event_rows", without_instance)
    with pytest.raises(BadInput, match="anomaly_events"):
        drain(detect(ws, "hosts"))
    assert not ws.store.has("anomaly_runs")
    assert not ws.store.has("anomaly_scores")


def test_stopping_half_way_leaves_nothing(ws):
    load_hosts(ws, seed=7, days=4, hosts=2)
    work = detect(ws, "hosts")
    for step in work:
        if step.done == 1:
            break
    work.close()
    assert not ws.store.has("anomaly_runs")
    assert _statuses(ws) == ["KILLED"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"dataset": "host"}, "no data set with metrics named 'host'.*hosts"),
        ({"detector": "magic"}, "no detector named 'magic'"),
        ({"metrics": ["node_load"]}, "no metric named 'node_load'.*node_load1"),
        ({"instances": ["host-9"]}, "no host named 'host-9'"),
    ],
)
def test_unknown_names_are_refused_before_any_run(loaded, arguments, message):
    with pytest.raises(NotFound, match=message):
        drain(detect(loaded, **{"dataset": "hosts", **arguments}))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"params": {"depth": 3}}, "has no parameter 'depth'"),
        ({"train_until": "soon"}, "'soon' is not a time"),
        ({"train_until": "2026-04-01"}, "Training cannot end at 2026-04-01"),
        ({"train_until": "2026-03-02"}, "Training cannot end at 2026-03-02 00:00"),
        ({"metrics": []}, "No metric is chosen"),
    ],
)
def test_a_bad_call_is_refused_before_any_run(loaded, arguments, message):
    before = len(_statuses(loaded))
    with pytest.raises(BadInput, match=message):
        drain(detect(loaded, "hosts", **arguments))
    assert len(_statuses(loaded)) == before


def test_an_empty_workspace_names_the_page_that_fills_it(ws):
    with pytest.raises(NotFound, match="Load data"):
        drain(detect(ws, "hosts"))


def test_the_summary_goes_through_json(found):
    assert json.loads(json.dumps(flow.asdict(found)))["run_id"] == found.run_id


def test_a_run_reads_as_a_page_shows_it(loaded, found):
    read = detection(loaded, found.run_id)
    assert read.title == "Seasonal robust score"
    assert read.sentence.startswith(f"{found.events} event")
    assert read.comparison["detector"].tolist() == [
        "Seasonal robust score",
        "Static threshold (baseline)",
    ]
    assert read.comparison["events"].tolist() == [found.events, found.baseline_events]
    assert set(read.hosts) == {"host-01", "host-02", "host-03"}
    assert read.hosts[0] in set(read.events["instance"])
    assert found.run_id in run_labels(loaded, "hosts")
    with pytest.raises(NotFound, match="no detection run 'nope'"):
        detection(loaded, "nope")


def test_a_host_reads_as_a_page_draws_it(loaded, found):
    read = detection(loaded, found.run_id)
    host = read.hosts[0]
    metrics = host_metrics(loaded, found.run_id, host)
    assert len(metrics) == 5
    view = host_view(loaded, found.run_id, host, metrics[0])
    raw = loaded.store.read(
        "SELECT timestamp, value, score FROM anomaly_scores JOIN series USING (dataset, series_id) "
        "WHERE run_id = ? AND metric = ? AND labels LIKE ? ORDER BY timestamp",
        [found.run_id, metrics[0], f'%"{host}%'],
    )
    assert len(raw) == 2 * 1440 > len(view.scores) > 400
    drawn = view.points[view.points["series_id"] == "value"]
    assert drawn["samples"].sum() == len(raw)
    assert (drawn["low"].min(), drawn["high"].max()) == (raw["value"].min(), raw["value"].max())
    assert view.scores["score"].max() == raw["score"].max() >= 1  # the strongest metric leads
    part = (raw["timestamp"][60].to_pydatetime(), raw["timestamp"][120].to_pydatetime())
    near = host_view(loaded, found.run_id, host, metrics[0], part).points
    assert set(near["samples"]) == {1}
    assert near.loc[near["series_id"] == "value", "first"].tolist() == raw["value"][60:120].tolist()
    assert set(view.events["instance"]) == {host}
    assert set(view.incidents["instance"]) <= {host}
    assert view.sentence.startswith(f"{len(view.events)} event")
    with pytest.raises(NotFound, match="did not score nonsense"):
        host_view(loaded, found.run_id, host, "nonsense")


def test_there_are_no_runs_before_the_first(ws):
    assert detection_runs(ws).empty
    assert run_labels(ws, "hosts") == {}


def test_detectors_are_offered_with_the_recommended_first(monkeypatch):
    assert next(iter(detector_titles())) == "seasonal_robust"
    assert list(detector_titles())[-1] == "static_threshold"
    monkeypatch.setattr("lab.aiops.detect.keras_dense.find_spec", lambda _: None)
    assert "autoencoder" not in usable_detectors()
    assert "not installed" in unusable_detectors()["Autoencoder (Keras)"]


def _statuses(ws) -> list[str]:
    mlflow = client(ws)
    ids = [each.experiment_id for each in mlflow.search_experiments()]
    return [run.info.status for run in mlflow.search_runs(ids)]
