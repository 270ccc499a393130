"""What a learner can do with an exercise, one function each.

Start, check, take a hint, have it solved, break it, reset and undo. Long ones are generators
of ``Progress``, so that a page, a job, the command line and a test drain the same thing. One
command at a time works on an exercise.
"""

import secrets
import shutil
from collections.abc import Generator
from dataclasses import asdict, dataclass, replace
from typing import TypeVar

from lab.core.progress import Progress, Steps
from lab.core.workspace import Workspace
from lab.learn.attempts import alone, going_on, record
from lab.learn.checking import inspect
from lab.learn.contract import Task, Verdict
from lab.learn.discovery import PACKAGE, listing
from lab.learn.resetting import preview, reset, set_aside, undo

T = TypeVar("T")

__all__ = ["Hint", "Started", "break_it", "check", "hint", "preview", "reset", "solve", "start",
           "undo"]  # fmt: skip


@dataclass(frozen=True)
class Hint:
    """One hint.

    Args:
        number: Its place, from 1.
        total: How many there are.
        text: Markdown.
    """

    number: int
    total: int
    text: str


@dataclass(frozen=True)
class Started:
    """A fresh attempt.

    Args:
        exercise: Which exercise.
        seed: Its seed.
        nonce: Its nonce.
        built: What was made for it, in words.
    """

    exercise: str
    seed: int
    nonce: str
    built: str


def start(
    ws: Workspace,
    exercise_id: str,
    seed: int | None = None,
    nonce: str | None = None,
    package: str = PACKAGE,
) -> Steps[Started]:
    """Set an exercise up with a seed and a nonce of its own; what was there before is reset.

    Args:
        ws: The workspace.
        exercise_id: Which exercise.
        seed: Its seed; drawn when not given.
        nonce: Its nonce, 4 to 16 small letters and digits; drawn when not given.
        package: Where exercises are.

    Returns:
        The attempt and what was made for it.
    """
    about = listing(exercise_id, package)
    seed = secrets.randbelow(2**31) if seed is None else seed
    nonce = nonce or secrets.token_hex(3)
    task = Task(ws, exercise_id, seed, nonce)
    with alone(ws, exercise_id):
        set_aside(ws, about)
        shutil.rmtree(task.folder, ignore_errors=True)
        yield Progress(0, None, "Setting up")
        built = (yield from _run(about.module().setup(task))) or ""
        record(ws, task, "started", nonce=nonce, built=built)
    return Started(exercise_id, seed, nonce, built)


def check(ws: Workspace, exercise_id: str, package: str = PACKAGE) -> Steps[Verdict]:
    """Read the state of the workspace and say which sub-checks hold.

    Cheap sub-checks come first; those that make no sense yet are *skipped*. A fault of the
    checker is an *error*, never the learner's.

    Args:
        ws: The workspace.
        exercise_id: Which exercise.
        package: Where exercises are.

    Returns:
        The verdict, which is also recorded.

    Raises:
        NotFound: The exercise has not been started.
    """
    about = listing(exercise_id, package)
    with alone(ws, exercise_id):
        attempt = going_on(ws, exercise_id)
        verdict = yield from inspect(about, attempt.task(ws, exercise_id))
        task = attempt.task(ws, exercise_id)
        help_given = {"assisted": attempt.assisted, "recovery_assisted": attempt.recovery_assisted}
        record(ws, task, "checked", verdict.passed, verdict=asdict(verdict), **help_given)
        if verdict.passed and attempt.broken and not attempt.recovered:
            record(ws, task, "recovered", **help_given)
    return verdict


def hint(ws: Workspace, exercise_id: str, package: str = PACKAGE) -> Hint:
    """Give the next hint; taking one is recorded and costs nothing.

    Args:
        ws: The workspace.
        exercise_id: Which exercise.
        package: Where exercises are.

    Returns:
        The next hint, or the last one when all are taken.
    """
    about = listing(exercise_id, package)
    attempt = going_on(ws, exercise_id)
    number = min(attempt.hints + 1, len(about.hints))
    if number > attempt.hints:
        record(ws, attempt.task(ws, exercise_id), "hint", number=number)
    return Hint(number, len(about.hints), about.hints[number - 1])


def solve(ws: Workspace, exercise_id: str, package: str = PACKAGE) -> Steps[Verdict]:
    """Let the lab do it, recovery included if it is broken, and check; marked as *assisted*.

    Args:
        ws: The workspace.
        exercise_id: Which exercise.
        package: Where exercises are.

    Returns:
        The verdict after it.
    """
    about = listing(exercise_id, package)
    with alone(ws, exercise_id):
        attempt = going_on(ws, exercise_id)
        task, module = attempt.task(ws, exercise_id), about.module()
        record(ws, task, "assisted")
        yield Progress(0, None, "The lab is doing it")
        yield from _run(module.solve_break(task) if attempt.broken else module.solve(task))
    verdict = yield from check(ws, exercise_id, package)
    return verdict


def break_it(ws: Workspace, exercise_id: str, package: str = PACKAGE) -> Steps[str]:
    """Bring the fault into the world; what was proven has to be recovered.

    Args:
        ws: The workspace.
        exercise_id: Which exercise.
        package: Where exercises are.

    Returns:
        What happened, in words.
    """
    about = listing(exercise_id, package)
    with alone(ws, exercise_id):
        attempt = going_on(ws, exercise_id)
        yield Progress(0, None, "Breaking it")
        task = replace(attempt.task(ws, exercise_id), broken=True)
        yield from _run(about.module().break_(task))
        record(ws, task, "broke")
    return about.break_effect


def _run(outcome: Steps[T] | T) -> Steps[T]:
    return (yield from outcome) if isinstance(outcome, Generator) else outcome
