"""The catalogue: every fault of every family, found by looking."""

from collections.abc import Iterator
from importlib import import_module
from typing import get_args

from lab.core.errors import unknown
from lab.world.faults.fault import Family, Fault


def _found() -> Iterator[Fault]:
    """The faults of each family in order; a family without a module is an error of ours."""
    for family in get_args(Family):
        yield from import_module(f"lab.world.faults.{family}").FAULTS


# Families that take days and show in orders, labels and predictions alone.
OF_BUSINESS: tuple[Family, ...] = ("data", "model")
FAULTS: dict[str, Fault] = {each.kind: each for each in _found()}


def fault(kind: str) -> Fault:
    """Look a fault up.

    Args:
        kind: Its name.

    Raises:
        NotFound: There is no such fault; near matches are named.

    >>> fault("cache_loss").targets
    ('cache',)
    """
    if kind not in FAULTS:
        raise unknown("fault", kind, FAULTS)
    return FAULTS[kind]
