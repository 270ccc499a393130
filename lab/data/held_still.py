"""A file that must not change while it is read, hashed beside the reading."""

import hashlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Event

from lab.core.errors import BadInput

Mark = tuple[int, int, int]
BLOCK_BYTES = 1 << 20


@contextmanager
def held_still(path: Path) -> Iterator[Callable[[], str]]:
    """Watch a file while it is read.

    Args:
        path: The file. One that is not there or cannot be read is left to whoever reads it.

    Yields:
        A function that gives the SHA-256 of the file, to be called once all is read; it raises
        ``BadInput`` when the file has changed meanwhile.
    """
    given_up = Event()
    with ThreadPoolExecutor(1) as pool:
        hashing = pool.submit(_hashed, path, given_up)

        def sha256() -> str:
            before, found = hashing.result()
            if _mark(path) != before:
                raise BadInput(
                    f"{path.name} changed while it was read.",
                    "Nothing was loaded. Wait until nobody writes to it, and load it again.",
                )
            return found

        try:
            yield sha256
        finally:
            given_up.set()


def _mark(path: Path) -> Mark:
    found = path.stat()
    return found.st_size, found.st_mtime_ns, found.st_ino


def _hashed(path: Path, given_up: Event) -> tuple[Mark, str]:
    before, found = _mark(path), hashlib.sha256()
    with path.open("rb") as stream:
        while not given_up.is_set() and (block := stream.read(BLOCK_BYTES)):
            found.update(block)
    return before, found.hexdigest()
