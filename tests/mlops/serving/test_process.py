"""Models behind a local process: what any machine can do."""

import os
import shutil
import signal
import socket

import pytest
import requests

from lab.core.errors import BadInput, Busy, NotFound, Unavailable
from lab.core.process import Child
from lab.core.progress import drain
from lab.mlops.models.artifact import fingerprint, load_model
from lab.mlops.serving.endpoint import invoke
from lab.mlops.serving.process import Processes
from tests.mlops.serving.models import ROW, rows


@pytest.fixture
def processes(ws):
    backend = Processes(ws)
    yield backend
    for info in backend.all():
        backend.remove(info.id)


def test_launch_ask_stop_remove(processes, model_folder):
    messages: list[str] = []
    info = drain(processes.launch(model_folder), lambda step: messages.append(step.message))
    assert messages[-1].endswith("is healthy")
    assert (info.backend, info.model, info.version, info.state) == (
        "process", "sales", "1", "healthy",
    )  # fmt: skip
    assert info.url.startswith("http://127.0.0.1:")
    assert info.fingerprint == fingerprint(model_folder)

    frame = rows(5)
    answer = invoke(info.url, frame.to_dict("records"))
    assert list(answer.predictions) == load_model(model_folder).predict(frame).tolist()
    assert answer.request_id in processes.logs(info.id)

    assert processes.all() == [info]  # also what a reloaded page or another process sees
    assert Processes(processes.ws).all() == [info]
    processes.stop(info.id)
    stopped = processes.all()[0]
    assert (stopped.state, stopped.url) == ("stopped", "")
    assert "Finished server process" in processes.logs(info.id)
    processes.remove(info.id)
    assert processes.all() == []
    assert list(processes.root.iterdir()) == []


def test_rows_that_do_not_fit_come_back_with_the_servers_reason(processes, model_folder):
    info = drain(processes.launch(model_folder))
    with pytest.raises(BadInput, match="'day'"):
        invoke(info.url, [{**ROW, "day": "Monday"}])
    with pytest.raises(BadInput, match="JSON"):
        invoke(info.url, [{**ROW, "price": float("nan")}])
    processes.stop(info.id)
    with pytest.raises(Unavailable, match="does not answer"):
        invoke(info.url, [ROW])


def test_a_killed_server_shows_as_stopped(processes, model_folder):
    info = drain(processes.launch(model_folder))
    child = Child.load(processes.root / info.id / "child.json")
    os.kill(child.pid, signal.SIGKILL)
    for _ in range(100):
        if not child.alive:
            break
        os.waitpid(child.pid, 0)
    assert processes.all()[0].state == "stopped"


def test_a_taken_port_leaves_nothing_behind(processes, model_folder):
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(Busy, match="is taken"):
        drain(processes.launch(model_folder, port=taken.getsockname()[1]))
    assert list(processes.root.iterdir()) == []


def test_a_corrupt_model_is_refused_and_leaves_nothing_behind(processes, model_folder, tmp_path):
    folder = shutil.copytree(model_folder, tmp_path / "m")
    data = bytearray((folder / "model.skops").read_bytes())
    data[50] ^= 1
    (folder / "model.skops").write_bytes(data)
    with pytest.raises(Unavailable, match="not the file that was saved"):
        drain(processes.launch(folder))
    assert list(processes.root.iterdir()) == []


def test_a_cancelled_launch_leaves_nothing_behind(processes, model_folder):
    steps = processes.launch(model_folder)
    next(steps)
    next(steps)
    folder = next(processes.root.iterdir())
    child = Child.load(folder / "child.json")
    steps.close()
    assert not child.alive
    assert list(processes.root.iterdir()) == []


def test_what_a_crash_left_is_swept(processes):
    stale, fresh = processes.root / "old", processes.root / "new"
    for folder in (stale, fresh):
        folder.mkdir(parents=True)
    os.utime(stale, (0, 0))
    assert processes.sweep() == 1
    assert not stale.exists()
    assert fresh.exists()
    fresh.rmdir()


@pytest.mark.parametrize("name", ["none", "..", ".", "../../x", ""])
def test_an_id_that_is_none(processes, name):
    processes.root.mkdir(parents=True, exist_ok=True)
    for call in (processes.logs, processes.stop, processes.remove):
        with pytest.raises((NotFound, BadInput)):
            call(name)
    assert processes.ws.root.is_dir()


def test_a_foreign_host_name_is_refused(processes, model_folder):
    info = drain(processes.launch(model_folder))
    answer = requests.get(f"{info.url}/version", headers={"Host": "evil.example"}, timeout=60)
    assert answer.status_code == 400
