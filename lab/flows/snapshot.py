"""The exact rows a run learned from, kept under the hash of their content."""

import hashlib
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lab.core.errors import BadInput, NotFound
from lab.core.workspace import Workspace

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Snapshot:
    """Rows on disk that never change.

    Args:
        sha256: Hash of the file, 64 hexadecimal digits; also its name.
        path: The Parquet file.
        rows: Rows in it.
    """

    sha256: str
    path: Path
    rows: int


def take(ws: Workspace, rows: "pd.DataFrame") -> Snapshot:
    """Keep rows; the same rows in the same order give the same snapshot, written once.

    Args:
        ws: The workspace.
        rows: What to keep, in an order of its own.
    """
    ws.need_space(int(rows.memory_usage(deep=True).sum()))
    return keep(ws, lambda part: rows.to_parquet(part, index=False), len(rows))


def keep(ws: Workspace, write: Callable[[Path], object], rows: int) -> Snapshot:
    """Keep a Parquet file under its hash: whole or not at all, once, and never to be written to.

    Args:
        ws: The workspace.
        write: Writes the file; the same rows must give the same bytes.
        rows: Rows in it.
    """
    part = ws.staging / f"{uuid.uuid4().hex}.parquet"
    try:
        write(part)
        with part.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        place = ws.snapshots / f"{digest}.parquet"
        if not place.exists():
            part.chmod(0o400)
            part.replace(place)
    finally:
        part.unlink(missing_ok=True)
    return Snapshot(digest, place, rows)


def recall(ws: Workspace, sha256: str) -> "pd.DataFrame":
    """Read the rows of a snapshot.

    Raises:
        NotFound: It is not in this workspace.
        BadInput: The file is not what it was.
    """
    import io

    import pandas as pd

    place = ws.snapshots / f"{sha256}.parquet"
    if not place.is_file():
        raise NotFound(
            f"The rows of snapshot {sha256[:12]} are not in this workspace.",
            "Use the workspace the run was made in, or train again.",
        )
    data = place.read_bytes()
    if hashlib.sha256(data).hexdigest() != sha256:
        raise BadInput(
            f"Snapshot {sha256[:12]} was changed after it was taken.",
            "Restore it from a copy, or train again.",
        )
    return pd.read_parquet(io.BytesIO(data))
