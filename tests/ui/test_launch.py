"""The running app: its settings, who may talk to it, and a deep link on a fresh server."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
import requests

from lab.core.process import free_port
from lab.core.running import NOTE
from lab.core.workspace import Workspace, open_workspace
from tests.needs import browser_path, needs

PROJECT = Path(__file__).resolve().parents[2]
# How late anything may be on a busy machine.
LATE_SECONDS = 180
# Serves as the app does, and writes down the settings it runs with once it answers.
SERVE = """
import sys, threading, time
from pathlib import Path
from lab.core.process import answers, write_json
from lab.core.workspace import open_workspace
from lab.ui import launch

root, port = sys.argv[1], int(sys.argv[2])

def note():
    while not answers(f"http://127.0.0.1:{port}/api/ready"):
        time.sleep(0.1)
    from streamlit import config
    options = {key: config.get_option(key) for key in config._config_options}
    write_json(Path(root, "options.json"), options)

threading.Thread(target=note, daemon=True).start()
launch.serve(open_workspace(root), "127.0.0.1", port)
"""
EXPECTED = {
    "server.address": "127.0.0.1",
    "server.headless": True,
    "server.enableCORS": True,
    "server.enableXsrfProtection": True,
    "server.allowedHosts": ["localhost", "127.0.0.1"],
    "server.maxUploadSize": 50,
    "server.maxMessageSize": 50,
    "server.disconnectedSessionTTL": 120,
    "server.websocketPingInterval": 20,
    "server.enableStaticServing": False,
    "server.enableAgentApi": False,
    "server.fileWatcherType": "none",
    "server.runOnSave": False,
    "server.maxCacheDataSize": "512mb",
    "client.showErrorDetails": "none",
    "client.showErrorLinks": False,
    "client.toolbarMode": "viewer",
    "browser.gatherUsageStats": False,
    "runner.magicEnabled": False,
}


@dataclass(frozen=True)
class Server:
    """A running app."""

    ws: Workspace
    port: int
    process: subprocess.Popen

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def options(self) -> dict:
        path, deadline = self.ws.root / "options.json", time.monotonic() + LATE_SECONDS
        while not path.exists() and time.monotonic() < deadline:
            time.sleep(0.1)
        return json.loads(path.read_text())


def served(root: Path) -> Iterator[Server]:
    port, log = free_port(), root.with_suffix(".log")
    with log.open("w") as sink:
        process = subprocess.Popen(
            [sys.executable, "-c", SERVE, str(root), str(port)],
            cwd=PROJECT, stdout=sink, stderr=sink,
        )  # fmt: skip
    server = Server(open_workspace(root), port, process)
    try:
        server.options()
        yield server
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(LATE_SECONDS)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One app for the tests that only talk to it."""
    yield from served(tmp_path_factory.mktemp("launch") / "workspace")


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Server]:
    """An app nobody has visited."""
    yield from served(tmp_path / "workspace")


def handshake(port: int, host: str, origin: str | None) -> int:
    """The status of a raw websocket handshake."""
    lines = [
        "GET /_stcore/stream HTTP/1.1", f"Host: {host}", "Upgrade: websocket",
        "Connection: Upgrade", "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Protocol: streamlit",
    ]  # fmt: skip
    if origin:
        lines.append(f"Origin: {origin}")
    with socket.create_connection(("127.0.0.1", port), timeout=LATE_SECONDS) as raw:
        raw.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        return int(raw.recv(64).split()[1])


def upload(server: Server, size: int, token: str, session: str = "nobody") -> int:
    """The status of a raw upload."""
    with requests.Session() as visitor:
        visitor.trust_env = False
        visitor.cookies.set("_streamlit_xsrf", token)
        address = f"{server.url}/_stcore/upload_file/{session}/file"
        files = {"file": ("../../x.csv", b"a" * size)}
        headers = {"X-Xsrftoken": token} if token else {}
        return visitor.put(address, files=files, headers=headers, timeout=LATE_SECONDS).status_code


@pytest.fixture
def session(server: Server) -> Iterator[tuple[str, str]]:
    """A visitor's live session: its id and its XSRF token."""
    from streamlit.proto.BackMsg_pb2 import BackMsg
    from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
    from websockets.sync.client import connect

    answer = requests.get(f"{server.url}/_stcore/health", timeout=LATE_SECONDS)
    token = answer.cookies.get("_streamlit_xsrf") or ""
    message = BackMsg()
    message.rerun_script.query_string = ""
    with connect(
        f"ws://127.0.0.1:{server.port}/_stcore/stream",
        subprotocols=["streamlit", token],
        origin=server.url,
        additional_headers={"Cookie": f"_streamlit_xsrf={token}"},
        max_size=None,
    ) as stream:
        stream.send(message.SerializeToString())
        while True:
            said = ForwardMsg.FromString(stream.recv(timeout=LATE_SECONDS))
            if said.WhichOneof("type") == "new_session":
                yield said.new_session.initialize.session_id, token
                return


