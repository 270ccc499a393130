"""The web application of one model: MLflow's scoring protocol and Prometheus metrics.

It holds nothing of the lab but the model reader, so that a container needs a handful of
packages. Every answer is JSON with a reason, and no request can make it fail with a trace.
"""

import logging
import secrets
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio
import anyio.to_thread
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import ClientDisconnect

from lab.core.words import grouped
from lab.mlops.serving.loading import ModelSlot
from lab.mlops.serving.scoring import Reader, Refusal
from lab.mlops.serving.telemetry import Telemetry

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from lab.mlops.models.artifact import LoadedModel

LOG = logging.getLogger(__name__)
MAX_BODY_BYTES = 1_000_000
PREDICT_SECONDS = 10.0
BODY_SECONDS = 10.0
LOCAL_HOSTS = ("127.0.0.1", "localhost")
REQUEST_ID = "X-Request-Id"


def create_app(
    model_folder: Path | str,
    *,
    token: str = "",
    allowed_hosts: Sequence[str] = LOCAL_HOSTS,
    expected: str | None = None,
) -> FastAPI:
    """Build the server of one model.

    Args:
        model_folder: A folder that ``save_model`` wrote.
        token: Bearer token that ``/invocations``, ``/version`` and ``/metrics`` ask for; empty:
            none, which is right on loopback only.
        allowed_hosts: Names in the ``Host`` header that are served.
        expected: Fingerprint the registry remembers, to be checked before loading.

    Returns:
        The application; the model is loaded when it starts, and ``/health`` tells when.
    """
    telemetry = Telemetry()
    slot = ModelSlot(Path(model_folder), expected)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        slot.start(telemetry)
        yield

    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan)
    app.state.slot, app.state.telemetry, app.state.token = slot, telemetry, token
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=list(allowed_hosts))
    app.add_middleware(BaseHTTPMiddleware, dispatch=_measured)
    app.add_exception_handler(Refusal, _refusal)
    app.add_exception_handler(HTTPException, _http_error)
    for path, endpoint in (
        ("/ping", health),
        ("/health", health),
        ("/version", version),
        ("/metrics", metrics),
    ):
        app.add_api_route(path, endpoint, methods=["GET"], response_model=None)
    app.add_api_route("/invocations", invocations, methods=["POST"], response_model=None)
    return app


async def health(request: Request) -> Response:
    """200 once the model is loaded; 503 with the reason before and when it is refused."""
    slot: ModelSlot = request.app.state.slot
    body = {"code": slot.state, "message": slot.message, "hint": slot.hint}
    return JSONResponse(body, 200 if slot.state == "ready" else 503)


async def version(request: Request) -> Response:
    """Which model answers, and what it takes."""
    _authorised(request)
    model, slot = _model(request), request.app.state.slot
    about = model.manifest
    return JSONResponse({
        "model": about.name,
        "version": about.version,
        "run_id": about.run_id,
        "flavor": about.flavor,
        "target": about.target,
        "inputs": [{"name": given.name, "type": given.type} for given in about.inputs],
        "lab_version": about.lab_version,
        "fingerprint": slot.fingerprint,
    })  # fmt: skip


async def metrics(request: Request) -> Response:
    """The Prometheus page."""
    _authorised(request)
    page, kind = request.app.state.telemetry.exposition()
    return Response(page, headers={"Content-Type": kind})


async def invocations(request: Request) -> Response:
    """Predict one value per row of the body."""
    _authorised(request)
    model = _model(request)
    body = await _body(request)
    frame = Reader(model.manifest.inputs).read(body, request.headers.get("content-type", ""))
    values = _plain(await _predicted(model, frame))
    request.app.state.telemetry.predictions.inc(len(values))
    return JSONResponse({"predictions": values})


def _authorised(request: Request) -> None:
    token: str = request.app.state.token
    given = request.headers.get("authorization", "")
    if token and not secrets.compare_digest(given.encode(), f"Bearer {token}".encode()):
        raise Refusal(401, "no_token", "This endpoint needs its token.", "Send it as Bearer token.")


def _model(request: Request) -> "LoadedModel":
    slot: ModelSlot = request.app.state.slot
    if slot.model is None:
        raise Refusal(503, slot.state, slot.message, slot.hint)
    return slot.model


async def _body(request: Request) -> bytes:
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise Refusal(415, "encoded", "Compressed bodies are not served.", "Send it as it is.")
    body = bytearray()
    with anyio.move_on_after(BODY_SECONDS) as scope:
        async for chunk in _chunks(request):
            body += chunk
            if len(body) > MAX_BODY_BYTES:
                raise Refusal(
                    413,
                    "too_large",
                    f"The body is over {grouped(MAX_BODY_BYTES)} bytes.",
                    "Send fewer rows at a time.",
                )
    if scope.cancelled_caught:
        raise Refusal(408, "too_slow", "The body took too long to arrive.", "Send it again.")
    return bytes(body)


async def _chunks(request: Request) -> AsyncIterator[bytes]:
    try:
        async for chunk in request.stream():
            yield chunk
    except ClientDisconnect as error:
        raise Refusal(400, "gone", "The caller left before the body was complete.") from error


async def _predicted(model: "LoadedModel", frame: "pd.DataFrame") -> "np.ndarray[Any, Any]":
    try:
        with anyio.fail_after(PREDICT_SECONDS):
            # Abandoned, not stopped, when it takes too long: a thread cannot be killed.
            return await anyio.to_thread.run_sync(model.predict, frame, abandon_on_cancel=True)
    except TimeoutError as error:
        raise Refusal(
            503, "too_slow", "The model took too long.", "Send fewer rows at a time."
        ) from error
    except ValueError as error:
        reason = (str(error).splitlines() or ["no reason given"])[0]
        raise Refusal(
            422, "model_refused", f"The model cannot predict these rows: {reason}", "Check them."
        ) from error


def _plain(values: "np.ndarray[Any, Any]") -> list[Any]:
    import numpy as np

    if np.issubdtype(values.dtype, np.number) and not np.isfinite(values).all():
        raise Refusal(500, "not_finite", "The model gave a value that is not a finite number.")
    return list(values.tolist())


async def _measured(
    request: Request, call_next: Callable[[Request], Awaitable[Response]]
) -> Response:
    started, request_id = time.perf_counter(), uuid.uuid4().hex
    try:
        response = await call_next(request)
    except Exception:  # the boundary: a trace goes to the log, a calm answer to the caller
        LOG.exception("request %s failed", request_id)
        response = JSONResponse(
            {"code": "internal", "message": "The server failed.", "hint": "See its log."}, 500
        )
    seconds = time.perf_counter() - started
    request.app.state.telemetry.answered(request.url.path, response.status_code, seconds)
    response.headers[REQUEST_ID] = request_id
    if request.url.path == "/invocations":
        LOG.info("request %s: %d in %.1f ms", request_id, response.status_code, seconds * 1000)
    return response


async def _refusal(_: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)  # noqa: S101  narrows the type the framework erases
    return JSONResponse(error.body, error.status)


async def _http_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101
    hint = "Use GET /ping, /health, /version, /metrics or POST /invocations."
    body = {"code": "not_served", "message": str(error.detail), "hint": hint}
    return JSONResponse(body, error.status_code, headers=error.headers)
