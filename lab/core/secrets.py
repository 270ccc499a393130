"""Local secrets: made on first use, kept in one private file, never in the project.

Shipped default keys have been the hole in several products (forged sessions), so there are
none: a secret that is empty, short or well known is refused.
"""

import json
import os
import secrets
from pathlib import Path

from lab.core.errors import BadInput
from lab.core.files import write_whole
from lab.core.workspace import Workspace

COOKIE = "STREAMLIT_SERVER_COOKIE_SECRET"
MLFLOW = "MLFLOW_FLASK_SERVER_SECRET_KEY"
LAUNCHER = "LAUNCHER_TOKEN"
TRUTH = "TRUTH_KEY"
NAMES = (COOKIE, MLFLOW, LAUNCHER, TRUTH)
SHORTEST = 32
KNOWN = ("changeme", "secret", "password", "default", "example", "thisismyscretkey")


def load_secrets(ws: Workspace) -> dict[str, str]:
    """The secrets of a workspace, made on first use.

    Args:
        ws: Workspace whose ``secrets.json`` holds them; only its owner may read the file.

    Returns:
        One random value for each of ``NAMES``; a variable already set wins.

    Raises:
        BadInput: The file is damaged, or a value is empty, short or well known.
    """
    from filelock import FileLock

    path = ws.root / "secrets.json"
    with FileLock(ws.state / "secrets.lock"):
        kept = _read(path)
        made = {name: secrets.token_urlsafe(48) for name in NAMES if name not in kept}
        if made:
            write_whole(path, json.dumps({**kept, **made}), private=True)
        path.chmod(0o600)
    values = {name: os.environ.get(name, {**kept, **made}[name]) for name in NAMES}
    for name, value in values.items():
        where = "environment" if name in os.environ else str(path)
        refuse_weak(name, value, where)
    return values


def refuse_weak(name: str, value: object, where: str) -> None:
    """Refuse a secret that somebody could guess.

    Args:
        name: What it is for.
        value: The secret; at least 32 characters, at least 8 different ones.
        where: Where it came from, for the message, which never shows the value.

    Raises:
        BadInput: It is empty, short, monotonous or well known.
    """
    text = value if isinstance(value, str) else ""
    known = any(text.lower().startswith(word) for word in KNOWN)
    if len(text) < SHORTEST or len(set(text)) < 8 or known:
        raise BadInput(
            f"The secret {name} in {where} is empty, short or well known.",
            "Remove it, and a random one is made at the next start.",
        )


def _read(path: Path) -> dict[str, str]:
    if not path.exists():
        return {}
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        values = error
    if isinstance(values, dict):
        return values
    raise BadInput(f"{path} is damaged.", "Delete it, and new secrets are made at the next start.")
