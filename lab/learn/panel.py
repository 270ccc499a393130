"""Everything the exercise rail shows, read in one go."""

from dataclasses import dataclass

from lab.core.workspace import Workspace
from lab.learn.attempts import events, session
from lab.learn.belongings import newest_copy
from lab.learn.contract import SubCheck, Task
from lab.learn.discovery import PACKAGE, Listing, listing
from lab.learn.progress import Standing, standing

OFFER_AFTER = 2


@dataclass(frozen=True)
class Panel:
    """What the rail shows.

    Args:
        id: The exercise.
        number: Its number in the curriculum.
        title: What it is called.
        goal: What you will have done.
        minutes: Time it takes.
        tier: What it runs on, said in the verdict.
        page: Address of the page it is about.
        steps: What to do, in order, with paths and names of this attempt filled in.
        lesson: Markdown.
        standing: Where the learner stands.
        active: Whether an attempt is going on.
        built: What ``start`` made, in words.
        folder: Where the input files are.
        nonce: Nonce of the attempt.
        checks: Sub-checks of the latest verdict, or all of them as *wait* before the first.
        checked: When the latest verdict was, UTC ISO text; empty before the first.
        passed: Whether it passed.
        score: Share of the weight that passed, 0 to 1.
        hints_taken: The hints taken so far.
        hints_total: How many there are.
        hint_offered: Whether the same failure came twice, so that a hint should be offered.
        broken: Whether it is broken and not yet recovered.
        recovered: Whether it was recovered.
        assisted: Whether the lab solved it.
        break_effect: What *Break it* would do.
        can_undo: Whether a reset can be taken back.
    """

    id: str
    number: int
    title: str
    goal: str
    minutes: int
    tier: str
    page: str
    steps: tuple[str, ...]
    lesson: str
    standing: Standing
    active: bool
    built: str
    folder: str
    nonce: str
    checks: tuple[SubCheck, ...]
    checked: str
    passed: bool
    score: float
    hints_taken: tuple[str, ...]
    hints_total: int
    hint_offered: bool
    broken: bool
    recovered: bool
    assisted: bool
    break_effect: str
    can_undo: bool


def panel(ws: Workspace, exercise_id: str, package: str = PACKAGE) -> Panel:
    """Read everything the rail shows about an exercise.

    Args:
        ws: The workspace.
        exercise_id: Which exercise.
        package: Where exercises are.

    Returns:
        Plain values; nothing is changed.
    """
    about = listing(exercise_id, package)
    history = events(ws, exercise_id)
    now = session(history)
    task = now.task(ws, exercise_id) if now else Task(ws, exercise_id, 0, "")
    verdict = now.verdict if now else None
    if verdict is not None and now is not None and verdict.broken != now.broken:
        verdict = None  # it was about another state of the world
    return Panel(
        id=about.id,
        number=about.number,
        title=about.title,
        goal=about.goal,
        minutes=about.minutes,
        tier=about.tier,
        page=about.page,
        steps=tuple(_filled(step, task) for step in about.steps),
        lesson=about.lesson,
        standing=standing(history),
        active=now is not None,
        built=now.built if now else "",
        folder=str(task.folder),
        nonce=task.nonce,
        checks=verdict.checks if verdict else _unchecked(about, task.broken),
        checked=now.checked_at.isoformat() if verdict and now and now.checked_at else "",
        passed=bool(verdict and verdict.passed),
        score=verdict.score if verdict else 0.0,
        hints_taken=about.hints[: now.hints] if now else (),
        hints_total=len(about.hints),
        hint_offered=bool(now and now.equal_failures >= OFFER_AFTER),
        broken=bool(now and now.broken and not now.recovered),
        recovered=bool(now and now.recovered),
        assisted=bool(now and (now.assisted or now.recovery_assisted)),
        break_effect=about.break_effect,
        can_undo=newest_copy(task.folder) is not None,
    )


def _filled(step: str, task: Task) -> str:
    """Put the folder and the nonce of this attempt into a step; before the start there is none."""
    return step.replace("{nonce}", task.nonce or "…").replace("{folder}", str(task.folder))


def _unchecked(about: Listing, broken: bool) -> tuple[SubCheck, ...]:
    return tuple(
        SubCheck(each.id, "wait", each.title, hint_ref=each.hint, weight=each.weight)
        for each in about.active_checks(broken)
    )
