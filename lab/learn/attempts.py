"""Learning events: append-only, in the table ``attempts``; everything else is read from them."""

import json
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

from lab.core.errors import Busy, NotFound
from lab.core.workspace import Workspace
from lab.learn.contract import Task, Verdict

LOCK_SECONDS = 2.0
Kind = Literal["started", "checked", "hint", "assisted", "broke", "recovered", "reset", "restored"]


@dataclass(frozen=True)
class Event:
    """One thing that happened.

    Args:
        happened_at: When, UTC.
        exercise: Which exercise.
        seed: Seed it was set up with.
        event: What happened.
        passed: Verdict of a check; ``None`` for anything else.
        detail: Circumstances as plain values.
    """

    happened_at: datetime
    exercise: str
    seed: int
    event: str
    passed: bool | None = None
    detail: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Session:
    """The attempt that is going on, as the events since the last start tell it.

    Args:
        seed: Its seed.
        nonce: Its nonce.
        started_at: When it was started, UTC.
        built: What ``setup`` made, in words.
        hints: Hints taken.
        proven: Whether a check passed before the lab gave any help.
        assisted: Whether the lab solved it before it was proven.
        recovery_assisted: Whether the lab recovered it after ``break it``.
        broken: Whether ``break it`` happened.
        recovered: Whether a check passed since then.
        verdict: The latest verdict.
        checked_at: When that was, UTC.
        equal_failures: Latest checks in a row that failed in the same sub-checks.
    """

    seed: int
    nonce: str
    started_at: datetime
    built: str = ""
    hints: int = 0
    proven: bool = False
    assisted: bool = False
    recovery_assisted: bool = False
    broken: bool = False
    recovered: bool = False
    verdict: Verdict | None = None
    checked_at: datetime | None = None
    equal_failures: int = 0

    def task(self, ws: Workspace, exercise: str) -> Task:
        """What the six functions work on."""
        return Task(ws, exercise, self.seed, self.nonce, self.broken)


def record(
    ws: Workspace, task: Task, event: Kind, passed: bool | None = None, **detail: Any
) -> None:
    """Append one event.

    Args:
        ws: The workspace.
        task: The attempt it belongs to.
        event: What happened.
        passed: Verdict of a check.
        **detail: Plain values.
    """
    import pandas as pd

    row = {
        "event_id": uuid.uuid4().hex,
        "happened_at": datetime.now(UTC),
        "learner": ws.settings.owner,
        "exercise": task.exercise,
        "seed": task.seed,
        "event": event,
        "passed": passed,
        "detail": json.dumps(detail),
    }
    ws.store.write("attempts", pd.DataFrame([row]).astype({"passed": "boolean"}), mode="append")


def events(ws: Workspace, exercise: str | None = None) -> list[Event]:
    """What the learner of this workspace did, oldest first.

    Args:
        ws: The workspace.
        exercise: Only this one.
    """
    if not ws.store.has("attempts"):
        return []
    rows = ws.store.rows(
        "SELECT happened_at::TIMESTAMPTZ, exercise, seed, event, passed, detail FROM attempts"
        " WHERE learner = $1 AND ($2 IS NULL OR exercise = $2) ORDER BY happened_at, rowid",
        [ws.settings.owner, exercise],
    )
    return [
        Event(moment.astimezone(UTC), name, seed, kind, passed, json.loads(detail or "{}"))
        for moment, name, seed, kind, passed, detail in rows
    ]


def session(history: Sequence[Event]) -> Session | None:
    """The attempt that is going on in one exercise, if there is one.

    Args:
        history: Events of that exercise, oldest first.
    """
    attempts: dict[str, dict[str, Any]] = {}
    values: dict[str, Any] | None = None
    for event in history:
        if event.event == "started":
            values = attempts[event.detail["nonce"]] = _opened(event)
        elif event.event == "reset":
            values = None
        elif event.event == "restored":
            values = attempts.get(event.detail["nonce"])
        elif values is not None:
            _fold(values, event)
    return Session(**values) if values is not None else None


def current(ws: Workspace, exercise: str) -> Session | None:
    """The attempt that is going on, or ``None`` before a start and after a reset."""
    return session(events(ws, exercise))


def going_on(ws: Workspace, exercise: str) -> Session:
    """The attempt that is going on.

    Raises:
        NotFound: The exercise has not been started.
    """
    attempt = current(ws, exercise)
    if attempt is None:
        raise NotFound(f"{exercise} has not been started.", "Start the exercise.")
    return attempt


@contextmanager
def alone(ws: Workspace, exercise: str) -> Iterator[None]:
    """Hold an exercise, so that no two commands work on it at once."""
    from filelock import FileLock, Timeout

    lock = FileLock(ws.state / f"exercise-{exercise}.lock", timeout=LOCK_SECONDS)
    try:
        with lock:
            yield
    except Timeout as error:
        raise Busy(
            f"{exercise} is being worked on.", "Wait until that is done, or cancel it."
        ) from error


def _opened(event: Event) -> dict[str, Any]:
    return {
        "seed": event.seed,
        "nonce": event.detail["nonce"],
        "built": event.detail.get("built", ""),
        "started_at": event.happened_at,
    }


def _fold(values: dict[str, Any], event: Event) -> None:
    match event.event:
        case "hint":
            values["hints"] = max(values.get("hints", 0), int(event.detail["number"]))
        case "assisted":
            values["assisted"] = not values.get("proven", False)
            values["recovery_assisted"] = values.get("broken", False)
        case "broke":
            values.update(broken=True, recovered=False, recovery_assisted=False, equal_failures=0)
        case "recovered":
            values["recovered"] = True
        case "checked":
            _fold_check(values, event)


def _fold_check(values: dict[str, Any], event: Event) -> None:
    verdict = Verdict.from_dict(event.detail["verdict"])
    last: Verdict | None = values.get("verdict")
    same = last is not None and not last.passed and last.failing == verdict.failing
    count = values.get("equal_failures", 0) if same else 0
    failed = bool(verdict.failing)
    values.update(
        proven=values.get("proven", False) or (verdict.passed and not values.get("assisted")),
        verdict=verdict,
        checked_at=event.happened_at,
        equal_failures=count + 1 if failed else 0,
    )
