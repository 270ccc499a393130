"""The truth about incidents, kept beside the tables and not in them.

On a laptop this is a matter of honour, as ``lab.world.faults.sealing`` says.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from lab.core.errors import NotFound
from lab.core.files import write_whole
from lab.core.names import checked_name, inside
from lab.core.secrets import TRUTH, load_secrets
from lab.core.workspace import Workspace

if TYPE_CHECKING:
    from lab.world.faults.fault import Incident
    from lab.world.faults.truth import Truth


def seal(ws: Workspace, name: str, incidents: "Iterable[Incident]") -> Path:
    """Seal the truth about incidents into a file of the workspace.

    Args:
        ws: The workspace.
        name: Name of the data set or world they belong to; what was sealed for it is replaced.
        incidents: What strikes.

    Returns:
        The file; only its owner may read it.
    """
    from lab.world.faults.sealing import sealed
    from lab.world.faults.truth import truth

    text = sealed((truth(incident) for incident in incidents), load_secrets(ws)[TRUTH])
    path = _path(ws, name)
    write_whole(path, text, private=True)
    return path


def unseal(ws: Workspace, name: str) -> "tuple[Truth, ...]":
    """Open the truth about a data set or world, and notice when it was changed.

    Args:
        ws: The workspace.
        name: As it was sealed.

    Returns:
        One record for each incident.

    Raises:
        NotFound: Nothing was sealed for it.
        BadInput: The file was changed, or comes from another workspace.
    """
    from lab.world.faults.sealing import unsealed

    path = _path(ws, name)
    if not path.exists():
        raise NotFound(f"No truth is sealed for {name!r}.", "Make the world first.")
    return unsealed(path.read_text(encoding="utf-8"), load_secrets(ws)[TRUTH])


def reached(ws: Workspace, dataset: str) -> dict[str, tuple[str, ...]]:
    """Whom each incident of a data set reached besides its own host; empty without a truth.

    Args:
        ws: The workspace.
        dataset: The data set.

    Returns:
        Hosts by incident, as label ``instance`` has them.

    Raises:
        BadInput: The truth was changed, or comes from another workspace.
    """
    from lab.world.lenses.metrics_nodes import instance_of

    if not _path(ws, dataset).exists():
        return {}
    return {
        one.incident_id: tuple(instance_of(who.name) for who in one.affected[1:])
        for one in unseal(ws, dataset)
    }


def _path(ws: Workspace, name: str) -> Path:
    return inside(ws.folder("truth"), f"{checked_name(name)}.sealed")
