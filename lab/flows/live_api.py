"""The web face of a live world: what it shows to scrapers and readers, and how it is steered.

Reading is open to this machine; steering asks for the bearer token of the workspace. Every answer
but metrics is JSON, a refusal with code, message and hint.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import asdict
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import PlainTextResponse, Response, StreamingResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.middleware.trustedhost import TrustedHostMiddleware

from lab.core.errors import BadInput, LabError, NotFound, Unavailable
from lab.flows.live_fence import TRUTH, Fence, refusal
from lab.flows.live_runner import Runner
from lab.world.live.cures import ORDERS, SHOP, Order
from lab.world.live.exposition import CONTENT_TYPE
from lab.world.live.shop import STREAMS

LOCAL_HOSTS = ("127.0.0.1", "localhost")
MOST_EVENTS = 2_000
LOOK_SECONDS = 0.5
STATUS = {BadInput: 422, NotFound: 404, Unavailable: 503}


class Body(BaseModel):
    """A request that may hold nothing but what it declares."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Injection(Body):
    """Let a fault strike."""

    kind: str = Field(max_length=64)
    target: str = Field(default="", max_length=64)
    severity: float = Field(default=0.7, ge=0, le=1)
    minutes: int | None = Field(default=None, ge=1, le=1440)


class Recovery(Body):
    """End an incident."""

    incident_id: str = Field(max_length=128)


class Operation(Body):
    """Do what an operator can do."""

    target: str = Field(default=SHOP, max_length=64)
    amount: float | None = None


class Speed(Body):
    """Run faster or slower."""

    speed: float


def create_api(runner: Runner, token: str) -> FastAPI:
    """Build the application of one live world.

    Args:
        runner: The world and what drives it.
        token: What steering asks for.

    Returns:
        The application.
    """
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.add_middleware(Fence, token=token)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=list(LOCAL_HOSTS))
    app.add_exception_handler(LabError, _refused)
    app.add_exception_handler(RequestValidationError, _unread)
    app.add_exception_handler(HTTPException, _http_error)
    _reading(app, runner)
    _steering(app, runner)
    return app


def _reading(app: FastAPI, runner: Runner) -> None:
    shop = runner.shop

    @app.get("/health")
    def health() -> dict[str, Any]:
        return runner.about()

    @app.get("/metrics/{target}")
    def metrics(target: str, minutes: int = 1) -> Response:
        return PlainTextResponse(shop.page(target, minutes), media_type=CONTENT_TYPE)

    @app.get("/state")
    def state() -> dict[str, Any]:
        return runner.state()

    @app.get("/signals")
    def signals(minutes: int = 60) -> dict[str, Any]:
        return {"minutes": [{"time": minute.time.isoformat(),
                             "nodes": [asdict(node) for node in minute.nodes]}
                            for minute in shop.minutes(min(minutes, 1440))]}  # fmt: skip

    _event_reading(app, runner)


def _event_reading(app: FastAPI, runner: Runner) -> None:
    for name in STREAMS:
        app.add_api_route(f"/{name}", _events(runner, name), methods=["GET"])

    @app.get("/events/{name}")
    def events(name: str, since: int = 0, limit: int = MOST_EVENTS) -> dict[str, Any]:
        answer: dict[str, Any] = _events(runner, name)(since, limit)
        return answer

    @app.get("/logs/stream")
    def stream(request: Request, since: int = 0) -> StreamingResponse:
        lines = _tail(runner, request, since)
        return StreamingResponse(lines, media_type="text/event-stream")


def _events(runner: Runner, name: str) -> Callable[..., Any]:
    def events(since: int = 0, limit: int = MOST_EVENTS) -> dict[str, Any]:
        batch = runner.shop.events(name, since, min(max(1, limit), MOST_EVENTS))
        return {"world": runner.world_id, **asdict(batch)}

    return events


async def _tail(runner: Runner, request: Request, since: int) -> AsyncIterator[str]:
    """Log lines as server-sent events, until the reader leaves or the world stops."""
    cursor = since
    while not runner.stopping.is_set() and not await request.is_disconnected():
        batch = runner.shop.events("logs", cursor, MOST_EVENTS)
        cursor = batch.cursor
        for place, event in enumerate(batch.events, cursor - len(batch.events) + 1):
            yield f"id: {place}\ndata: {json.dumps(event, default=str)}\n\n"
        await asyncio.sleep(LOOK_SECONDS)


def _steering(app: FastAPI, runner: Runner) -> None:
    @app.get(TRUTH)
    def incidents() -> dict[str, Any]:
        return {"incidents": runner.truth()}

    @app.post("/inject")
    def inject(body: Injection) -> Mapping[str, Any]:
        return runner.inject(body.kind, body.target, body.severity, body.minutes)

    @app.post("/recover")
    def recover(body: Recovery) -> Mapping[str, Any]:
        return runner.recover(body.incident_id)

    @app.post("/speed")
    def speed(body: Speed) -> Mapping[str, Any]:
        return runner.set_speed(body.speed)

    def operation(order: Order) -> Callable[..., Any]:
        def operate(body: Operation) -> Mapping[str, Any]:
            return runner.operate(order, body.target, body.amount)

        return operate

    for order in ORDERS:
        app.add_api_route(f"/{order}", operation(order), methods=["POST"])


async def _refused(_: Request, error: Exception) -> Response:
    assert isinstance(error, LabError)  # noqa: S101  narrows the type the framework erases
    status = next((status for kind, status in STATUS.items() if isinstance(error, kind)), 409)
    return refusal(status, type(error).__name__, error.message, error.hint)


async def _unread(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"][1:]) or "body"
    return refusal(422, "BadInput", f"{place}: {first['msg']}.", "Correct it and try again.")


async def _http_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101
    return refusal(error.status_code, "NotServed", str(error.detail), "GET /health says what is.")
