"""Files as they stand while other processes write them."""

import os
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
