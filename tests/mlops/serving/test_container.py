"""Models in real containers, and the fence around them."""

import shutil
import socket
from dataclasses import replace

import docker
import pytest

from lab.core.errors import Busy, NotFound, Unavailable
from lab.core.progress import drain
from lab.core.workspace import open_workspace
from lab.mlops.models.artifact import fingerprint, load_model, stamp
from lab.mlops.serving.container import Containers
from lab.mlops.serving.endpoint import invoke, workspace_mark
from lab.mlops.serving.engine import engine
from lab.mlops.serving.image import _built, build_image, image_of, images, remove_image
from tests.mlops.serving.cut_line import cut_line
from tests.mlops.serving.models import rows
from tests.needs import needs

pytestmark = needs("docker")

# What the engine must say about a running model container, apart from ids and names.
GOLDEN = {
    "Privileged": False,
    "ReadonlyRootfs": True,
    "CapAdd": None,
    "CapDrop": ["ALL"],
    "SecurityOpt": ["no-new-privileges:true"],
    "Memory": 1 << 30,
    "MemorySwap": 1 << 30,
    "NanoCpus": 1_000_000_000,
    "PidsLimit": 256,
    "Init": True,
    "AutoRemove": False,
    "Binds": None,
    "Mounts": None,
    "VolumesFrom": None,
    "Devices": None,
    "PidMode": "",
    "IpcMode": "private",
    "UTSMode": "",
    "UsernsMode": "",
    "NetworkMode": "lab-serving",
    "PublishAllPorts": False,
    "Tmpfs": {"/tmp": "rw,noexec,nosuid,nodev,size=64m"},
    "RestartPolicy": {"Name": "no", "MaximumRetryCount": 0},
    "Ulimits": [{"Name": "nofile", "Hard": 1024, "Soft": 1024}],
    "LogConfig": {"Type": "json-file", "Config": {"max-file": "2", "max-size": "10m"}},
    "PortBindings": {"8080/tcp": [{"HostIp": "127.0.0.1", "HostPort": ""}]},
}
INSIDE = """
import os, socket
def refused(what):
    try:
        what()
    except OSError as error:
        return type(error).__name__
    return "allowed"
def call(host, port):
    s = socket.socket(); s.settimeout(2); s.connect((host, port))
print(os.getuid())
print(refused(lambda: open("/srv/x", "w")), refused(lambda: open("/opt/venv/x", "w")))
print(refused(lambda: call("1.1.1.1", 443)))
print("allowed" if open("/tmp/x", "w") else "")
"""


@pytest.fixture(scope="module")
def client():
    client = docker.from_env(timeout=180)
    yield client
    client.close()


@pytest.fixture(scope="module")
def ws(tmp_path_factory):
    """One workspace for all of them, so that the image is built once."""
    ws = open_workspace(tmp_path_factory.mktemp("docker") / "workspace")
    yield ws
    for info in Containers(ws).all():
        Containers(ws).remove(info.id)
    for image in images(ws):
        remove_image(ws, image.id)


@pytest.fixture(scope="module")
def image(ws, model_folder):
    messages: list[str] = []
    built = drain(build_image(ws, model_folder), lambda step: messages.append(step.message))
    assert any(message.startswith("Successfully built") for message in messages)
    return built


@pytest.fixture(scope="module")
def endpoint(ws, image, model_folder):
    return drain(Containers(ws).launch(model_folder))


def container_of(client, info):
    return client.containers.list(all=True, filters={"label": f"lab.endpoint={info.id}"})[0]


def test_image_is_labelled_and_holds_no_more_than_it_should(client, ws, image, model_folder):
    found = client.images.get(image.id)
    ours = {key: value for key, value in found.labels.items() if key != "lab.packages"}
    assert ours == {
        "lab.owner": ws.settings.owner,
        "lab.workspace": workspace_mark(ws),
        "lab.model": "sales",
        "lab.version": "1",
        "lab.run": "run-1",
        "lab.fingerprint": fingerprint(model_folder),
    }
    assert found.attrs["Config"]["User"] == "65534:65534"
    assert found.attrs["Config"]["Healthcheck"]["Test"][0] == "CMD"
    history = " ".join(layer["CreatedBy"] for layer in found.history())
    assert "ARG" not in history
    assert "token" not in history.lower()
    assert image_of(ws, model_folder) == image
    assert [known.id for known in images(ws)] == [image.id]


def test_a_second_model_uses_the_same_packages(ws, image, model_folder, tmp_path):
    folder = shutil.copytree(model_folder, tmp_path / "m")
    stamp(folder, "2")
    messages: list[str] = []
    second = drain(build_image(ws, folder), lambda step: messages.append(step.message))
    assert messages[0].startswith("Packages are there already")
    assert not any(" pip " in message for message in messages)
    assert second.id != image.id
    remove_image(ws, second.id)
    assert image_of(ws, folder) is None


