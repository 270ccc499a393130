"""The launcher: the one process that holds the Docker socket for an app that has none.

``python -m lab.launcher --network NAME`` runs beside the app (compose.containers.yaml) on the
same workspace. Whoever holds a Docker socket is root on the host, so this program is small and
takes no wish beyond owner, model and version: image, command, name, volumes, network and limits
come from one fixed template. Callers prove themselves with a token that lies in the workspace.
"""

import argparse
import json
import logging
import secrets
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lab.core.errors import BadInput, LabError
from lab.core.names import checked_name
from lab.core.progress import Steps
from lab.core.secrets import LAUNCHER, load_secrets
from lab.core.workspace import Workspace, open_workspace
from lab.mlops.serving.container import Containers
from lab.mlops.serving.endpoint import EndpointInfo

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response

LOG = logging.getLogger("lab.launcher")
LARGEST_ORDER = 4096  # bytes
Order = dict[str, str]


def main(argv: Sequence[str] | None = None) -> int:
    """Serve until a signal stops it.

    Args:
        argv: Command line without the program; the process's own when not given.

    Returns:
        0 after an orderly stop, 1 with one sentence on standard error otherwise.
    """
    import uvicorn

    parser = argparse.ArgumentParser(prog="lab.launcher", description=__doc__)
    parser.add_argument("--network", required=True, help="internal network shared with the app")
    parser.add_argument("--address", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8600)
    parser.add_argument("--workspace", default=None)
    args = parser.parse_args(argv)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    try:
        app = build(open_workspace(args.workspace), args.network)
    except LabError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    uvicorn.run(app, host=args.address, port=args.port, access_log=False, server_header=False)
    return 0


def build(ws: Workspace, network: str) -> "Starlette":
    """Make the server.

    Args:
        ws: The workspace it shares with the app.
        network: Internal network on which models are put.

    Returns:
        An ASGI application; every route but ``/health`` wants the token.
    """
    from starlette.applications import Starlette
    from starlette.responses import PlainTextResponse, StreamingResponse
    from starlette.routing import Route

    token = load_secrets(ws)[LAUNCHER]

    def backend(order: Order) -> Containers:
        settings = replace(ws.settings, owner=checked_name(order["owner"], "owner"))
        return Containers(Workspace(ws.root, settings), network)

    def launch(order: Order) -> "Response":
        folder, containers = model_folder(ws, order["model"], order["version"]), backend(order)
        LOG.info("launch of %s %s for %s", order["model"], order["version"], order["owner"])
        lines = events(containers.launch(folder))
        return StreamingResponse(lines, media_type="application/x-ndjson")

    simple: dict[str, tuple[tuple[str, ...], Callable[[Order], Any]]] = {
        "/list": (("owner",), lambda o: [asdict(each) for each in backend(o).all()]),
        "/logs": (("owner", "endpoint"), lambda o: backend(o).logs(o["endpoint"])),
        "/stop": (("owner", "endpoint"), lambda o: backend(o).stop(o["endpoint"])),
        "/remove": (("owner", "endpoint"), lambda o: backend(o).remove(o["endpoint"])),
        "/sweep": (("owner",), lambda o: backend(o).sweep()),
    }
    routes = [Route("/health", lambda _: PlainTextResponse("ok"))]
    routes += [_route(path, token, fields, _as_json(act)) for path, (fields, act) in simple.items()]
    routes.append(_route("/launch", token, ("owner", "model", "version"), launch))
    return Starlette(routes=routes)


def model_folder(ws: Workspace, model: str, version: str) -> Path:
    """The verified folder of a registered version; an order never names a path.

    Raises:
        NotFound: There is no such version.
        BadInput: The name is not one we allow.
    """
    from lab.flows.registry import model_version

    return Path(model_version(ws, checked_name(model, "model name"), version).folder)


def events(steps: Steps[EndpointInfo]) -> Iterator[str]:
    """Progress, then the endpoint or the failure, one JSON object per line."""
    try:
        while True:
            step = next(steps)
            yield _line(done=step.done, total=step.total, message=step.message)
    except StopIteration as stop:
        yield _line(endpoint=asdict(stop.value))
    except LabError as error:
        yield _line(error=error.message, hint=error.hint)


def checked_order(body: bytes, fields: tuple[str, ...]) -> Order:
    """Read an order and refuse everything that is not asked for.

    Args:
        body: JSON object.
        fields: Exactly the fields it must have, each a short text.

    Raises:
        BadInput: It is no object, has other fields, or a value is not a short text.
    """
    try:
        order = json.loads(body[:LARGEST_ORDER])
    except ValueError as error:
        raise BadInput("An order must be a JSON object.", f"Give {', '.join(fields)}.") from error
    if not isinstance(order, dict) or set(order) != set(fields):
        raise BadInput("An order has other fields than wanted.", f"Give {', '.join(fields)}.")
    if not all(isinstance(value, str) and 0 < len(value) <= 64 for value in order.values()):
        raise BadInput("A field of the order is not a short text.", "Give 1 to 64 characters.")
    return order


def _route(
    path: str, token: str, fields: tuple[str, ...], act: "Callable[[Order], Response]"
) -> Any:
    from starlette.concurrency import run_in_threadpool
    from starlette.responses import JSONResponse
    from starlette.routing import Route

    async def answer(request: "Request") -> "Response":
        given = request.headers.get("authorization", "")
        if not secrets.compare_digest(given.encode(), f"Bearer {token}".encode()):
            return JSONResponse({"code": "refused", "message": "The token is wrong."}, 401)
        try:
            order = checked_order(await request.body(), fields)
            return await run_in_threadpool(act, order)
        except LabError as error:
            status = 422 if isinstance(error, BadInput) else 409
            return JSONResponse({"code": "error", "message": error.message, "hint": error.hint},
                                status)  # fmt: skip

    return Route(path, answer, methods=["POST"])


def _as_json(act: Callable[[Order], Any]) -> "Callable[[Order], Response]":
    from starlette.responses import JSONResponse

    return lambda order: JSONResponse(act(order))


def _line(**event: Any) -> str:
    return json.dumps(event) + "\n"


if __name__ == "__main__":
    sys.exit(main())
