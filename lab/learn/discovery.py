"""Exercises are found as folders; a folder that breaks the contract is refused by name."""

import importlib
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any, cast

from lab.core.errors import BadInput, unknown
from lab.learn.contract import Exercise, Wrong

PACKAGE = "lab.learn.exercises"
FUNCTIONS = ("setup", "check", "solve", "break_", "solve_break", "reset")
FEWEST_HINTS = 3
FIELDS = ("number", "title", "stage", "goal", "minutes", "tier", "page", "steps", "break", "checks")
HEADING = re.compile(r"^## .*$", re.MULTILINE)


@dataclass(frozen=True)
class Declared:
    """A sub-check as ``exercise.yaml`` declares it.

    Args:
        id: Its id within the exercise.
        title: What is checked, as a statement.
        weight: Share in the score, above 0.
        hint: Number of the hint that fits when it fails, from 1.
        after_break: Whether it counts only once the exercise is broken.
        hidden: Whether it looks at data that the learner does not see.
    """

    id: str
    title: str
    weight: float = 1.0
    hint: int = 1
    after_break: bool = False
    hidden: bool = False


@dataclass(frozen=True)
class Listing:
    """Everything about an exercise that is text.

    Args:
        id: Its id, which is the name of its folder.
        number: Its number in the curriculum.
        title: What it is called.
        stage: Stage of the roadmap it belongs to.
        goal: What you will have done, in one sentence.
        minutes: Time it takes.
        tier: ``process`` (nothing but Python), ``containers`` or ``kubernetes``.
        needs: What must be installed, beyond the tier.
        page: Address of the page it is about, such as ``load``.
        steps: What to do, in order.
        break_effect: What *Break it* will do.
        checks: The sub-checks in order.
        lesson: Markdown.
        hints: Ordered: where to look, which idea, nearly the code.
        package: Python package of its folder.
    """

    id: str
    number: int
    title: str
    stage: str
    goal: str
    minutes: int
    tier: str
    needs: tuple[str, ...]
    page: str
    steps: tuple[str, ...]
    break_effect: str
    checks: tuple[Declared, ...]
    lesson: str
    hints: tuple[str, ...]
    package: str

    def active_checks(self, broken: bool) -> tuple[Declared, ...]:
        """The sub-checks that count now."""
        return tuple(check for check in self.checks if broken or not check.after_break)

    def module(self) -> Exercise:
        """The six functions; imported on first use.

        Raises:
            BadInput: One of them is missing.
        """
        module: ModuleType = importlib.import_module(f"{self.package}.{self.id}.exercise")
        absent = [name for name in FUNCTIONS if not callable(getattr(module, name, None))]
        if absent:
            raise _refused(self.id, f"exercise.py has no {', '.join(absent)}")
        return cast("Exercise", module)

    def wrong(self) -> tuple[Wrong, ...]:
        """The plausible wrong solutions its author foresaw; they are tried by the tests only."""
        module = importlib.import_module(f"{self.package}.{self.id}.wrong")
        return tuple(module.WRONG)


def listings(package: str = PACKAGE) -> tuple[Listing, ...]:
    """Every exercise, in the order of the curriculum.

    Args:
        package: Python package whose folders are exercises.

    Returns:
        Listings sorted by number.

    Raises:
        BadInput: A folder breaks the contract.

    >>> listings()[0].id
    'light_up_the_shop'
    """
    return _listings(package)


def listing(exercise_id: str, package: str = PACKAGE) -> Listing:
    """One exercise.

    Raises:
        NotFound: There is no such exercise.
    """
    found = {each.id: each for each in listings(package)}
    if exercise_id not in found:
        raise unknown("exercise", exercise_id, found)
    return found[exercise_id]


@cache
def _listings(package: str) -> tuple[Listing, ...]:
    home = Path(importlib.import_module(package).__path__[0])
    folders = sorted(path.parent for path in home.glob("*/exercise.yaml"))
    found = [_read(folder, package) for folder in folders]
    return tuple(sorted(found, key=lambda each: each.number))


def _read(folder: Path, package: str) -> Listing:
    import yaml

    given = yaml.safe_load((folder / "exercise.yaml").read_text(encoding="utf-8"))
    absent = [name for name in FIELDS if name not in given]
    if absent:
        raise _refused(folder.name, f"exercise.yaml has no {', '.join(absent)}")
    hints = _hints((folder / "hints.md").read_text(encoding="utf-8"))
    if len(hints) < FEWEST_HINTS:
        raise _refused(folder.name, f"{len(hints)} hints are fewer than {FEWEST_HINTS}")
    effect = str(given.pop("break")).strip()
    return Listing(
        id=folder.name,
        lesson=(folder / "lesson.md").read_text(encoding="utf-8"),
        hints=hints,
        package=package,
        break_effect=effect,
        needs=tuple(given.pop("needs", None) or ()),
        steps=tuple(given.pop("steps")),
        checks=_checks(folder.name, given.pop("checks"), len(hints)),
        **given,
    )


def _checks(exercise: str, given: list[dict[str, Any]], hints: int) -> tuple[Declared, ...]:
    checks = tuple(Declared(**each) for each in given)
    if len({check.id for check in checks}) < len(checks):
        raise _refused(exercise, "two sub-checks have the same id")
    if not all(check.weight > 0 and 1 <= check.hint <= hints for check in checks):
        raise _refused(exercise, "a sub-check has no weight, or names a hint that is not there")
    return checks


def _hints(text: str) -> tuple[str, ...]:
    r"""Split hints at their ``##`` headings.

    >>> _hints("# Hints\n\n## Where\nHere.\n\n## How\nSo.\n")
    ('Here.', 'So.')
    """
    return tuple(part.strip() for part in HEADING.split(text)[1:])


def _refused(exercise: str, why: str) -> BadInput:
    return BadInput(f"Exercise {exercise} breaks the contract: {why}.", "Correct its folder.")
