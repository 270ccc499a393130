"""Everything also goes to a real MLflow server that somebody set."""

from dataclasses import replace

import pytest

from lab.core.errors import NotFound, Unavailable
from lab.core.workspace import Workspace
from lab.mlops.tracking import client, registry, sweep, track
from lab.mlops.tracking.artifacts import cached, fetch


@pytest.fixture
def remote(ws, server):
    return Workspace(ws.root, replace(ws.settings, mlflow_tracking_uri=server))


def test_a_run_its_files_and_its_versions_live_on_the_server(remote, tmp_path):
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / "a.txt").write_text("abc")
    with track(remote, "sales", "far away", {"seed": 1}) as run:
        run.log_metrics({"mae": 1.5})
        run.log_folder(tmp_path / "m", "lab_model")
        logged = client(remote).create_logged_model(run.experiment_id, "model", run.run_id)
        client(remote).finalize_logged_model(logged.model_id, "READY")
    assert client(remote).get_run(run.run_id).info.status == "FINISHED"
    number = registry.create_version(
        remote, "far", run_id=run.run_id, model_id=logged.model_id, tags={"k": "v"}
    )
    registry.point(remote, "far", "champion", number)
    assert registry.aliases(remote, "far") == {"champion": number}
    assert registry.versions(remote, "far")[0].tags == {"k": "v"}
    place = cached(remote, run.run_id, "lab_model")
    assert place.is_relative_to(remote.models)
    assert (place / "a.txt").read_text() == "abc"
    assert cached(remote, run.run_id, "lab_model") == place
    with pytest.raises(NotFound, match="holds no nothing"):
        fetch(remote, run.run_id, "nothing")
    assert sweep(remote) == 0
    assert not remote.mlflow_database.exists()


def test_a_server_that_is_down_is_named(ws, free_port):
    down = replace(ws.settings, mlflow_tracking_uri=f"http://127.0.0.1:{free_port}")
    with pytest.raises(Unavailable) as caught:
        sweep(Workspace(ws.root, down))
    assert str(free_port) in caught.value.message
