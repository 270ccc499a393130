"""Run a checker: its findings become a verdict, its faults never become the learner's."""

import logging
from dataclasses import replace

from lab.core.errors import BadInput, Cancelled, LabError
from lab.core.progress import Progress, Steps
from lab.learn.contract import Finding, SubCheck, Task, Verdict
from lab.learn.discovery import Declared, Listing

LOG = logging.getLogger(__name__)


def inspect(about: Listing, task: Task) -> Steps[Verdict]:
    """Run the checker and record nothing.

    Args:
        about: The exercise.
        task: The attempt.

    Returns:
        The verdict.
    """
    declared = about.active_checks(task.broken)
    found: dict[str, Finding] = {}
    yield Progress(0, len(declared), "Checking")
    try:
        for item in about.module().check(task):
            if isinstance(item, Progress):
                yield replace(item, done=len(found), total=len(declared))
                continue
            if item.check not in {each.id for each in declared}:
                raise BadInput(f"The checker spoke of {item.check!r}, which is not declared.")
            found[item.check] = item
            yield Progress(len(found), len(declared), f"Checked: {item.check}")
    except Cancelled:
        raise
    except Exception as error:  # noqa: BLE001  # a checker's fault is never the learner's
        _blame_the_checker(about, declared, found, error)
    return Verdict.of(about.id, task.broken, tuple(_subcheck(d, found.get(d.id)) for d in declared))


def _subcheck(declared: Declared, finding: Finding | None) -> SubCheck:
    said = finding or Finding(declared.id, "skipped", found="Not reached")
    return SubCheck(
        declared.id,
        said.status,
        declared.title,
        said.expected,
        said.found,
        said.evidence,
        said.hint or declared.hint,
        declared.weight,
    )


def _blame_the_checker(
    about: Listing, declared: tuple[Declared, ...], found: dict[str, Finding], error: Exception
) -> None:
    """Put the fault on the first sub-check that was not reached."""
    at = next((each.id for each in declared if each.id not in found), declared[-1].id)
    if isinstance(error, LabError):
        said = str(error)
    else:
        LOG.error("The checker of %s broke", about.id, exc_info=error)
        said = "The checker broke; this is not your fault. The log has the details."
    found[at] = Finding(at, "error", found=said)
