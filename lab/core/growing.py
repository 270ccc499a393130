"""Landing in a copy of the database that takes its place, unless somebody wrote meanwhile.

Where much lands beside much, a file is copied far sooner than rows are written twice. The work
goes on in the copy, while everyone else has the database to themselves. In the end the copy takes
its place if the database still is what was copied, and is thrown away if it is not.
"""

import shutil
from pathlib import Path

from lab.core.adoption import replace, replaceable
from lab.core.errors import Unavailable
from lab.core.gate import gate
from lab.core.sql import translated
from lab.core.store import Store

# DuckDB keeps its count of checkpoints in the first three blocks.
HEAD_BYTES = 3 * 4096
State = tuple[int, int, int, bytes]


def copied(store: Store, place: Path, most_bytes: int) -> State | None:
    """Copy the database, to work on it in private.

    Args:
        store: The store.
        place: Where the copy goes, under ``store.stage``.
        most_bytes: A larger database is not copied, nor one that cannot be replaced.

    Returns:
        What the copied state can be told by; ``None`` where nothing was copied.

    Raises:
        Busy: Somebody held the database all the time we waited.
        Unavailable: The disk is full.
    """
    with gate(store.path).lend(store.wait_seconds), translated(store.path):
        _settle(store)
        large = store.path.stat().st_size > most_bytes
        if large or not replaceable(store.path, place.parent):
            return None
        try:
            shutil.copyfile(store.path, place)
        except OSError as error:
            raise Unavailable(
                f"{store.path} cannot be copied: {error.strerror}.", "Free space."
            ) from error
        return _state(store.path)


def take_over(store: Store, copy: Path, state: State) -> bool:
    """Make a copy the database, if the database is still what was copied.

    Args:
        store: The store whose file is replaced.
        copy: The copy, closed, with all that was done in it.
        state: From ``copied``.

    Returns:
        Whether it was done; when not, nothing has changed.

    Raises:
        Busy: Somebody held the database all the time we waited.
        Unavailable: The file cannot be replaced.
    """
    with gate(store.path).lend(store.wait_seconds), translated(store.path):
        _settle(store)
        if _state(store.path) != state or not replaceable(store.path, copy):
            return False
        replace(copy, store.path)
    return True


def _settle(store: Store) -> None:
    """Fold in what is left in the log; fails while a program outside our gate has the file."""
    connection = store.opened(store.path)
    try:
        connection.execute("CHECKPOINT")
    finally:
        connection.close()


def _state(path: Path) -> State:
    """Which file it is, and which of its states."""
    found = path.stat()
    with path.open("rb") as stream:
        return found.st_ino, found.st_size, found.st_mtime_ns, stream.read(HEAD_BYTES)
