"""The few kinds of error a person can meet, each with the next action."""

from collections.abc import Collection, Iterable
from difflib import get_close_matches


class LabError(Exception):
    """Something a person can act on.

    Args:
        message: What failed, on which object, what is allowed, what was given.
        hint: The next action, as an imperative sentence.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class BadInput(LabError):
    """A value, file or table that cannot be used as given."""


class NotFound(LabError):
    """A named thing that does not exist."""


class Unavailable(LabError):
    """A service or library that is absent or does not answer."""


class Busy(LabError):
    """Somebody else holds what is needed; trying later may work."""


class Cancelled(LabError):
    """The person stopped the work."""


def unknown(kind: str, given: str, known: Iterable[str]) -> NotFound:
    """Build the error for a name that is not among the known ones.

    Args:
        kind: What the name stands for, such as ``"detector"``.
        given: The name that was asked for.
        known: The names that exist.

    Returns:
        A ``NotFound`` that lists near matches first, else every known name.

    >>> print(unknown("detector", "seasonl", ["seasonal", "static"]))
    There is no detector named 'seasonl'. Did you mean seasonal?
    """
    names = sorted(known)
    near = get_close_matches(given, names, n=3)
    hint = (
        f"Did you mean {', '.join(near)}?" if near else f"Known: {', '.join(names) or 'none yet'}."
    )
    return NotFound(f"There is no {kind} named {given!r}.", hint)


def check_known(kind: str, given: Iterable[str], known: Collection[str]) -> None:
    """Refuse the first name that is not among the known ones.

    Args:
        kind: What the names stand for, such as ``"detector"``.
        given: The names that were asked for.
        known: The names that exist.

    Raises:
        NotFound: A name is not known; near matches are given.
    """
    for name in given:
        if name not in known:
            raise unknown(kind, name, known)
