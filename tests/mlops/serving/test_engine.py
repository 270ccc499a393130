"""Docker that is absent, or dies, in our words."""

import socket
import threading

import pytest

from lab.core.errors import BadInput, Unavailable
from lab.core.progress import drain
from lab.mlops.serving.container import Containers
from lab.mlops.serving.engine import absence
from lab.mlops.serving.image import _steps, build_image


@pytest.fixture
def no_docker(monkeypatch):
    monkeypatch.setenv("DOCKER_HOST", "unix:///nonexistent.sock")


@pytest.mark.usefixtures("no_docker")
def test_absent_engine_is_unavailable_with_the_way_out(ws, model_folder):
    assert "No Docker engine answers" in absence()
    calls = (
        lambda: drain(build_image(ws, model_folder)),
        lambda: drain(Containers(ws).launch(model_folder)),
        lambda: Containers(ws).all(),
    )
    for call in calls:
        with pytest.raises(Unavailable) as caught:
            call()
        assert "local process" in caught.value.hint


@pytest.mark.parametrize("host", ["tcp://127.0.0.1:1", "nonsense://x", "unix:///etc/passwd"])
def test_any_bad_address_is_an_absence(monkeypatch, host):
    monkeypatch.setenv("DOCKER_HOST", host)
    assert absence()


def test_an_engine_that_hangs_up_is_unavailable(monkeypatch):
    listener = socket.create_server(("127.0.0.1", 0))

    def hang_up():
        while True:
            try:
                listener.accept()[0].close()
            except OSError:
                return

    threading.Thread(target=hang_up, daemon=True).start()
    monkeypatch.setenv("DOCKER_HOST", f"tcp://127.0.0.1:{listener.getsockname()[1]}")
    assert absence()
    listener.close()


def test_bad_base_image_is_refused_before_docker_is_asked(ws, model_folder, monkeypatch):
    from dataclasses import replace

    settings = replace(ws.settings, docker_base_image="x\nRUN id")
    with pytest.raises(BadInput, match="not an image name"):
        drain(build_image(replace(ws, settings=settings), model_folder))


def test_log_lines_become_progress():
    events = [
        {"stream": "Step 1/4 : FROM x\n"},
        {"stream": "\n"},
        {"stream": "Step 3/4 : RUN y\nhello\n"},
        {"aux": {"ID": "sha256:1"}},
        {"stream": "Successfully built 1\n"},
    ]
    steps = list(_steps(iter(events)))
    assert [(s.done, s.total) for s in steps] == [(0, 4), (2, 4), (2, 4), (2, 4)]
    assert steps[2].message == "hello"


def test_a_failed_step_is_found_among_the_events():
    events = [{"stream": "Step 1/4 : FROM x"}, {"error": "returned a non-zero code: 1"}]
    with pytest.raises(Unavailable, match="non-zero code"):
        list(_steps(iter(events)))


def test_a_build_that_just_ends_is_a_failure():
    with pytest.raises(Unavailable, match="without an image"):
        list(_steps(iter([{"stream": "Step 1/4 : FROM x"}])))


def test_a_second_build_waits_for_the_first(ws, monkeypatch):
    from filelock import FileLock

    from lab.mlops.serving.image import _turn

    monkeypatch.setattr("lab.mlops.serving.image.WAIT_SECONDS", 0.01)
    first = FileLock(ws.state / "image-build.lock")
    with first:
        steps = _turn(ws)
        assert "another build" in next(steps).message
    with pytest.raises(StopIteration) as ended:
        next(steps)
    with ended.value.value:
        assert "another build" in next(_turn(ws)).message
    with pytest.raises(StopIteration):
        next(_turn(ws))
