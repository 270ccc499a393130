"""Files as they stand while other processes write them."""

import os
import threading
from collections.abc import Iterable
from pathlib import Path


def stats(paths: Iterable[Path]) -> list[os.stat_result]:
    """Size and times of the files that are there.

    A write-ahead log comes and goes with its last writer: asking first whether it exists would
    leave a moment in which it can vanish.

    Args:
        paths: Files that may be absent.
    """
    found = []
    for path in paths:
        try:
            found.append(path.stat())
        except FileNotFoundError:
            continue
    return found


def write_whole(path: Path, text: str, *, private: bool = False) -> None:
    """Write a text so that a reader sees the old content or the new, never half.

    Args:
        path: The file; its folder must exist.
        text: Its new content.
        private: Whether only its owner may read it.
    """
    part = path.with_suffix(f".{os.getpid()}.{threading.get_ident()}.part")
    part.unlink(missing_ok=True)
    # It is made with its mode: there is no moment at which others could read what is private.
    how, mode = os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600 if private else 0o666
    with os.fdopen(os.open(part, how, mode), "w", encoding="utf-8") as file:
        file.write(text)
    part.replace(path)
