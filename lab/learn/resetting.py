"""Reset an exercise: say what goes, keep a copy, remove it, and take it back."""

from lab.core.workspace import Workspace
from lab.learn import belongings
from lab.learn.attempts import alone, current, record
from lab.learn.contract import Task
from lab.learn.discovery import PACKAGE, Listing, listing


def preview(ws: Workspace, exercise_id: str, package: str = PACKAGE) -> list[str]:
    """What a reset would delete, in words, one line each.

    Args:
        ws: The workspace.
        exercise_id: Which exercise.
        package: Where exercises are.
    """
    about, attempt = listing(exercise_id, package), current(ws, exercise_id)
    if attempt is None:
        return []
    task = attempt.task(ws, exercise_id)
    return belongings.describe(ws, task.folder, about.module().reset(task))


def reset(ws: Workspace, exercise_id: str, package: str = PACKAGE) -> list[str]:
    """Remove everything the attempt made; ``undo`` brings it back. The history stays.

    Args:
        ws: The workspace.
        exercise_id: Which exercise.
        package: Where exercises are.

    Returns:
        What was removed, in words, one line each.
    """
    removed = preview(ws, exercise_id, package)
    with alone(ws, exercise_id):
        set_aside(ws, listing(exercise_id, package))
    return removed


def undo(ws: Workspace, exercise_id: str, package: str = PACKAGE) -> bool:
    """Take the last reset back; what has been started since is set aside in its place.

    Args:
        ws: The workspace.
        exercise_id: Which exercise.
        package: Where exercises are.

    Returns:
        Whether there was one to take back.
    """
    about = listing(exercise_id, package)
    folder = Task(ws, exercise_id, 0, "").folder
    with alone(ws, exercise_id):
        copy = belongings.newest_copy(folder)
        if copy is None:
            return False
        set_aside(ws, about)
        nonce = belongings.restore(ws, folder, copy)
        record(ws, Task(ws, exercise_id, 0, nonce), "restored", nonce=nonce)
    return True


def set_aside(ws: Workspace, about: Listing) -> None:
    """Keep a copy of the attempt that is going on, remove it and record that; or do nothing."""
    attempt = current(ws, about.id)
    if attempt is None:
        return
    task = attempt.task(ws, about.id)
    made = about.module().reset(task)
    belongings.keep(ws, task.folder, made, task.nonce)
    belongings.remove(ws, task.folder, made)
    record(ws, task, "reset")
