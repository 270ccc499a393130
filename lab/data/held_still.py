"""A file that must not change while it is read, hashed beside the reading."""

import hashlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from lab.core.errors import BadInput


@contextmanager
def held_still(path: Path) -> Iterator[Callable[[], str]]:
    """Watch a file while it is read.

    Args:
        path: The file.

    Yields:
        A function that gives the SHA-256 of the file, to be called once all is read; it raises
        ``BadInput`` when the file has changed meanwhile.
    """
    before = _mark(path)
    with ThreadPoolExecutor(1) as pool:
        hashing = pool.submit(_sha256, path)

        def sha256() -> str:
            found = hashing.result()
            if _mark(path) != before:
                raise BadInput(
                    f"{path.name} changed while it was read.",
                    "Nothing was loaded. Wait until nobody writes to it, and load it again.",
                )
            return found

        yield sha256


def _mark(path: Path) -> tuple[int, int, int]:
    found = path.stat()
    return found.st_size, found.st_mtime_ns, found.st_ino


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
