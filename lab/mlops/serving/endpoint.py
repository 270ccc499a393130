"""A served model as its callers see it, whatever stands behind it."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

from lab.core.errors import BadInput, Unavailable
from lab.core.progress import Steps
from lab.core.workspace import Workspace

BackendName = Literal["docker", "process"]
State = Literal["starting", "healthy", "refused", "stopped"]
ANSWER_SECONDS = 30.0
START_SECONDS = 120.0


@dataclass(frozen=True)
class EndpointInfo:
    """One served model.

    Args:
        id: Its id, unique in the workspace.
        backend: ``docker`` or ``process``.
        model: Name of the model.
        version: Version of the model.
        run_id: Tracking run that made the model, or empty.
        fingerprint: What names the exact model files.
        url: Loopback address, or empty when it is stopped.
        state: ``starting``, ``healthy``, ``refused`` (the model may not be loaded) or ``stopped``.
        detail: Container id and image, or process id.
        created: When it was launched, ISO 8601 in UTC.
    """

    id: str
    backend: BackendName
    model: str
    version: str
    run_id: str
    fingerprint: str
    url: str
    state: State
    detail: str
    created: str


class Backend(Protocol):
    """A place where models can be served."""

    name: BackendName

    def launch(self, model: Path, *, port: int = 0) -> Steps[EndpointInfo]:
        """Serve a stamped model folder on a loopback port (0: a free one) until it is stopped."""

    def all(self) -> list[EndpointInfo]:
        """Every endpoint of this workspace, newest first."""

    def logs(self, endpoint_id: str, lines: int = 200) -> str:
        """The end of what an endpoint wrote."""

    def stop(self, endpoint_id: str) -> None:
        """Stop serving; logs stay."""

    def remove(self, endpoint_id: str) -> None:
        """Stop serving and leave nothing behind."""

    def sweep(self) -> int:
        """Remove what launches that were cut off left behind; returns how many."""


@dataclass(frozen=True)
class Answer:
    """What an endpoint answered.

    Args:
        request_id: The id the endpoint gave the request.
        predictions: One value per row.
        duration_ms: From sending to the whole answer.
    """

    request_id: str
    predictions: tuple[Any, ...]
    duration_ms: float


def workspace_mark(ws: Workspace) -> str:
    """A short mark by which containers of one workspace are told from those of another."""
    return hashlib.sha256(str(ws.root.resolve()).encode()).hexdigest()[:12]


def slug(name: str) -> str:
    """A name in the letters that image and container names allow.

    >>> slug("Sales model (units)")
    'sales-model-units'
    """
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:40] or "model"


def state_of(url: str, timeout_seconds: float = 5.0) -> State:
    """Ask an endpoint how it is; one that does not answer (yet) is starting."""
    import requests

    try:
        answer = _session().get(f"{url}/health", timeout=timeout_seconds)
        code = answer.json().get("code")
    except (requests.RequestException, ValueError, AttributeError):
        return "starting"
    states: dict[str, State] = {"ready": "healthy", "refused": "refused"}
    return states.get(code, "starting")


def reason_of(url: str) -> tuple[str, str]:
    """Why an endpoint is not healthy, as message and hint."""
    import requests

    try:
        body = _session().get(f"{url}/health", timeout=5).json()
        return str(body.get("message", "")), str(body.get("hint", ""))
    except (requests.RequestException, ValueError, AttributeError):
        return "It does not answer.", "See its log."


def invoke(url: str, rows: Sequence[dict[str, Any]]) -> Answer:
    """Send rows to an endpoint.

    Args:
        url: Address of the endpoint.
        rows: One object per row, with plain values.

    Returns:
        Its answer.

    Raises:
        BadInput: The endpoint refused the rows, with its reason.
        Unavailable: It does not answer, or failed.
    """
    import requests

    try:
        answer = _session().post(
            f"{url}/invocations",
            json={"dataframe_records": list(rows)},
            timeout=ANSWER_SECONDS,
            allow_redirects=False,
        )
        body = answer.json()
    except requests.exceptions.InvalidJSONError as error:
        raise BadInput(
            "A row holds a value that JSON cannot carry, such as NaN.", "Fill it in."
        ) from error
    except (requests.RequestException, ValueError) as error:
        raise Unavailable(f"{url} does not answer.", "See its log, or launch it again.") from error
    if answer.ok:
        took = answer.elapsed.total_seconds() * 1000
        return Answer(answer.headers["X-Request-Id"], tuple(body["predictions"]), took)
    kind = BadInput if 400 <= answer.status_code < 500 else Unavailable
    raise kind(str(body.get("message", answer.reason)), str(body.get("hint", "")))


def _session() -> Any:
    import requests

    session = requests.Session()
    session.trust_env = False  # a loopback address never goes through a proxy
    return session
