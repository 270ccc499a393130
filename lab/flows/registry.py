"""Register what passes its gate; know who is champion, since when, and how to go back."""

from dataclasses import dataclass

from lab.core.errors import NotFound
from lab.core.names import checked_name
from lab.core.workspace import Workspace
from lab.flows.gate import Check, candidate, examine
from lab.flows.model_versions import (
    CHAMPION,
    NAME,
    ModelVersion,
    champion,
    champion_number,
    model_version,
    names,
    versions,
)
from lab.flows.promotions import INTENT, history, move, moves, promotions
from lab.flows.trained_run import FINGERPRINT

__all__ = [
    "CHAMPION", "NAME", "Check", "ModelVersion", "Verdict", "champion", "champion_number",
    "has_earlier", "model_version", "moves", "names", "promotions", "register", "rollback",
    "set_alias", "versions",
]  # fmt: skip


@dataclass(frozen=True)
class Verdict:
    """What the gate said about a run.

    Args:
        name: Registered name it was meant for.
        run_id: The run.
        passed: Whether it is champion now.
        checks: Every check with expected and found.
        version: The version it became; empty when refused.
        message: The verdict in one sentence; names the failing checks.
    """

    name: str
    run_id: str
    passed: bool
    checks: tuple[Check, ...]
    version: str
    message: str

    @property
    def ok(self) -> bool:
        """Same as ``passed``; the command line exits with 1 on a refusal."""
        return self.passed


def register(ws: Workspace, run_id: str, name: str = NAME) -> Verdict:
    """Register the model of a run as the new champion, if it passes the gate.

    The gate loads the model and scores it again on its own holdout: it must be complete,
    unchanged, as good as logged, better than the seasonal-naive baseline by 5 %, and not worse
    than the present champion on the same rows.

    Args:
        ws: The workspace.
        run_id: A run that ``train`` made.
        name: Registered name; made on first use.

    Returns:
        The verdict. A refusal is a verdict too: nothing is registered then.

    Raises:
        NotFound: There is no such run.
    """
    from filelock import FileLock

    from lab.mlops.tracking import registry

    name = checked_name(name, "model name")
    with FileLock(ws.state / "registry.lock"):  # two promotions at once would pass one gate
        given = candidate(ws, run_id)
        sitting = champion_number(ws, name)
        rival = registry.version(ws, name, sitting).run_id if sitting else None
        checks = examine(ws, given, rival)
        failed = [check for check in checks if not check.passed]
        if failed:
            because = "; ".join(
                f"{c.name}: no. Expected {c.expected}, found {c.found}" for c in failed
            )
            move(ws, "refused", name, {"run_id": run_id, "because": because})
            return Verdict(name, run_id, False, checks, "", f"Refused. {because}.")
        number = _version_of(ws, name, run_id) or registry.create_version(
            ws, name, run_id=run_id, model_id=given.model_id,
            tags={FINGERPRINT: given.fingerprint},
        )  # fmt: skip
        _point(ws, name, number, "promoted", "passed its gate")
    model_version(ws, name, number)  # fetched, verified and ready to serve
    return Verdict(
        name, run_id, True, checks, number,
        f"Version {number} of {name} passed its gate and became champion.",
    )  # fmt: skip


def set_alias(ws: Workspace, version: str, name: str = NAME, reason: str = "") -> ModelVersion:
    """Make a version that passed its gate once champion again.

    Args:
        ws: The workspace.
        version: Its number as text.
        name: Registered name.
        reason: Why, for the log.

    Returns:
        The new champion, verified before the alias moved.
    """
    from filelock import FileLock

    with FileLock(ws.state / "registry.lock"):
        chosen = model_version(ws, name, version)
        _point(ws, name, chosen.version, "promoted", reason or "chosen by hand")
    return chosen


def rollback(ws: Workspace, name: str = NAME, reason: str = "") -> ModelVersion:
    """Make the champion before this one champion again; a second call goes one further back.

    Args:
        ws: The workspace.
        name: Registered name.
        reason: Why, for the log.

    Raises:
        NotFound: There was no champion before.
    """
    from filelock import FileLock

    with FileLock(ws.state / "registry.lock"):
        earlier = _earlier(ws, name)
        if not earlier:
            raise NotFound(
                f"{name} has no earlier champion to go back to.", "Register another version first."
            )
        chosen = model_version(ws, name, earlier[-1])
        _point(ws, name, chosen.version, "rolled back", reason or "rolled back by hand")
    return chosen


def has_earlier(ws: Workspace, name: str = NAME) -> bool:
    """Whether there is a champion before this one to roll back to."""
    return bool(_earlier(ws, name))


def _earlier(ws: Workspace, name: str) -> list[str]:
    """Champions before the present one, the latest last."""
    champions = history(ws, name)
    return champions[:-1] if champions[-1:] == [champion_number(ws, name)] else champions


def _point(ws: Workspace, name: str, number: str, verb: str, reason: str) -> None:
    """Move the alias, with a line in the log before and after."""
    from lab.mlops.tracking import registry

    if champion_number(ws, name) == number:
        return
    detail = {"alias": CHAMPION, "from": champion_number(ws, name), "to": number,
              "reason": reason}  # fmt: skip
    move(ws, INTENT + verb, name, detail)
    registry.point(ws, name, CHAMPION, number)
    move(ws, verb, name, detail)


def _version_of(ws: Workspace, name: str, run_id: str) -> str | None:
    from lab.mlops.tracking import registry

    return next((v.version for v in registry.versions(ws, name) if v.run_id == run_id), None)
