"""Uploaded files: kept under names of ours, whole or not at all."""

import uuid
from pathlib import Path

from lab.core.errors import BadInput
from lab.core.words import grouped
from lab.core.workspace import Workspace
from lab.data.formats import PACKED, SUFFIXES


def save_upload(ws: Workspace, name: str, content: bytes) -> Path:
    """Keep an uploaded file.

    Args:
        ws: The workspace.
        name: What the person's browser calls it; only its suffix is used.
        content: The bytes.

    Returns:
        Where it lies now.

    Raises:
        BadInput: It is too large, or its name does not end like a table.
        Unavailable: The disk is too full.
    """
    most = ws.settings.max_upload_mb
    if len(content) > most * 1_000_000:
        raise BadInput(
            f"{name} has {grouped(len(content) / 1e6, '.0f')} MB; at most {most} MB can be "
            "uploaded.",
            "Give its path on this machine instead, or raise LAB_MAX_UPLOAD_MB.",
        )
    ws.need_space(len(content))
    path = ws.uploads / f"{uuid.uuid4().hex}{checked_suffix(name)}"
    part = path.with_name(path.name + ".part")
    part.write_bytes(content)
    part.replace(path)
    return path


def checked_suffix(name: str) -> str:
    """The suffix of a file name, if it is one of a table.

    Args:
        name: A file name, from anywhere.

    Raises:
        BadInput: It is none of those we read.

    >>> checked_suffix("../../Sales 2026.CSV.gz")
    '.csv.gz'
    """
    lowered = name.lower()
    suffix = next((s for s in SUFFIXES if lowered.endswith(s)), "")
    if suffix in PACKED:
        inner = next((s for s in SUFFIXES if lowered.endswith(f"{s}{suffix}")), "")
        suffix = f"{inner}{suffix}"
    if not suffix:
        raise BadInput(
            f"{name!r} does not end like a table.", f"Known endings: {', '.join(SUFFIXES)}."
        )
    return suffix
