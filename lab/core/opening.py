"""Opening a DuckDB file within bounds: memory, a place to spill, no extensions, a limited wait."""

import random
import time
from pathlib import Path
from typing import TYPE_CHECKING

from lab.core.errors import Unavailable
from lab.core.gate import busy

if TYPE_CHECKING:
    import duckdb

# What DuckDB says of a file that another program has open, on Unix and on Windows.
HELD = ("Could not set lock", "used by another process")


def open_file(
    path: Path, spill: Path, *, memory_mb: int, wait_seconds: float
) -> "duckdb.DuckDBPyConnection":
    """Open a DuckDB file, also while a program that does not know our gate lets go of it.

    Args:
        path: The file; made if it is missing.
        spill: Folder for what does not fit into memory; DuckDB makes it and takes it away.
        memory_mb: Memory DuckDB may use.
        wait_seconds: How long to wait for such a program, for instance a notebook.

    Returns:
        A connection in UTC, with extension loading off.

    Raises:
        Busy: It held the file all the time we waited.
        Unavailable: The file cannot be opened at all.
    """
    import duckdb

    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": f"{memory_mb}MB",
        "temp_directory": str(spill),
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "allow_community_extensions": "false",
    }
    deadline = time.monotonic() + wait_seconds
    while True:
        try:
            connection = duckdb.connect(str(path), config=config)
            connection.execute("SET TimeZone = 'UTC'")
            return connection
        except duckdb.IOException as error:
            if not held(error):
                raise _unopened(path, error) from error
            if time.monotonic() > deadline:
                raise busy(path, held_by(error)) from error
        except duckdb.Error as error:
            raise _unopened(path, error) from error
        pause()


def held(error: Exception) -> bool:
    """Whether DuckDB says that another program has the file open."""
    return any(words in str(error) for words in HELD)


def held_by(error: Exception) -> str:
    """The process id of that program, or nothing if it is not said.

    >>> held_by(OSError("Conflicting lock is held in /usr/bin/python3 (PID 42)."))
    '42'
    """
    return str(error).partition("(PID ")[2].partition(")")[0]


def pause() -> None:
    """Wait a moment, not all processes equally long."""
    time.sleep(random.uniform(0.01, 0.05))  # noqa: S311  # spreads waiting processes


def _unopened(path: Path, error: Exception) -> Unavailable:
    return Unavailable(
        f"{path} cannot be opened: {str(error).splitlines()[0]}",
        "Restore it from a copy, or start with another --workspace.",
    )
