"""An application behind a real socket, in a thread, for tests that speak HTTP to it."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import requests
import uvicorn

from lab.mlops.serving.app import create_app

JSON = "application/json"


class Client:
    """A browserless caller of one address."""

    def __init__(self, app: Any, base: str) -> None:
        self.app, self.base, self.session = app, base, requests.Session()
        self.session.trust_env = False

    def request(self, method: str, path: str, **options: Any) -> requests.Response:
        return self.session.request(method, self.base + path, timeout=120, **options)

    def get(self, path: str, **options: Any) -> requests.Response:
        return self.request("GET", path, **options)

    def post(self, path: str, **options: Any) -> requests.Response:
        return self.request("POST", path, **options)


@contextmanager
def serving(app: Any, *, started: bool = True) -> Iterator[Client]:
    """Serve an app on a free loopback port; ``started=False`` leaves out its start-up."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        app, log_config=None, ws="none", lifespan="on" if started else "off", access_log=False
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        client = Client(app, f"http://127.0.0.1:{listener.getsockname()[1]}")
        yield client
        client.session.close()
    finally:
        server.should_exit = True
        thread.join(60)
        listener.close()


def client_of(folder: Path, **options) -> AbstractContextManager[Client]:
    return serving(create_app(folder, **options))


def send(client: Client, body, kind: str = JSON):
    content = body if isinstance(body, bytes | str) else json.dumps(body)
    return client.post("/invocations", data=content, headers={"Content-Type": kind})


def is_reason(answer) -> bool:
    body = answer.json()
    return set(body) == {"code", "message", "hint"} and bool(body["message"])
