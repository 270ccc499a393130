import json

import pytest

from lab.core.errors import Cancelled
from lab.mlops.tracking import client, track
from lab.mlops.tracking.artifacts import fetch
from lab.mlops.tracking.run import NotFiniteMetric


def read(ws, run):
    return client(ws).get_run(run.run_id)


def test_a_run_holds_what_was_logged_and_ends_finished(tracked, tmp_path):
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "weights.bin").write_bytes(b"abc")
    params = {f"p{i}": i for i in range(150)}  # more than MLflow takes at once
    with track(tracked, "sales", "first", params, {"why": "test"}) as run:
        run.log_metrics({"mae": 2.5}, step=1)
        run.log_metrics({"mae": 1.5}, step=2)
        run.log_dict({"a": [1]}, "facts.json")
        run.log_figure("<p>chart</p>", "plots/a.html")
        run.log_folder(tmp_path / "model", "lab_model")
        assert read(tracked, run).info.status == "RUNNING"
    found = read(tracked, run)
    assert found.info.status == "FINISHED"
    assert found.info.run_name == "first"
    assert found.data.params == {k: str(v) for k, v in params.items()}
    assert found.data.tags["why"] == "test"
    assert found.data.tags["mlflow.user"] == "me"
    history = client(tracked).get_metric_history(run.run_id, "mae")
    assert [(m.step, m.value) for m in history] == [(1, 2.5), (2, 1.5)]
    assert json.loads(fetch(tracked, run.run_id, "facts.json").read_text()) == {"a": [1]}
    assert fetch(tracked, run.run_id, "plots/a.html").read_text() == "<p>chart</p>"
    assert (fetch(tracked, run.run_id, "lab_model") / "weights.bin").read_bytes() == b"abc"


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (ValueError("wrong"), "FAILED"),
        (Cancelled("stopped"), "KILLED"),
        (KeyboardInterrupt(), "KILLED"),
        (GeneratorExit(), "KILLED"),
    ],
)
def test_a_run_ends_as_what_it_was(tracked, error, status):
    with pytest.raises(type(error)), track(tracked, "sales", "broken") as run:
        raise error
    found = read(tracked, run)
    assert found.info.status == status
    assert found.data.tags.get("lab.error") == ("wrong" if status == "FAILED" else None)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_a_number_that_is_not_finite_is_a_tag_and_a_warning(tracked, value):
    with track(tracked, "sales", "odd") as run, pytest.warns(NotFiniteMetric, match="mape is"):
        run.log_metrics({"mae": 1.0, "mape": value})
    data = read(tracked, run).data
    assert data.metrics == {"mae": 1.0}
    assert data.tags["lab.not_finite.mape"] == str(value)


def test_long_values_are_cut_and_do_not_stop_a_run(tracked):
    with track(tracked, "sales", "long", {"p": "x" * 9000}, {"t": "y" * 9000}) as run:
        pass
    data = read(tracked, run).data
    assert len(data.params["p"]) == len(data.tags["t"]) == 5000
