"""Asks a live world and steers it, over its own web face."""

from collections.abc import Mapping
from typing import Any

from lab.core.errors import BadInput, LabError, NotFound, Unavailable
from lab.core.workspace import Workspace
from lab.flows.live_serve import TOKEN
from lab.flows.live_world import folder, world_of
from lab.world.live.cures import SHOP, Order

ASK_SECONDS = 30.0
KINDS = {404: NotFound, 422: BadInput}


def ask(ws: Workspace, path: str, **params: Any) -> dict[str, Any]:
    """Read from the live world.

    Args:
        ws: The workspace.
        path: What to read, such as ``/state``.
        **params: Parameters of the address.

    Raises:
        NotFound: No live world runs, or there is no such thing.
        Unavailable: It does not answer.
    """
    return _sent(ws, "GET", path, params=params)


def inject(
    ws: Workspace, kind: str, target: str = "", severity: float = 0.7, minutes: int | None = None
) -> dict[str, Any]:
    """Let a fault strike the live world from its next minute on.

    Args:
        ws: The workspace.
        kind: Name of the fault.
        target: One of its targets; the usual one when empty.
        severity: 0 (nothing happens) to 1.
        minutes: How long, 1 to 1440; until it is put right when not given.

    Returns:
        The incident: for the instructor.

    Raises:
        NotFound: No live world runs, there is no such fault, or it cannot strike there.
        BadInput: A number is out of range.
    """
    body = {"kind": kind, "target": target, "severity": severity, "minutes": minutes}
    return _sent(ws, "POST", "/inject", json=body)


def recover(ws: Workspace, incident_id: str) -> dict[str, Any]:
    """End an incident of the live world with its next minute.

    Args:
        ws: The workspace.
        incident_id: Which one; see ``truth``.

    Raises:
        NotFound: No live world runs, or no such incident goes on.
    """
    return _sent(ws, "POST", "/recover", json={"incident_id": incident_id})


def operate(
    ws: Workspace, order: Order, target: str = SHOP, amount: float | None = None
) -> dict[str, Any]:
    """Do to the live shop what an operator can do; the signals show whether it helped.

    Args:
        ws: The workspace.
        order: What to do.
        target: A service, store or host; the shop for ``set_traffic`` or to silence everything.
        amount: Replicas for ``scale``, a factor for ``set_traffic``.

    Raises:
        NotFound: No live world runs, or there is no such target.
        BadInput: The amount is out of range.
    """
    return _sent(ws, "POST", f"/{order}", json={"target": target, "amount": amount})


def set_speed(ws: Workspace, speed: float) -> dict[str, Any]:
    """Let the live world run faster or slower, until it has caught up with the wall clock.

    Args:
        ws: The workspace.
        speed: World seconds in a second, 0 to 3600; 0 stands still.

    Raises:
        NotFound: No live world runs.
        BadInput: The speed is out of range.
    """
    return _sent(ws, "POST", "/speed", json={"speed": speed})


def truth(ws: Workspace) -> list[Mapping[str, Any]]:
    """What struck the live world, newest first: for the instructor.

    Args:
        ws: The workspace.

    Raises:
        NotFound: No live world runs.
    """
    found: list[Mapping[str, Any]] = _sent(ws, "GET", "/incidents")["incidents"]
    return found


def _sent(ws: Workspace, method: str, path: str, **given: Any) -> dict[str, Any]:
    import requests

    world = world_of(ws)
    try:
        token = (folder(ws) / TOKEN).read_text(encoding="ascii")
        with requests.Session() as session:
            session.trust_env = False  # a loopback address never goes through a proxy
            answer = session.request(
                method, world.url + path, timeout=ASK_SECONDS, allow_redirects=False,
                headers={"Authorization": f"Bearer {token}"}, **given,
            )  # fmt: skip
        body: dict[str, Any] = answer.json()
    except (OSError, ValueError) as error:  # what requests raises is one of both
        raise Unavailable(f"{world.url} does not answer.", "Stop it and start it again.") from error
    if answer.ok:
        return body
    kind: type[LabError] = KINDS.get(answer.status_code, Unavailable)
    raise kind(str(body.get("message", answer.reason)), str(body.get("hint", "")))
