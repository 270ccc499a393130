"""The launcher takes owner, model and version, from a caller with the token, and nothing else."""

import json
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path

import pytest
import requests
import uvicorn

from lab import launcher
from lab.core.errors import BadInput, NotFound, Unavailable
from lab.core.process import answers
from lab.core.progress import Progress
from lab.core.secrets import LAUNCHER, load_secrets
from lab.core.workspace import Workspace
from lab.mlops.serving import launched
from lab.mlops.serving.endpoint import EndpointInfo
from lab.mlops.serving.fence import hardened, shared
from lab.mlops.serving.launched import Launched

INFO = EndpointInfo(
    "sales-abc", "docker", "sales", "1", "r", "f", "http://lab-sales-abc:8080", "healthy", "", ""
)
ORDER = {"owner": "me", "model": "sales", "version": "1"}


class FakeContainers:
    """Stands in for the Docker backend and writes down what it was asked."""

    asked: list[tuple[object, ...]]
    failure: Exception | None = None

    def __init__(self, ws: Workspace, network: str) -> None:
        self.asked.append((ws.settings.owner, network))

    def launch(self, model: Path) -> Iterator[Progress]:
        self.asked.append(("launch", model.name))
        yield Progress(1, 2, "Step 1/2")
        if self.failure:
            raise self.failure
        return INFO

    def all(self) -> list[EndpointInfo]:
        return [INFO]

    def logs(self, endpoint: str) -> str:
        self.asked.append(("logs", endpoint))
        return "one\ntwo\nthree"

    def stop(self, endpoint: str) -> None:
        self.asked.append(("stop", endpoint))

    remove = stop

    def sweep(self) -> int:
        return 3


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> type[FakeContainers]:
    """The backend behind the launcher, and a registry that knows one model."""
    kind = type("Fake", (FakeContainers,), {"asked": []})
    monkeypatch.setattr(launcher, "Containers", kind)

    def folder(_: Workspace, model: str, version: str) -> Path:
        if (model, version) != ("sales", "1"):
            raise NotFound("There is no such version.", "List them.")
        return Path("/models/sales-1")

    monkeypatch.setattr(launcher, "model_folder", folder)
    return kind


class Caller:
    """Somebody who talks to a running launcher."""

    def __init__(self, ws: Workspace, url: str) -> None:
        self.url = url
        self.headers = {"Authorization": f"Bearer {load_secrets(ws)[LAUNCHER]}"}

    def post(self, path: str, **sent: object) -> requests.Response:
        return requests.post(self.url + path, **{"headers": self.headers, "timeout": 120, **sent})


@pytest.fixture
def client(ws: Workspace, fake: type[FakeContainers], free_port: int) -> Iterator[Caller]:
    """A caller with the token, and a launcher that really listens."""
    app = launcher.build(ws, "lab-models")
    config = uvicorn.Config(app, host="127.0.0.1", port=free_port, log_level="error")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    url = f"http://127.0.0.1:{free_port}"
    while not answers(f"{url}/health"):
        time.sleep(0.05)
    yield Caller(ws, url)
    server.should_exit = True
    thread.join()


@pytest.fixture
def backend(ws: Workspace, client: Caller) -> Launched:
    """The app's side of it."""
    return Launched(Workspace(ws.root, replace(ws.settings, launcher_url=client.url)))


@pytest.mark.parametrize(
    "body",
    [
        b"", b"[]", b"7", b"{", json.dumps({**ORDER, "image": "evil"}).encode(),
        json.dumps({**ORDER, "volumes": ["/:/host"]}).encode(),
        json.dumps({"owner": "me", "model": "sales"}).encode(),
        json.dumps({**ORDER, "version": 1}).encode(),
        json.dumps({**ORDER, "version": ""}).encode(),
        json.dumps({**ORDER, "model": "x" * 5000}).encode(),
    ],
)  # fmt: skip
def test_anything_but_the_three_fields_is_refused(
    client: Caller, fake: type[FakeContainers], body: bytes
) -> None:
    assert client.post("/launch", data=body).status_code == 422
    assert fake.asked == []


@pytest.mark.parametrize("header", ["", "Bearer ", "Bearer wrong", "Basic x", "Bearer \xe9"])
def test_without_the_token_nothing_happens(
    client: Caller, fake: type[FakeContainers], header: str
) -> None:
    given = {"Authorization": header.encode("latin-1")}
    for path in ("/launch", "/list", "/logs", "/stop", "/remove", "/sweep"):
        assert client.post(path, json=ORDER, headers=given).status_code == 401
    assert fake.asked == []


def test_launch_streams_progress_and_the_endpoint(
    client: Caller, fake: type[FakeContainers]
) -> None:
    lines = [json.loads(line) for line in client.post("/launch", json=ORDER).iter_lines()]
    assert lines == [{"done": 1, "total": 2, "message": "Step 1/2"}, {"endpoint": asdict(INFO)}]
    assert fake.asked == [("me", "lab-models"), ("launch", "sales-1")]


@pytest.mark.parametrize(
    ("field", "value", "status"),
    [("owner", "../x", 422), ("owner", "a=b", 422), ("version", "9", 409), ("model", "other", 409)],
)
def test_bad_values_are_refused(client: Caller, field: str, value: str, status: int) -> None:
    answer = client.post("/launch", json={**ORDER, field: value})
    assert answer.status_code == status
    assert set(answer.json()) == {"code", "message", "hint"}


def test_a_model_is_never_a_path(ws: Workspace) -> None:
    for name in ("../../etc", "/etc", "-rf", "a/b"):
        with pytest.raises(BadInput):
            launcher.model_folder(ws, name, "1")


def test_the_app_speaks_with_the_launcher(
    backend: Launched, fake: type[FakeContainers], monkeypatch: pytest.MonkeyPatch
) -> None:
    about = type("About", (), {"name": "sales", "version": "1"})
    monkeypatch.setattr(launched, "read_manifest", lambda _: about)
    steps = backend.launch(Path("anywhere"))
    assert next(steps) == Progress(1, 2, "Step 1/2")
    with pytest.raises(StopIteration) as ended:
        next(steps)
    assert ended.value.value == INFO
    assert backend.all() == [INFO]
    assert backend.logs("sales-abc", lines=2) == "two\nthree"
    backend.stop("sales-abc")
    assert fake.asked[-1] == ("stop", "sales-abc")
    assert backend.sweep() == 3
    assert launched.absence(backend.ws) == ""

    fake.failure = Unavailable("The image was not built.", "Read the log.")
    with pytest.raises(Unavailable, match="not built"):
        list(backend.launch(Path("anywhere")))


def test_absent_launcher_is_a_sentence(ws: Workspace, free_port: int) -> None:
    url = f"http://127.0.0.1:{free_port}"
    settings = type(ws.settings)(workspace=ws.root, launcher_url=url)
    assert (
        launched.absence(Workspace(ws.root, settings))
        == f"The launcher at {url}/list does not answer."
    )


def test_shared_fence_is_the_same_without_a_published_port() -> None:
    usual, inside = hardened(), shared("lab-models")
    assert "ports" not in inside
    assert inside["network"] == "lab-models"
    same = set(usual) - {"ports", "network", "log_config", "ulimits"}
    assert {key: usual[key] for key in same} == {key: inside[key] for key in same}
