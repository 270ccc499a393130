"""Places of streams: folders that may be watched, and the tokens of batches over HTTP."""

import secrets
from pathlib import Path

from lab.core.config import PROJECT
from lab.core.errors import BadInput, NotFound
from lab.core.files import write_whole
from lab.core.names import checked_table, inside
from lab.core.workspace import Workspace


def watchable(ws: Workspace, folder: str) -> Path:
    """The folder, if its files may be moved: not the lab's own, and not a whole home.

    Raises:
        NotFound: There is no such folder.
        BadInput: Its files must stay where they are.
    """
    place = Path(folder.strip()).expanduser()
    if not place.is_absolute():
        what = f"{folder!r} is no full path of a folder" if folder else "No folder is named"
        raise BadInput(f"{what}.", "Write its path from the root on, such as /data/incoming.")
    if not place.is_dir():
        raise NotFound(f"There is no folder {place}.", "Make it, or check the path.")
    place = place.resolve()
    for kept in (ws.root.resolve(), PROJECT, Path.home()):
        if kept.is_relative_to(place) or (kept != Path.home() and place.is_relative_to(kept)):
            raise BadInput(
                f"{place} cannot be watched: its files would be moved away from {kept}.",
                "Make a folder for incoming files alone.",
            )
    return place


def http_token(ws: Workspace, table: str) -> str:
    """The token that batches for a table must bear; made on first use."""
    path = token_file(ws, table)
    if not path.exists():
        write_whole(path, secrets.token_urlsafe(32), private=True)
    return path.read_text(encoding="ascii")


def address_file(ws: Workspace, table: str) -> Path:
    """Where a stream over HTTP notes its address while it listens."""
    return inside(ws.state, f"stream-http-{checked_table(table)}.address")


def token_file(ws: Workspace, table: str) -> Path:
    """Where the token of a table lies, readable by its owner alone."""
    return inside(ws.state, f"stream-http-{checked_table(table)}.token")
