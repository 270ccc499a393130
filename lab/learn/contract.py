"""What an exercise is, what its check says, and what a verdict is.

An exercise is a folder with a module that has six functions. All of them may be called twice
in a row and leave the same state. Checks read stores, not claims, and work out what they
expect from the seed; the expectation is never written where the learner works.
"""

from collections.abc import Callable, Generator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, Protocol, TypeAlias

from lab.core.names import inside
from lab.core.progress import Progress, Steps
from lab.core.workspace import Workspace
from lab.learn.belongings import Belongings

Status = Literal["pass", "fail", "wait", "error", "skipped"]


@dataclass(frozen=True)
class Task:
    """One learner's copy of an exercise: what the six functions work on.

    Args:
        ws: The workspace.
        exercise: Id of the exercise.
        seed: Seed of everything in it; another learner has another one.
        nonce: Text drawn at the start that every artefact must carry, so that an old or copied
            one does not pass.
        broken: Whether ``break_`` has happened, which makes more sub-checks count.
    """

    ws: Workspace
    exercise: str
    seed: int
    nonce: str
    broken: bool = False

    @cached_property
    def folder(self) -> Path:
        """Where ``setup`` puts the input files."""
        return inside(self.ws.folder("exercises"), self.exercise)

    def file(self, name: str) -> Path:
        """Path of an input file; its folder is made if it is missing."""
        self.folder.mkdir(parents=True, exist_ok=True)
        return inside(self.folder, name)


@dataclass(frozen=True)
class Finding:
    """What a checker says about one sub-check.

    Args:
        check: Id of the sub-check, as ``exercise.yaml`` declares it.
        status: ``wait`` is for what takes time; ``error`` is a fault of the checker.
        expected: What should be there.
        found: What is there; on a known mistake it names the mistake.
        evidence: Where to look for yourself: a query, an address, a run id.
        hint: Number of the hint that fits this mistake, from 1; 0 for the declared one.
    """

    check: str
    status: Status
    expected: str = ""
    found: str = ""
    evidence: str = ""
    hint: int = 0


def judge(
    check: str, ok: bool, expected: str = "", found: str = "", evidence: str = "", hint: int = 0
) -> Finding:
    """Make a finding that passes or fails.

    >>> judge("rows", 3 == 4, "4 rows", "3 rows").status
    'fail'
    """
    return Finding(check, "pass" if bool(ok) else "fail", expected, found, evidence, hint)


Findings: TypeAlias = Generator[Finding | Progress, None, None]


class Exercise(Protocol):
    """The module ``exercise.py``: six functions, each safe to call again."""

    def setup(self, task: Task) -> Steps[str] | str:
        """Write the input files, build what earlier exercises would have, and say what it is."""

    def check(self, task: Task) -> Findings:
        """Yield findings in the declared order, cheap ones first; return where going on is vain."""

    def solve(self, task: Task) -> Steps[None] | None:
        """Do what the learner is asked to do."""

    def break_(self, task: Task) -> Steps[None] | None:
        """Bring the fault into the world."""

    def solve_break(self, task: Task) -> Steps[None] | None:
        """Recover from the fault."""

    def reset(self, task: Task) -> Belongings:
        """Say everything that this attempt made; the engine keeps a copy and removes it."""


@dataclass(frozen=True)
class Wrong:
    """A plausible wrong solution; the checker must find it and say the right thing.

    Args:
        name: What the learner did, in words.
        act: Does it, after the set-up.
        check: Id of the sub-check that must fail.
        says: Words its finding must hold.
        broken: Whether it is done after the solved exercise was broken.
    """

    name: str
    act: Callable[[Task], object]
    check: str
    says: str
    broken: bool = False


@dataclass(frozen=True)
class SubCheck:
    """One line of a verdict.

    Args:
        id: Its id within the exercise.
        status: pass, fail, wait, error (the checker broke) or skipped (not reached).
        title: What is checked, as a statement.
        expected: What should be there.
        found: What is there.
        evidence: Where to look for yourself.
        hint_ref: Number of the hint that fits, from 1.
        weight: Share in the score, above 0.
    """

    id: str
    status: Status
    title: str
    expected: str = ""
    found: str = ""
    evidence: str = ""
    hint_ref: int = 1
    weight: float = 1.0


@dataclass(frozen=True)
class Verdict:
    """What a check came to.

    Args:
        exercise: Id of the exercise.
        passed: Whether every sub-check passed.
        score: Share of the weight that passed, 0 to 1.
        broken: Whether it was checked after ``break it``.
        checks: The sub-checks in order.
    """

    exercise: str
    passed: bool
    score: float
    broken: bool
    checks: tuple[SubCheck, ...]

    @property
    def failing(self) -> tuple[str, ...]:
        """Ids of sub-checks that failed, in order."""
        return tuple(check.id for check in self.checks if check.status == "fail")

    @classmethod
    def of(cls, exercise: str, broken: bool, checks: tuple[SubCheck, ...]) -> "Verdict":
        """Count the sub-checks."""
        total = sum(check.weight for check in checks)
        earned = sum(check.weight for check in checks if check.status == "pass")
        passed = bool(checks) and all(check.status == "pass" for check in checks)
        return cls(exercise, passed, earned / total if total else 0.0, broken, checks)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> "Verdict":
        """Read what ``dataclasses.asdict`` gave, also after a trip through JSON."""
        checks = tuple(SubCheck(**check) for check in values["checks"])
        return cls(**{**values, "checks": checks})
