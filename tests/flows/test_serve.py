"""A registered model, served for real and asked through the flows."""

import json
from pathlib import Path

import pytest

from lab.core.errors import BadInput, NotFound, Unavailable
from lab.core.jobs import Jobs, result_of
from lab.core.progress import drain
from lab.core.workspace import Workspace, open_workspace
from lab.flows import serve
from lab.flows.registry import champion
from tests.flows.serving_world import NAME, with_champion
from tests.needs import needs


@pytest.fixture(scope="module")
def ws(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return with_champion(tmp_path_factory.mktemp("serve") / "workspace")


@pytest.fixture(autouse=True)
def taken_down(ws):
    yield
    for info in serve.endpoints(ws):
        serve.remove(ws, info.id)


@pytest.fixture
def no_docker(monkeypatch):
    monkeypatch.setenv("DOCKER_HOST", "unix:///nonexistent.sock")


def local(ws):
    return drain(serve.launch(ws, backend="process"))


def test_without_docker_a_local_process_serves_and_says_why(ws, no_docker):
    choice = serve.backend_for(ws)
    assert choice.backend == "process"
    assert "No Docker engine answers" in choice.reason
    info = drain(serve.launch(ws))
    assert (info.backend, info.model, info.version) == ("process", NAME, "1")
    assert info.run_id == champion(ws, NAME).run_id
    assert serve.images(ws) == []


def test_docker_asked_for_by_name_is_an_error_when_absent(ws, no_docker):
    for call in (lambda: drain(serve.launch(ws, backend="docker")), lambda: drain(serve.build(ws))):
        with pytest.raises(Unavailable, match="No Docker engine answers"):
            call()
    assert serve.endpoints(ws) == []
    assert "No Docker engine" in serve.build_log(ws)


def test_served_prediction_equals_the_local_one_and_is_stored(ws):
    info, rows = local(ws), serve.sample_rows(ws)
    comparison = serve.compare_with_local(ws, info.id, rows)
    assert comparison.equal
    assert comparison.same_model
    assert comparison.largest_difference == 0.0
    assert len(rows) == len(comparison.local) == 5
    stored = ws.store.read(
        "SELECT * FROM predictions WHERE request_id = ? ORDER BY row_number",
        [comparison.served.request_id],
    )
    assert stored["prediction"].tolist() == list(comparison.served.predictions)
    assert [json.loads(text) for text in stored["features"]] == rows
    assert set(stored["model"]) == {NAME}
    assert set(stored["version"]) == {"1"}
    assert serve.recent(ws, NAME, count=2)["row_number"].tolist() == [0, 1]
    assert serve.comparison_table(comparison)["difference"].abs().max() == 0.0


def test_rows_may_be_a_frame_or_one_mapping(ws):
    import pandas as pd

    info, rows = local(ws), serve.sample_rows(ws, count=2)
    asked = serve.predict(ws, info.id, rows).predictions
    assert serve.predict(ws, info.id, pd.DataFrame(rows)).predictions == asked
    assert serve.predict(ws, info.id, rows[0]).predictions == asked[:1]


@pytest.mark.parametrize("rows", [[], [1], "text", [{"price": 1}], None])
def test_rows_that_do_not_fit_are_refused_and_not_stored(ws, rows):
    info = local(ws)
    before = len(serve.recent(ws, NAME, count=1000))
    with pytest.raises(BadInput):
        serve.predict(ws, info.id, rows)
    assert len(serve.recent(ws, NAME, count=1000)) == before


def test_stop_log_remove_and_the_audit(ws):
    info = local(ws)
    request = serve.predict(ws, info.id, serve.sample_rows(ws, count=1)).request_id
    assert serve.stop(ws, info.id).state == "stopped"
    assert request in serve.logs(ws, info.id)
    with pytest.raises(Unavailable, match="is stopped"):
        serve.predict(ws, info.id, [{}])
    serve.remove(ws, info.id)
    assert serve.endpoints(ws) == []
    audit = ws.store.read(
        "SELECT verb FROM actions WHERE object = ? ORDER BY acted_at", [f"endpoint {info.id}"]
    )
    assert audit["verb"].tolist() == ["launched", "stopped", "removed"]


def test_what_does_not_exist_is_named(ws, tmp_path):
    with pytest.raises(NotFound, match="nothing-here"):
        serve.predict(ws, "nothing-here", [{}])
    with pytest.raises(NotFound, match="version 99"):
        drain(serve.launch(ws, version="99", backend="process"))
    with pytest.raises(BadInput, match="kubernetes"):
        serve.backend_for(ws, "kubernetes")
    empty = open_workspace(tmp_path / "empty")
    assert serve.champions(empty) == []
    assert serve.recent(empty).empty
    with pytest.raises(NotFound, match="no champion"):
        drain(serve.launch(empty))


def test_a_launch_by_a_job_outlives_the_job_and_the_page(ws):
    jobs = Jobs(ws)
    job = jobs.submit(
        "lab.flows.serve:launch", label="Launch", writes=False, name=NAME, backend="process"
    )
    made = result_of(jobs.wait(job.id, 400))
    again = open_workspace(ws.root)  # as a page does after a reload
    info = serve.endpoint_of(again, made["id"])
    assert (info.state, info.url) == ("healthy", made["url"])


def test_a_model_changed_on_disk_is_not_served(tmp_path):
    ws = with_champion(tmp_path / "workspace", model="ridge")
    folder = Path(champion(ws, NAME).folder)
    data = bytearray((folder / "model.skops").read_bytes())
    data[30] ^= 1
    (folder / "model.skops").write_bytes(data)
    with pytest.raises((BadInput, Unavailable), match=r"saved|registered"):
        drain(serve.launch(ws, backend="process"))
    assert serve.endpoints(ws) == []


@needs("docker")
def test_champion_from_image_to_answer(ws):
    lines: list[str] = []
    image = drain(serve.build(ws), lambda step: lines.append(step.message))
    try:
        assert serve.build_log(ws).splitlines()[-1] == lines[-1]
        assert (image.model, image.version) == (NAME, "1")
        info = drain(serve.launch(ws))
        assert info.backend == "docker"
        comparison = serve.compare_with_local(ws, info.id, serve.sample_rows(ws))
        assert comparison.equal
        assert comparison.same_model
        assert serve.stop(ws, info.id).state == "stopped"
        serve.remove(ws, info.id)
    finally:
        for known in serve.images(ws):
            serve.remove_image(ws, known.id)
    assert serve.images(ws) == []
