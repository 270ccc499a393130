"""A file that must not change while it is read, and its hash."""

import hashlib
from pathlib import Path

from lab.core.errors import BadInput

Mark = tuple[int, int, int]


class HeldStill:
    """Watches a file while it is read.

    Whoever reads all of its bytes may pass them on, so that they are read and hashed in one go.

    Args:
        path: The file. One that is not there is left to whoever reads it.
    """

    def __init__(self, path: Path) -> None:
        self._path, self._before = path, _mark(path) if path.exists() else None
        self._hash, self._heard = hashlib.sha256(), 0

    def hear(self, block: bytes | memoryview) -> None:
        """Take the next bytes of the file.

        Args:
            block: Bytes from where the last ones ended.
        """
        self._hash.update(block)
        self._heard += len(block)

    def sha256(self) -> str:
        """The SHA-256 of the file, to be asked for once all is read.

        Raises:
            BadInput: The file has changed meanwhile.
        """
        found = self._hash
        if self._before is None or self._heard != self._before[0]:
            with self._path.open("rb") as stream:
                found = hashlib.file_digest(stream, "sha256")
        if _mark(self._path) != self._before:
            raise BadInput(
                f"{self._path.name} changed while it was read.",
                "Nothing was loaded. Wait until nobody writes to it, and load it again.",
            )
        return found.hexdigest()


def _mark(path: Path) -> Mark:
    found = path.stat()
    return found.st_size, found.st_mtime_ns, found.st_ino
