from dataclasses import replace

import pytest
import requests

from lab.core.process import Child
from lab.core.progress import drain
from lab.core.workspace import Workspace
from lab.mlops.tracking import track
from lab.mlops.tracking.ui import STATE, running_ui, start_ui, stop_ui


@pytest.fixture
def opened(tracked):
    with track(tracked, "sales", "seen in the UI") as run:
        run.log_dict({"a": 1}, "facts.json")
    yield drain(start_ui(tracked)), run
    stop_ui(tracked)


def test_the_real_ui_shows_our_runs_on_loopback_only_and_ends_with_us(tracked, opened):
    ui, run = opened
    assert ui.ours
    assert ui.url.startswith("http://127.0.0.1:")
    search = {"experiment_ids": [run.experiment_id]}
    with requests.Session() as session:
        session.trust_env = False
        found = session.post(f"{ui.url}/api/2.0/mlflow/runs/search", json=search, timeout=120)
        assert found.json()["runs"][0]["info"]["run_name"] == "seen in the UI"
        where = {"run_id": run.run_id, "path": "facts.json"}
        assert session.get(f"{ui.url}/get-artifact", params=where, timeout=120).json() == {"a": 1}
        foreign = [{"Host": "evil.example"}, {"Origin": "http://evil.example"}]
        for headers in foreign:
            answer = session.post(
                f"{ui.url}/api/2.0/mlflow/runs/search", json=search, headers=headers, timeout=120
            )
            assert answer.status_code == 403
        home = session.get(ui.url, timeout=120)
        assert home.headers["X-Frame-Options"] == "DENY"
    assert drain(start_ui(tracked)) == ui  # a second click finds it
    child = Child.load(tracked.state / STATE)
    stop_ui(tracked)
    assert not child.alive
    assert running_ui(tracked) is None


def test_a_server_that_is_set_is_the_ui_and_is_never_ours(ws):
    far = Workspace(ws.root, replace(ws.settings, mlflow_tracking_uri="http://far:5000/"))
    ui = drain(start_ui(far))
    assert (ui.url, ui.ours) == ("http://far:5000", False)
    assert ui.run("1", "abc") == "http://far:5000/#/experiments/1/runs/abc"
