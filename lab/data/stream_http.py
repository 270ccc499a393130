"""A door for programs: batches of JSON over HTTP on this machine, each with a key of its own."""

import hashlib
import queue
import re
import secrets
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from lab.core.errors import BadInput, Busy, LabError, Unavailable
from lab.core.words import grouped
from lab.data.stream import Batch, Outcome
from lab.data.stream_records import json_records

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import JSONResponse

MAX_BODY_BYTES = 5_000_000
MAX_WAITING = 16
BODY_SECONDS = 20.0
LAND_SECONDS = 60.0
KEY = re.compile(r"[\x21-\x7e]{1,200}")
IDLE_SECONDS = 0.5


class Refusal(Exception):
    """A request that is answered with a reason instead of a result."""

    def __init__(self, status: int, code: str, message: str, hint: str) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"code": code, "message": message, "hint": hint}


@dataclass
class _Waiting:
    """A request whose batch is on its way to the table."""

    settled: threading.Event = field(default_factory=threading.Event)
    outcome: Outcome | None = None


@dataclass(frozen=True)
class HttpSource:
    """Batches that programs post; the answer waits for the commit.

    Args:
        table: The table, which names the stream.
        token: What a request must bear.
        waiting: Batches that were posted and have not landed yet.
    """

    table: str
    token: str
    waiting: "queue.Queue[Batch]" = field(default_factory=lambda: queue.Queue(MAX_WAITING))

    @property
    def name(self) -> str:
        """The table that is posted to; it stays the same when the port changes."""
        return f"http:{self.table}"

    def batches(self, positions: Mapping[str, int]) -> Iterator[Batch | None]:
        """Batches in the order in which they were posted; ``None`` while none is."""
        del positions  # a batch that has landed is known by its key
        while True:
            try:
                yield self.waiting.get(timeout=IDLE_SECONDS)
            except queue.Empty:
                yield None

    def settle(self, batch: Batch, outcome: Outcome) -> None:
        """Let the request be answered."""
        request = batch.handle
        if isinstance(request, _Waiting):
            request.outcome = outcome
            request.settled.set()

    def offer(self, key: str, body: bytes) -> Outcome:
        """Hand a batch over and wait until it has landed.

        Raises:
            BadInput: It cannot be read.
            Busy: Too many wait already, or it took too long; it may land later.
        """
        request = _Waiting()
        digest = hashlib.sha256(body).hexdigest()
        try:
            self.waiting.put_nowait(Batch(key, json_records(body), digest, "", key, request))
        except queue.Full as error:
            raise Busy("Too many batches wait to land.", "Send this one again later.") from error
        if not request.settled.wait(LAND_SECONDS) or request.outcome is None:
            raise Busy("The batch has not landed yet.", "Send it again, with the same key.")
        return request.outcome


def application(source: HttpSource) -> "Starlette":
    """The web application in front of a source.

    Args:
        source: Where batches go.
    """
    from starlette.applications import Starlette
    from starlette.middleware import Middleware
    from starlette.middleware.trustedhost import TrustedHostMiddleware
    from starlette.responses import JSONResponse
    from starlette.routing import Route

    async def rows(request: "Request") -> "JSONResponse":
        try:
            return JSONResponse(await _rows(source, request))
        except Refusal as refusal:
            return JSONResponse(refusal.body, refusal.status)

    async def health(_: "Request") -> "JSONResponse":
        return JSONResponse({"ready": True})

    hosts = Middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost"])
    routes = [Route("/rows", rows, methods=["POST"]), Route("/health", health)]
    return Starlette(routes=routes, middleware=[hosts])


@contextmanager
def listening(source: HttpSource, port: int) -> Iterator[int]:
    """Serve a source on loopback in a thread.

    Args:
        source: Where batches go.
        port: The port; any free one when 0.

    Yields:
        The port.

    Raises:
        Unavailable: The port is taken.
    """
    import uvicorn

    try:
        listener = socket.create_server(("127.0.0.1", port))
    except OSError as error:
        raise Unavailable(
            f"Port {port} of this machine cannot be used: {error.strerror}.",
            "Choose another one, or 0 for any that is free.",
        ) from error
    config = uvicorn.Config(application(source), limit_concurrency=64, timeout_keep_alive=5,
                            server_header=False, access_log=False, log_config=None, ws="none",
                            lifespan="off")  # fmt: skip
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        yield int(listener.getsockname()[1])
    finally:
        server.should_exit = True
        thread.join(10)
        listener.close()


async def _rows(source: HttpSource, request: "Request") -> dict[str, Any]:
    import anyio.to_thread

    _check_token(source.token, request.headers.get("authorization", ""))
    key = request.headers.get("idempotency-key", "")
    if not KEY.fullmatch(key):
        raise Refusal(400, "no_key", "The header Idempotency-Key is missing or no key.",
                      "Give each batch 1 to 200 letters of its own, and the same when it is "
                      "sent again.")  # fmt: skip
    body = await _body(request)
    try:
        outcome = await anyio.to_thread.run_sync(source.offer, key, body)
    except Busy as error:
        raise Refusal(503, "busy", error.message, error.hint) from error
    except LabError as error:
        raise Refusal(400, "bad_batch", error.message, error.hint) from error
    if outcome.problem:
        raise Refusal(422, "bad_batch", outcome.problem, outcome.hint)
    return {
        "key": key, "loaded": outcome.loaded, "rejected": outcome.rejected,
        "repeated": outcome.repeated,
        "reasons": [{"record": place + 1, "reason": why} for place, why in outcome.reasons],
    }  # fmt: skip


def _check_token(token: str, given: str) -> None:
    kind, _, value = given.partition(" ")
    if kind.lower() != "bearer" or not secrets.compare_digest(value.encode(), token.encode()):
        raise Refusal(401, "no_token", "The request bears no token, or a wrong one.",
                      "Send the header Authorization: Bearer …, as the stream was started "
                      "with.")  # fmt: skip


async def _body(request: "Request") -> bytes:
    import anyio
    from starlette.requests import ClientDisconnect

    parts, size = [], 0
    try:
        with anyio.fail_after(BODY_SECONDS):
            async for part in request.stream():
                size += len(part)
                if size > MAX_BODY_BYTES:
                    said = f"A batch has at most {grouped(MAX_BODY_BYTES)} bytes."
                    raise Refusal(413, "too_large", said, "Send several batches.")
                parts.append(part)
    except (TimeoutError, ClientDisconnect) as error:
        raise Refusal(408, "too_slow", f"The batch took longer than {BODY_SECONDS:g} s to come.",
                      "Send it again, with the same key.") from error  # fmt: skip
    return b"".join(parts)


def checked_port(port: int) -> int:
    """Return a port unchanged if it can be asked for.

    Raises:
        BadInput: It cannot.
    """
    if port and not 1024 <= port <= 65535:
        raise BadInput(f"Port {port} cannot be used.", "Choose one from 1024 to 65535, or 0.")
    return port
