"""Names are labels, paths are ours: what a person types never chooses a place on disk."""

import re
from pathlib import Path

from lab.core.errors import BadInput

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 _.-]{0,63}")
# NUL, and halves of characters that no file system takes.
UNPATHED = re.compile(r"[\0\ud800-\udfff]")
IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,62}")


def checked_name(name: str, kind: str = "name") -> str:
    """Return a label unchanged if it is one we allow.

    Args:
        name: 1 to 64 letters, digits, spaces, dots, dashes and underscores.
        kind: What it names, for the message.

    Raises:
        BadInput: It is empty, too long or has other characters.
    """
    if NAME.fullmatch(name) and ".." not in name:
        return name
    raise BadInput(
        f"{kind.capitalize()} {name!r} cannot be used.",
        "Use 1 to 64 letters, digits, spaces, dots, dashes or underscores, starting with a "
        "letter or digit.",
    )


def checked_table(name: str) -> str:
    """Return a table name unchanged if it is a plain SQL identifier.

    Args:
        name: 1 to 63 letters, digits and underscores, not starting with a digit.

    Raises:
        BadInput: It is anything else.
    """
    if IDENTIFIER.fullmatch(name):
        return name
    raise BadInput(
        f"Table name {name!r} cannot be used.",
        "Use letters, digits and underscores, starting with a letter, such as my_sales.",
    )


def inside(root: Path, *parts: str) -> Path:
    """Join parts below a folder and refuse anything that would leave it.

    Args:
        root: The folder to stay in.
        parts: Path parts, each a name we made or checked.

    Raises:
        BadInput: The result lies outside ``root``.
    """
    if any(UNPATHED.search(part) for part in parts):
        raise BadInput("A path may not hold such characters.", "Choose another name.")
    base = root.resolve()
    path = base.joinpath(*parts).resolve()
    if not path.is_relative_to(base):
        raise BadInput(f"{'/'.join(parts)!r} leaves the workspace.", "Choose a name inside it.")
    return path
