"""What is served from a workspace: which backend, which endpoints, their logs and their end."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from lab.core.errors import BadInput, NotFound, Unavailable
from lab.core.workspace import Workspace
from lab.flows.audit import record
from lab.mlops.serving.endpoint import Backend, BackendName, EndpointInfo

Wanted = Literal["auto", "docker", "process"]


@dataclass(frozen=True)
class Choice:
    """Which backend serves, and why.

    Args:
        backend: ``docker`` or ``process``.
        reason: One sentence for people.
        builds: Whether images can be built from here; a launcher builds its own.
    """

    backend: BackendName
    reason: str
    builds: bool = False


def backend_for(ws: Workspace, wanted: Wanted = "auto") -> Choice:
    """Choose the backend.

    Args:
        ws: The workspace.
        wanted: ``auto`` takes Docker where it answers and a local process where not.

    Returns:
        The choice and its reason.

    Raises:
        BadInput: There is no backend of that name.
        Unavailable: Docker was asked for and does not answer.
    """
    from lab.mlops.serving import launched
    from lab.mlops.serving.engine import HINT, absence

    if wanted == "process":
        return Choice("process", "A local process was asked for.")
    if wanted not in ("auto", "docker"):
        raise BadInput(f"There is no backend {wanted!r}.", "Use auto, docker or process.")
    remote = bool(ws.settings.launcher_url)
    reason = launched.absence(ws) if remote else absence()
    if not reason:
        who = "The launcher" if remote else "A Docker engine"
        return Choice("docker", f"{who} answers: models run in hardened containers.", not remote)
    if wanted == "docker":
        raise Unavailable(reason, HINT)
    return Choice("process", f"{reason} The same server runs as a local process instead.")


def endpoints(ws: Workspace) -> list[EndpointInfo]:
    """Everything that is or was served from this workspace, newest first.

    Containers are left out while Docker does not answer.
    """
    found = [info for backend in _backends(ws) for info in backend.all()]
    return sorted(found, key=lambda info: info.created, reverse=True)


def endpoint_of(ws: Workspace, endpoint: str) -> EndpointInfo:
    """One endpoint by its id.

    Raises:
        NotFound: There is none by that id.
    """
    for info in endpoints(ws):
        if info.id == endpoint:
            return info
    raise NotFound(f"There is no endpoint {endpoint!r}.", "List the endpoints to see their ids.")


def logs(ws: Workspace, endpoint: str, lines: int = 200) -> str:
    """The end of what an endpoint wrote, also after it was stopped."""
    return place(ws, endpoint_of(ws, endpoint).backend).logs(endpoint, lines)


def stop(ws: Workspace, endpoint: str) -> EndpointInfo:
    """Stop an endpoint; its log stays until it is removed.

    Args:
        ws: The workspace.
        endpoint: Id of the endpoint.

    Returns:
        The endpoint, stopped.

    Raises:
        NotFound: There is none by that id.
    """
    info = endpoint_of(ws, endpoint)
    place(ws, info.backend).stop(endpoint)
    record(ws, "stopped", f"endpoint {endpoint}", {"model": info.model, "version": info.version})
    return endpoint_of(ws, endpoint)


def remove(ws: Workspace, endpoint: str) -> None:
    """Stop an endpoint and leave nothing of it behind but its image."""
    info = endpoint_of(ws, endpoint)
    place(ws, info.backend).remove(endpoint)
    record(ws, "removed", f"endpoint {endpoint}", {"model": info.model, "version": info.version})


def tidy(ws: Workspace) -> int:
    """Remove what launches that were cut off left behind; returns how many."""
    return sum(backend.sweep() for backend in _backends(ws))


def place(ws: Workspace, name: BackendName) -> Backend:
    """The backend of that name, for this workspace."""
    from lab.mlops.serving.container import Containers
    from lab.mlops.serving.launched import Launched
    from lab.mlops.serving.process import Processes

    if name == "process":
        return Processes(ws)
    return Launched(ws) if ws.settings.launcher_url else Containers(ws)


def _backends(ws: Workspace) -> Sequence[Backend]:
    local = place(ws, "process")
    docker = backend_for(ws).backend == "docker"
    return [place(ws, "docker"), local] if docker else [local]
