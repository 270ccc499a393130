"""Endpoints that belong to an attempt: taken down by a reset, launched again by its undo."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from lab.core.errors import LabError
from lab.core.progress import drain
from lab.core.workspace import Workspace
from lab.mlops.serving.endpoint import BackendName

LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Served:
    """An endpoint of an attempt.

    Args:
        id: Its id.
        model: Registered name it serves.
        version: Its version.
        backend: Where it runs.
        healthy: Whether it answers, and so is worth launching again.
    """

    id: str
    model: str
    version: str
    backend: BackendName
    healthy: bool


def serving(ws: Workspace, model: str) -> tuple[Served, ...]:
    """Every endpoint of a model, running or not, newest first."""
    from lab.flows.endpoints import endpoints

    return tuple(
        Served(info.id, info.model, info.version, info.backend, info.state == "healthy")
        for info in endpoints(ws)
        if info.model == model
    )


def there(ws: Workspace, served: Sequence[Served]) -> list[Served]:
    """Those that still exist."""
    if not served:
        return []
    from lab.flows.endpoints import endpoints

    ids = {info.id for info in endpoints(ws)}
    return [each for each in served if each.id in ids]


def take_down(ws: Workspace, served: Sequence[Served]) -> None:
    """Remove endpoints; one that is gone already is no matter."""
    from lab.flows.endpoints import remove

    for each in there(ws, served):
        remove(ws, each.id)


def put_back(ws: Workspace, served: Sequence[Served]) -> None:
    """Launch again what was healthy; an undo does not fail because a server does."""
    from lab.flows.serve import launch

    for each in served:
        if each.healthy:
            try:
                drain(launch(ws, each.model, each.version, each.backend))
            except LabError as error:
                LOG.warning("%s was not launched again: %s", each.model, error)
