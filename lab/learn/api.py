"""Exercises for a notebook and the command line: one function per verb."""

from dataclasses import dataclass

from lab.core.progress import Steps
from lab.core.workspace import Workspace
from lab.learn import engine
from lab.learn.contract import Verdict
from lab.learn.engine import Hint, Started
from lab.learn.panel import Panel, panel
from lab.learn.progress import Roadmap, roadmap

__all__ = ["ExerciseLine", "Hint", "Panel", "Roadmap", "Started", "Verdict", "break_it", "check",
           "exercises", "hint", "panel", "reset", "roadmap", "solve", "start", "steps",
           "undo"]  # fmt: skip


@dataclass(frozen=True)
class ExerciseLine:
    """An exercise in one line.

    Args:
        exercise: Its id, as every other verb takes it.
        number: Its number in the curriculum.
        title: What it is called.
        state: not started, attempted, assisted, proven or was proven.
        minutes: Time it takes.
        page: Page of the app it is about.
    """

    exercise: str
    number: int
    title: str
    state: str
    minutes: int
    page: str


def exercises(ws: Workspace) -> list[ExerciseLine]:
    """List the exercises and where you stand.

    Args:
        ws: The workspace.

    Returns:
        One line per exercise, in the order of the curriculum.
    """
    cards = [card for stage in roadmap(ws).stages for card in stage.cards]
    return [
        ExerciseLine(c.id, c.number, c.title, c.standing.state, c.minutes, c.page) for c in cards
    ]


def start(ws: Workspace, exercise: str) -> Steps[Started]:
    """Set an exercise up with a seed of its own; what was there before is reset.

    Args:
        ws: The workspace.
        exercise: Its id.

    Returns:
        What was made for it.
    """
    return engine.start(ws, exercise)


def steps(ws: Workspace, exercise: str) -> list[str]:
    """What to do in an exercise, in order.

    Args:
        ws: The workspace.
        exercise: Its id.

    Returns:
        One step a line.
    """
    return list(panel(ws, exercise).steps)


def check(ws: Workspace, exercise: str) -> Steps[Verdict]:
    """Check an exercise on the state of the workspace.

    Args:
        ws: The workspace.
        exercise: Its id.

    Returns:
        The verdict with every sub-check.
    """
    return engine.check(ws, exercise)


def hint(ws: Workspace, exercise: str) -> Hint:
    """Take the next hint of an exercise; it costs nothing.

    Args:
        ws: The workspace.
        exercise: Its id.

    Returns:
        The hint with its place among all hints.
    """
    return engine.hint(ws, exercise)


def solve(ws: Workspace, exercise: str) -> Steps[Verdict]:
    """Let the lab solve an exercise; it counts as assisted, not as proven.

    Args:
        ws: The workspace.
        exercise: Its id.

    Returns:
        The verdict after it.
    """
    return engine.solve(ws, exercise)


def break_it(ws: Workspace, exercise: str) -> Steps[str]:
    """Break a solved exercise, to recover it.

    Args:
        ws: The workspace.
        exercise: Its id.

    Returns:
        What happened, in words.
    """
    return engine.break_it(ws, exercise)


def reset(ws: Workspace, exercise: str) -> list[str]:
    """Put an exercise back to before its start; ``undo`` takes that back.

    Args:
        ws: The workspace.
        exercise: Its id.

    Returns:
        What was removed, one line each.
    """
    return engine.reset(ws, exercise)


def undo(ws: Workspace, exercise: str) -> bool:
    """Take the last reset of an exercise back.

    Args:
        ws: The workspace.
        exercise: Its id.

    Returns:
        Whether there was one.
    """
    return engine.undo(ws, exercise)
