"""What DuckDB says about a query somebody typed, in words with a next action."""

import re
from difflib import get_close_matches

from lab.core.errors import BadInput, Busy, LabError, Unavailable
from lab.core.workspace import Workspace

READ_ONLY = (
    "This box reads and never changes: write one SELECT, WITH … SELECT, FROM … or SUMMARIZE. "
    "The plan of a query has a button of its own; data comes in on the Load page."
)
OUTSIDE = "Read the tables that are listed; files come in on the Load page."


def in_words(kind: str, text: str, ws: Workspace) -> LabError:
    """Turn an error of the worker into one a person can act on.

    Args:
        kind: Name of the exception in the worker.
        text: What it said.
        ws: The workspace, for its limits and its table names.

    Returns:
        The error to raise.
    """
    if kind == "OutOfMemoryException":
        return Unavailable(
            f"The query needs more than the {ws.settings.sql_memory_mb} MB it may use.",
            "Aggregate or filter first, or raise LAB_SQL_MEMORY_MB.",
        )
    if kind == "InterruptException":
        return too_slow(ws.settings.sql_timeout_seconds)
    if kind == "IOException" and "lock" in text.lower():
        return Busy("The database is being written to.", "Try again in a moment.")
    if kind in ("PermissionException", "PermissionError") or "disabled by configuration" in text:
        return BadInput("The query reaches outside the database.", OUTSIDE)
    if "single SELECT statement" in text or "must be at the top level" in text:
        return BadInput("This is not one SELECT.", READ_ONLY)
    table = re.search(r"Table with name (.+) does not exist", text)
    if table:
        return _no_table(table[1], ws)
    return BadInput(f"DuckDB: {_first_line(text)}", _suggestion(text))


def too_slow(seconds: float) -> Unavailable:
    """The error for a query that used up its time."""
    return Unavailable(
        f"The query ran longer than {seconds:g} seconds and was ended.",
        "Read less: a narrower WHERE, fewer joins, a LIMIT; or raise LAB_SQL_TIMEOUT_SECONDS.",
    )


def _no_table(given: str, ws: Workspace) -> LabError:
    if re.search(r"[/\\.*]", given):
        return BadInput(f"{given} is a file or a place outside, not a table.", OUTSIDE)
    known = [info.name for info in ws.store.tables()]
    near = get_close_matches(given, known, n=3)
    hint = f"Did you mean {', '.join(near)}?" if near else f"Tables: {', '.join(known) or 'none'}."
    return BadInput(f"There is no table named {given!r}.", hint)


def _suggestion(text: str) -> str:
    for line in text.splitlines():
        if line.startswith(("Candidate bindings", "Did you mean")):
            return line.strip()
    return "Correct the query and run it again."


def _first_line(text: str) -> str:
    return text.splitlines()[0].strip() if text else "no reason given"