def test_running_server_has_the_secure_settings(server: Server) -> None:
    options = server.options()
    assert {key: options[key] for key in EXPECTED} == EXPECTED
    secrets = json.loads((server.ws.root / "secrets.json").read_text())
    assert options["server.cookieSecret"] == secrets["STREAMLIT_SERVER_COOKIE_SECRET"]


def test_only_loopback_listens(server: Server) -> None:
    process = psutil.Process(server.process.pid)
    listening = [c.laddr for c in process.net_connections("inet") if c.status == "LISTEN"]
    assert [(address.ip, address.port) for address in listening] == [("127.0.0.1", server.port)]


def test_ready_and_health_answer(server: Server) -> None:
    assert requests.get(f"{server.url}/_stcore/health", timeout=LATE_SECONDS).text == "ok"
    token = json.loads((server.ws.state / NOTE).read_text())["token"]
    ready = requests.get(f"{server.url}/api/ready", timeout=LATE_SECONDS).json()
    assert ready == {"ready": True, "token": token}


@pytest.mark.parametrize(
    ("host", "origin", "status"),
    [
        ("127.0.0.1:{port}", None, 101),
        ("localhost:{port}", "http://localhost:{port}", 101),
        ("evil.example", "http://evil.example", 403),
        ("evil.example", None, 403),
        ("127.0.0.1:{port}", "http://evil.example", 403),
        ("127.0.0.1.evil.example", "http://127.0.0.1:{port}", 403),
        ("localhost:{port}", "null", 403),
    ],
)
def test_websocket_takes_known_hosts_and_origins_only(
    server: Server, host: str, origin: str | None, status: int
) -> None:
    port = str(server.port)
    given = origin.replace("{port}", port) if origin else None
    assert handshake(server.port, host.replace("{port}", port), given) == status


@pytest.mark.parametrize(
    ("host", "path", "status"),
    [
        ("evil.example", "/", 403),
        ("evil.example", "/_stcore/health", 403),
        ("", "/", 403),
        ("localhost", "/", 200),
        ("LOCALHOST.", "/", 200),
        ("127.0.0.1", "/_stcore/metrics", 404),
        ("127.0.0.1", "/_stcore/metrics/", 404),
        ("127.0.0.1", "/_stcore/mcp", 200),
    ],
)
def test_plain_requests_take_known_hosts_only(
    server: Server, host: str, path: str, status: int
) -> None:
    answer = requests.get(server.url + path, headers={"Host": host}, timeout=LATE_SECONDS)
    assert answer.status_code == status
    assert "streamlit_" not in answer.text


def test_upload_without_token_or_session_is_refused(
    server: Server, session: tuple[str, str]
) -> None:
    session_id, token = session
    assert upload(server, 10, "", session_id) == 403
    assert upload(server, 10, "made-up", session_id) == 403
    assert upload(server, 10, token) == 400
    assert upload(server, 10, token, session_id) == 204
    assert not list(server.ws.root.rglob("x.csv"))


def test_upload_over_the_limit_is_refused(server: Server, session: tuple[str, str]) -> None:
    session_id, token = session
    assert upload(server, 51 * 2**20, token, session_id) == 413


@needs("browser")
@pytest.mark.parametrize("page", ["load", "train", "drift"])
def test_deep_link_on_a_fresh_server_shows_the_page_in_its_frame(fresh: Server, page: str) -> None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(
            executable_path=browser_path(),
            args=["--no-sandbox", "--disable-dev-shm-usage"],
            timeout=1000 * LATE_SECONDS,
        )
        try:
            visitor = browser.new_page()
            visitor.set_default_timeout(1000 * LATE_SECONDS)
            visitor.goto(f"{fresh.url}/{page}")
            visitor.locator(".st-key-navigation").wait_for()
            visitor.locator("h1").first.wait_for()
            assert visitor.url.rstrip("/").endswith(f"/{page}")
            assert visitor.get_by_test_id("stAlert").filter(has_text="not found").count() == 0
            assert visitor.get_by_text("Page not found").count() == 0
        finally:
            browser.close()


def test_termination_is_orderly_even_with_a_visitor(fresh: Server) -> None:
    with socket.create_connection(("127.0.0.1", fresh.port), timeout=LATE_SECONDS):
        os.kill(fresh.process.pid, signal.SIGTERM)
        assert fresh.process.wait(LATE_SECONDS) == 0
    assert not (fresh.ws.state / NOTE).exists()


def test_one_log_line_when_streamlit_changes(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from streamlit.runtime.pages_manager import PagesManager

    from lab.ui import launch

    monkeypatch.delattr(PagesManager, "uses_pages_directory")
    launch._navigation_owns_pages()
    said = [record.message for record in caplog.records if record.name == "lab.launch"]
    assert said == ["Streamlit has changed: a first deep link may show a page without its frame"]


def test_busy_workspace_is_one_sentence(server: Server) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "lab.ui.launch", "--workspace", str(server.ws.root)],
        cwd=PROJECT, capture_output=True, text=True, timeout=LATE_SECONDS, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert f"in use by process {server.process.pid}" in done.stderr
    assert "Traceback" not in done.stderr
