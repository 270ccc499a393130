"""Private files for half-done writes, and what is left of those whose process died.

Whoever works on such a file holds a lock beside it, so what nobody holds is rubbish. What DuckDB
spills of a file goes to a folder of the file's own, and with it.
"""

import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def private_file(folder: Path) -> Iterator[Path]:
    """A path for a DuckDB file of one's own; it is gone at the end.

    Args:
        folder: Where it lies.

    Yields:
        The path; nothing is there yet.
    """
    from filelock import FileLock

    path = folder / f"{uuid.uuid4().hex}.duckdb"
    with FileLock(path.with_suffix(".lock")):
        try:
            yield path
        finally:
            _discard(path)


def sweep(folder: Path) -> int:
    """Remove private files that nobody holds any more.

    Args:
        folder: Where they lie.

    Returns:
        How many there were; one killed after its file had landed counts as well.
    """
    from filelock import FileLock, Timeout

    removed = 0
    for lock in folder.glob("*.lock"):
        try:
            with FileLock(lock, timeout=0):
                _discard(lock.with_suffix(".duckdb"))
                removed += 1
        except Timeout:
            continue
    return removed


def spill(folder: Path, path: Path) -> Path:
    """Where DuckDB puts what does not fit into memory while it works on a file.

    >>> spill(Path("staging"), Path("lab.duckdb")).name
    'lab.spill'
    """
    return folder / f"{path.stem}.spill"


def _discard(path: Path) -> None:
    shutil.rmtree(path.with_suffix(".spill"), ignore_errors=True)
    # The lock goes last: as long as it is there, a sweep finds what is left.
    for leftover in (path, *path.parent.glob(f"{path.name}.wal*"), path.with_suffix(".lock")):
        leftover.unlink(missing_ok=True)