def test_prediction_equals_the_local_models(endpoint, model_folder):
    frame = rows(20)
    served = invoke(endpoint.url, frame.to_dict("records")).predictions
    assert list(served) == pytest.approx(load_model(model_folder).predict(frame), rel=1e-9)


def test_container_is_what_the_golden_record_says(client, endpoint):
    attributes = container_of(client, endpoint).attrs
    host = attributes["HostConfig"]
    # Engines differ in how they write nothing: absent, null, empty or false.
    assert {key: host.get(key) or None for key in GOLDEN} == {
        key: value or None for key, value in GOLDEN.items()
    }
    assert attributes["Config"]["User"] == "65534:65534"
    assert attributes["Config"]["Labels"]["lab.endpoint"] == endpoint.id
    assert attributes["Mounts"] == []
    published = attributes["NetworkSettings"]["Ports"]["8080/tcp"]
    assert [binding["HostIp"] for binding in published] == ["127.0.0.1"]
    assert attributes["Image"].startswith("sha256:")


def test_fence_holds_from_inside(client, endpoint):
    result = container_of(client, endpoint).exec_run(["python", "-I", "-c", INSIDE])
    uid, writes, egress, scratch = result.output.decode().splitlines()
    assert uid == "65534"
    assert writes == "OSError OSError"
    assert egress in ("TimeoutError", "OSError", "ConnectionRefusedError")
    assert scratch == "allowed"


def test_it_is_found_again_and_only_in_its_workspace(ws, endpoint, tmp_path):
    assert endpoint in Containers(ws).all()
    other = open_workspace(tmp_path / "other")
    assert Containers(other).all() == []
    stranger = replace(ws, settings=replace(ws.settings, owner="somebody-else"))
    assert Containers(stranger).all() == []
    with pytest.raises(NotFound):
        Containers(other).remove(endpoint.id)


def test_stop_keeps_the_log_and_remove_leaves_nothing(client, ws, image, model_folder):
    backend = Containers(ws)
    info = drain(backend.launch(model_folder))
    request = invoke(info.url, rows(1).to_dict("records")).request_id
    backend.stop(info.id)
    stopped = next(known for known in backend.all() if known.id == info.id)
    assert (stopped.state, stopped.url) == ("stopped", "")
    assert request in backend.logs(info.id)
    backend.remove(info.id)
    assert not client.containers.list(all=True, filters={"label": f"lab.endpoint={info.id}"})
    with pytest.raises(NotFound):
        backend.logs(info.id)


def test_a_taken_port_leaves_no_container_behind(client, ws, image, model_folder):
    before = {info.id for info in Containers(ws).all()}
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(Busy, match="is taken"):
        drain(Containers(ws).launch(model_folder, port=taken.getsockname()[1]))
    assert {info.id for info in Containers(ws).all()} == before


def test_a_cancelled_launch_leaves_no_container_behind(ws, image, model_folder):
    before = {info.id for info in Containers(ws).all()}
    steps = Containers(ws).launch(model_folder)
    next(steps)
    next(steps)
    steps.close()
    assert {info.id for info in Containers(ws).all()} == before


def test_a_model_that_is_refused_inside_is_taken_down_with_its_reason(ws, tmp_path, model_folder):
    folder = shutil.copytree(model_folder, tmp_path / "m")
    data = bytearray((folder / "model.skops").read_bytes())
    data[50] ^= 1
    (folder / "model.skops").write_bytes(data)
    stamp(folder, "9")
    before = {info.id for info in Containers(ws).all()}
    with pytest.raises(Unavailable, match="not the file that was saved"):
        drain(Containers(ws).launch(folder))
    assert {info.id for info in Containers(ws).all()} == before


def test_a_container_never_started_is_swept(client, ws, image, monkeypatch):
    marks = {
        "lab.owner": ws.settings.owner,
        "lab.workspace": workspace_mark(ws),
        "lab.endpoint": "left-over",
    }
    client.containers.create(image.id, labels=marks)
    assert Containers(ws).sweep() == 0  # it may be a launch going on right now
    monkeypatch.setattr("lab.mlops.serving.container.STALE_SECONDS", -60.0)
    assert Containers(ws).sweep() == 1


def test_a_step_that_fails_says_so(ws, model_folder):
    broken = replace(ws, settings=replace(ws.settings, docker_base_image="scratch"))
    with pytest.raises(Unavailable, match=r"not built|refused"):
        drain(build_image(broken, model_folder))


def test_an_engine_that_dies_in_the_middle_of_a_build_is_unavailable(ws, client, monkeypatch):
    with cut_line() as line:
        monkeypatch.setenv("DOCKER_HOST", line.address)
        files = {"Dockerfile": b"FROM python:3.11-slim\nRUN sleep 30\n"}

        def build_and_cut():
            with engine() as cut:
                for step in _built(cut, files, "lab-test:cut", {}):
                    if "Running in" in step.message:
                        line.cut()

        with pytest.raises(Unavailable, match="went away"):
            build_and_cut()
    assert not client.images.list("lab-test:cut")
