"""Servers to read from: a real Prometheus with known history, and fakes that misbehave."""

import json
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from subprocess import DEVNULL, Popen, run
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests
from prometheus_client import CollectorRegistry, Counter, Gauge, start_http_server

from lab.core.process import free_port

MINUTES = 2 * 24 * 60
HOSTS = 40
# History must end before the first block that the running server writes itself.
SETTLED_SECONDS = 6 * 3_600
CONFIG = """
global: {{scrape_interval: 1s}}
scrape_configs:
  - job_name: prometheus
    static_configs: [{{targets: ["127.0.0.1:{own}"]}}]
  - job_name: lab
    static_configs: [{{targets: ["127.0.0.1:{exporter}"]}}]
"""


@dataclass
class Request:
    """What a fake was asked."""

    path: str
    params: dict[str, str]
    headers: dict[str, str]


@dataclass
class Fake:
    """A server on loopback that answers as a test wants; ``None`` means it never does."""

    url: str
    asked: list[Request] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)


Reply = tuple[int, dict[str, str], bytes | Iterator[bytes]]


@contextmanager
def fake(answer: Callable[[Request], Reply | None]) -> Iterator[Fake]:
    """Run a fake server."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            parts = urlsplit(self.path)
            params = {key: values[0] for key, values in parse_qs(parts.query).items()}
            request = Request(parts.path, params, dict(self.headers))
            server.asked.append(request)
            reply = answer(request)
            if reply is None:
                server.ended.wait(60)
                self.close_connection = True
                return
            status, headers, body = reply
            self.send_response(status)
            pieces = [body] if isinstance(body, bytes) else body
            length = {"Content-Length": str(len(body))} if isinstance(body, bytes) else {}
            for key, value in {"Connection": "close", **length, **headers}.items():
                self.send_header(key, value)
            self.end_headers()
            self.close_connection = True
            with suppress(ConnectionError):
                for piece in pieces:
                    self.wfile.write(piece)

        do_POST = do_GET

        def log_message(self, *_: Any) -> None:
            pass

    server_socket = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server = Fake(f"http://127.0.0.1:{server_socket.server_port}")
    thread = threading.Thread(target=server_socket.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield server
    finally:
        server.ended.set()
        server_socket.shutdown()
        server_socket.server_close()
        thread.join()


def success(result: Any, kind: str = "matrix") -> Reply:
    """An answer as Prometheus gives it."""
    data = result if kind == "names" else {"resultType": kind, "result": result}
    return said(200, {"status": "success", "data": data})


def failure(status: int, kind: str, words: str) -> Reply:
    """A refusal as Prometheus gives it."""
    return said(status, {"status": "error", "errorType": kind, "error": words})


def said(status: int, value: Any) -> Reply:
    """Any JSON."""
    return status, {"Content-Type": "application/json"}, json.dumps(value).encode()


def page(status: int, **headers: str) -> Reply:
    """A web page, such as a proxy's login."""
    return status, {"Content-Type": "text/html", **headers}, b"<html><h1>Sign in</h1></html>"


@dataclass(frozen=True)
class Real:
    """A running Prometheus.

    Args:
        url: Its address.
        start: First minute of its history, seconds since 1970.
        end: First minute after.
    """

    url: str
    start: int
    end: int

    def ask(self, query: str, start: int, last: int, step: int) -> requests.Response:
        """One plain range query, without any code of ours."""
        return requests.post(
            f"{self.url}/api/v1/query_range", timeout=120,
            data={"query": query, "start": start, "end": last, "step": step},
        )  # fmt: skip

    def samples(self, query: str, start: int, last: int, step: int) -> dict[Any, list[Any]]:
        """Series by their labels, as Prometheus gives them."""
        result = self.ask(query, start, last, step).json()["data"]["result"]
        return {tuple(sorted(one["metric"].items())): one["values"] for one in result}

    def number(self, query: str, at: int) -> float:
        """One number at one moment."""
        given = requests.post(
            f"{self.url}/api/v1/query", data={"query": query, "time": at}, timeout=120
        )
        return float(given.json()["data"]["result"][0]["value"][1])


@contextmanager
def real_prometheus(folder: Path) -> Iterator[Real]:
    """Run the real Prometheus with two days of history and a small exporter beside it."""
    port, exporter = free_port(), free_port()
    start = int((time.time() - SETTLED_SECONDS) // 86_400 - 2) * 86_400
    fill(folder, start)
    (folder / "prometheus.yml").write_text(CONFIG.format(own=port, exporter=exporter))
    web, thread = start_http_server(exporter, "127.0.0.1", registry())
    argv = ["prometheus", f"--config.file={folder / 'prometheus.yml'}", "--log.level=error",
            f"--storage.tsdb.path={folder / 'data'}", f"--web.listen-address=127.0.0.1:{port}",
            "--storage.tsdb.retention.time=30d"]  # fmt: skip
    try:
        with Popen(argv, stdin=DEVNULL, stdout=DEVNULL, stderr=DEVNULL) as server:
            try:
                real = Real(f"http://127.0.0.1:{port}", start, start + MINUTES * 60)
                wait_for_scrapes(real)
                yield real
            finally:
                server.terminate()
    finally:
        web.shutdown()
        web.server_close()
        thread.join()


def registry() -> CollectorRegistry:
    """Metrics with known values."""
    kept = CollectorRegistry()
    Gauge("lab_known", "A gauge that stands still", ["kind"], registry=kept).labels("a b").set(42.5)
    Counter("lab_jobs", "A counter that stands still", registry=kept).inc(7)
    Gauge("lab_broken", "No number", registry=kept).set(float("nan"))
    return kept


def fill(folder: Path, start: int) -> None:
    """Write blocks of history: a full metric on 40 hosts, and one with a hole."""
    if shutil.which("promtool") is None:
        raise AssertionError("promtool comes with prometheus, but it is not on the PATH")
    lines = ["# TYPE lab_full gauge"]
    for host in range(HOSTS):
        lines += [f'lab_full{{instance="host-{host:02d}"}} {value(host, minute)!r} '
                  f"{start + 60 * minute}" for minute in range(MINUTES)]  # fmt: skip
    lines += ["# TYPE lab_holed gauge"]
    lines += [f'lab_holed{{instance="host-00"}} {holed(minute)} {start + 60 * minute}'
              for minute in range(MINUTES) if not 600 <= minute < 660]  # fmt: skip
    (folder / "history.txt").write_text("\n".join([*lines, "# EOF\n"]))
    run(
        ["promtool", "tsdb", "create-blocks-from", "openmetrics", "--quiet",
         "--max-block-duration=720h", str(folder / "history.txt"), str(folder / "data")],
        check=True, capture_output=True, timeout=400,
    )  # fmt: skip


def value(host: int, minute: int) -> float:
    """What ``lab_full`` is; no two neighbours are alike."""
    return host * 10_000 + minute + 0.1


def holed(minute: int) -> str:
    """What ``lab_holed`` is, as it is written."""
    return {100: "NaN", 101: "+Inf", 102: "-Inf"}.get(minute, str(minute))


def wait_for_scrapes(real: Real) -> None:
    """Wait until both targets were scraped three times."""
    deadline = time.monotonic() + 240
    while time.monotonic() < deadline:
        with suppress(requests.RequestException, IndexError, KeyError):
            now = int(time.time())
            scrapes = real.number("min(count_over_time(up[1m]))", now)
            if scrapes >= 3 and real.number("count(up == 1)", now) == 2:
                return
        time.sleep(0.2)
    raise AssertionError("Prometheus did not come up")
