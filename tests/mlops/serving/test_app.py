"""The protocol, spoken to the real application over a real socket."""

import shutil

import numpy as np
import pytest
from prometheus_client.parser import text_string_to_metric_families

from lab.mlops.models.artifact import fingerprint
from lab.mlops.serving.app import create_app
from tests.mlops.serving.live import client_of, is_reason, send, serving
from tests.mlops.serving.models import ROW


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 404),
        ("GET", "/docs", 404),
        ("GET", "/openapi.json", 404),
        ("GET", "/invocations", 405),
        ("POST", "/health", 405),
        ("GET", "/../manifest.json", 404),
    ],
)
def test_nothing_else_is_served(client, method, path, status):
    answer = client.request(method, path)
    assert answer.status_code == status
    assert is_reason(answer)


def test_foreign_host_name_is_refused(client):
    assert client.get("/version", headers={"Host": "evil.example"}).status_code == 400


def test_health_and_version(client, model_folder):
    for path in ("/ping", "/health"):
        assert client.get(path).status_code == 200
    about = client.get("/version").json()
    assert (about["model"], about["version"], about["run_id"]) == ("sales", "1", "run-1")
    assert about["fingerprint"] == fingerprint(model_folder)
    assert about["inputs"][0] == {"name": "price", "type": "double"}


def test_metrics_count_requests_predictions_and_name_the_model(model_folder):
    with client_of(model_folder) as client:
        client.app.state.slot.wait()
        send(client, {"dataframe_records": [ROW, ROW]})
        send(client, "{")
        client.get("/no/such/path")
        page = client.get("/metrics")
    samples = {
        (s.name, *sorted(s.labels.values())): s.value
        for family in text_string_to_metric_families(page.text)
        for s in family.samples
    }
    assert samples["lab_serving_requests_total", "/invocations", "200"] == 1
    assert samples["lab_serving_requests_total", "/invocations", "400"] == 1
    assert samples["lab_serving_requests_total", "404", "other"] == 1
    assert samples["lab_serving_predictions_total",] == 2
    assert samples["lab_serving_request_duration_seconds_count", "/invocations"] == 2
    assert samples["lab_serving_ready",] == 1
    assert any(key[0] == "lab_serving_model_info" and "sales" in key for key in samples)


def test_before_the_model_is_loaded(model_folder):
    # Never started: the state every server begins in.
    with serving(create_app(model_folder), started=False) as client:
        for path in ("/health", "/ping", "/version"):
            answer = client.get(path)
            assert (answer.status_code, answer.json()["code"]) == (503, "loading")
        assert send(client, {"dataframe_records": [ROW]}).status_code == 503


@pytest.mark.parametrize("damage", ["flipped byte", "no manifest", "foreign file", "wrong model"])
def test_a_corrupt_model_is_never_served(tmp_path, model_folder, damage):
    folder = shutil.copytree(model_folder, tmp_path / "model")
    expected = "0" * 64 if damage == "wrong model" else None
    if damage == "flipped byte":
        data = bytearray((folder / "model.skops").read_bytes())
        data[100] ^= 1
        (folder / "model.skops").write_bytes(data)
    elif damage == "no manifest":
        (folder / "manifest.json").unlink()
    elif damage == "foreign file":
        (folder / "evil.py").write_text("raise SystemExit")
    with client_of(folder, expected=expected) as client:
        assert client.app.state.slot.wait() == "refused"
        for answer in (client.get("/health"), send(client, {"dataframe_records": [ROW]})):
            assert (answer.status_code, answer.json()["code"]) == (503, "refused")
            assert is_reason(answer)
        assert client.get("/metrics").status_code == 200


def test_token(model_folder):
    with client_of(model_folder, token="s3cret") as client:
        client.app.state.slot.wait()
        for given in (None, "Bearer wrong", "s3cret", "Bearer s3cret\xe9"):
            headers = {} if given is None else {"Authorization": given.encode("latin-1")}
            assert client.get("/version", headers=headers).status_code == 401
            assert client.get("/metrics", headers=headers).status_code == 401
            assert client.post("/invocations", headers=headers).status_code == 401
        assert client.get("/health").status_code == 200
        known = {"Authorization": "Bearer s3cret"}
        assert client.get("/version", headers=known).status_code == 200


def test_an_accident_is_a_calm_answer(model_folder, monkeypatch):
    with client_of(model_folder) as client:
        client.app.state.slot.wait()

        class Broken:
            manifest = client.app.state.slot.model.manifest

            def predict(self, _):
                raise RuntimeError("secret detail")

        client.app.state.slot.model = Broken()
        answer = send(client, {"dataframe_records": [ROW]})
        assert answer.status_code == 500
        assert is_reason(answer)
        assert "secret" not in answer.text


def test_a_prediction_that_is_no_number_is_not_passed_on(model_folder):
    with client_of(model_folder) as client:
        client.app.state.slot.wait()

        class Empty:
            manifest = client.app.state.slot.model.manifest

            def predict(self, frame):
                return np.full(len(frame), np.nan)

        client.app.state.slot.model = Empty()
        answer = send(client, {"dataframe_records": [ROW]})
        assert (answer.status_code, answer.json()["code"]) == (500, "not_finite")
