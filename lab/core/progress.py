"""Long work as a generator: it yields ``Progress`` and returns its result."""

import math
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Progress:
    """One step of long work.

    Args:
        done: Units finished so far, from 0.
        total: Units in all, ``None`` while it is not known, infinite for work that goes on until
            it is stopped.
        message: What is being done, in plain words.
        metrics: Numbers worth watching live, such as a loss.
    """

    done: float
    total: float | None
    message: str
    metrics: Mapping[str, float] = field(default_factory=dict)

    @property
    def fraction(self) -> float | None:
        """Share finished in [0, 1], or ``None`` while the total is not known or infinite."""
        if not self.total or math.isinf(self.total):
            return None
        return min(1.0, max(0.0, self.done / self.total))


Steps: TypeAlias = Generator[Progress, None, T]


def drain(steps: Steps[T], on_progress: Callable[[Progress], None] | None = None) -> T:
    """Run long work to its end and return what it returns.

    Args:
        steps: A generator of ``Progress``, as every flow gives.
        on_progress: Called with each step; a page draws it, the CLI prints it.

    Returns:
        The value the generator returned.

    >>> def count(n):
    ...     for i in range(n):
    ...         yield Progress(i, n, "counting")
    ...     return n
    >>> drain(count(3))
    3
    """
    while True:
        try:
            step = next(steps)
        except StopIteration as stop:
            result: T = stop.value
            return result
        if on_progress is not None:
            on_progress(step)


def mapped(steps: Steps[T], change: Callable[[Progress], Progress]) -> Steps[T]:
    """Run long work with each of its steps seen, and changed, on the way.

    Args:
        steps: The work.
        change: Called with each step; gives the step to pass on.

    Yields:
        The steps, changed.

    Returns:
        What the work returns.
    """
    while True:
        try:
            step = next(steps)
        except StopIteration as stop:
            result: T = stop.value
            return result
        yield change(step)


def scaled(steps: Steps[T], start: float, end: float, total: float) -> Steps[T]:
    """Run long work as a part of longer work.

    Args:
        steps: The part.
        start: Where it begins, in units of the whole.
        end: Where it ends.
        total: Units of the whole.

    Yields:
        Its progress on the scale of the whole.

    Returns:
        What the part returns.

    >>> def half():
    ...     yield Progress(1, 2, "half")
    ...     return "done"
    >>> [step.done for step in scaled(half(), 20, 40, 100)]
    [30.0]
    """
    return (yield from mapped(steps, lambda step: rescaled(step, start, end, total)))


def rescaled(step: Progress, start: float, end: float, total: float) -> Progress:
    """Fit the progress of a part into the progress of the whole.

    Args:
        step: Progress of the part.
        start: Where the part begins, in units of the whole.
        end: Where the part ends.
        total: Units of the whole.

    Returns:
        The same message and metrics on the scale of the whole.
    """
    inside = (step.fraction or 0.0) * (end - start)
    return Progress(start + inside, total, step.message, step.metrics)
