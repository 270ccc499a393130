"""Which exercise is open in the rail: kept in the workspace, so that a reload keeps it."""

from lab.core.workspace import Workspace
from lab.learn.discovery import PACKAGE, listings


def opened(ws: Workspace, package: str = PACKAGE) -> str | None:
    """The id of the exercise that is open, or ``None`` when the rail is hidden.

    Args:
        ws: The workspace.
        package: Where exercises are.
    """
    path = ws.state / "exercise.txt"
    chosen = path.read_text(encoding="utf-8").strip() if path.exists() else ""
    return chosen if chosen in {each.id for each in listings(package)} else None


def open_exercise(ws: Workspace, exercise_id: str | None) -> None:
    """Open an exercise in the rail, or hide the rail.

    Args:
        ws: The workspace.
        exercise_id: Which exercise; ``None`` hides the rail, and no progress is lost.
    """
    (ws.state / "exercise.txt").write_text(exercise_id or "", encoding="utf-8")
