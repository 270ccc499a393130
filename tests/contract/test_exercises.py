"""Every exercise proves itself: what an author promises is held here, by discovery."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.core.errors import NotFound
from lab.core.workspace import Workspace, open_workspace
from lab.flows.endpoints import endpoints, remove
from lab.learn import engine
from lab.learn.attempts import current
from lab.learn.contract import Verdict
from lab.learn.discovery import FEWEST_HINTS, Listing, listings
from lab.learn.progress import STAGES
from tests.contract.exercise_walk import (
    STATES,
    TRANSCRIPTS,
    Walk,
    states,
    transcript,
    whole_walk,
)
from tests.tracking_file import tracked

EXERCISES = [pytest.param(about, id=about.id) for about in listings()]
HISTORY = ("attempts", "actions")
FOLDER = Path(__file__).resolve().parents[2]


@pytest.fixture
def ws(tmp_path: Path) -> Iterator[Workspace]:
    """A fresh workspace that need not make its file of runs, and nothing that serves on."""
    fresh = tracked(open_workspace(tmp_path / "workspace"))
    yield fresh
    for info in endpoints(fresh):
        remove(fresh, info.id)


def failed(verdict: Verdict) -> str:
    """The failures of a verdict, to be read in a test's message."""
    return "\n".join(f"{c.status} {c.id}: {c.found}" for c in verdict.checks if c.status != "pass")


def sound(verdict: Verdict) -> bool:
    """Whether no checker broke."""
    return all(check.status != "error" for check in verdict.checks)


@pytest.mark.parametrize("about", EXERCISES)
def test_it_says_what_a_learner_needs(about: Listing) -> None:
    assert len(about.hints) >= FEWEST_HINTS
    assert about.stage in {key for key, *_ in STAGES}
    assert about.tier in ("process", "containers", "kubernetes")
    assert about.goal.endswith(".")
    assert about.break_effect
    assert any(check.after_break for check in about.checks)
    assert list(FOLDER.glob(f"pages/*/{about.page}.py"))
    assert "In industry" in about.lesson
    assert "Terms" in about.lesson
    assert 100 <= len(about.lesson.split()) <= 450, "a lesson is read in two to three minutes"
    assert about.wrong()


@pytest.mark.parametrize("about", EXERCISES)
def test_the_whole_walk(tmp_path: Path, about: Listing) -> None:
    """One life and every foreseen mistake; each sub-check is seen to pass and to fail."""
    verdicts = whole_walk(tmp_path, about)
    broken_checkers = {state: failed(v) for state, v in verdicts.items() if not sound(v)}
    assert not broken_checkers
    for wrong in about.wrong():
        said = {check.id: check for check in verdicts[wrong.name].checks}[wrong.check]
        assert said.status == "fail", f"{wrong.name}: {failed(verdicts[wrong.name])}"
        assert wrong.says in said.found, f"{wrong.name}: {said.found}"
    _assert_life({state: verdicts[state] for state in STATES})
    for status in ("pass", "fail"):
        seen = {c.id for v in verdicts.values() for c in v.checks if c.status == status}
        assert seen == {check.id for check in about.checks}, f"never seen to {status}"
    golden = TRANSCRIPTS / f"{about.id}.txt"
    assert transcript(verdicts) == golden.read_text(encoding="utf-8")


@pytest.mark.parametrize("about", EXERCISES)
def test_every_function_may_be_called_twice_and_a_reset_taken_back(
    ws: Workspace, about: Listing
) -> None:
    """A whole life on another seed, each step done twice; nothing is left but by an undo."""
    before = _left(ws, about)
    walk, verdicts = Walk(ws, about, seed=2**31 - 1), {}
    walk.start()
    first = _files(walk.task.folder)
    walk.do("setup")
    assert _files(walk.task.folder) == first
    verdicts["fresh"] = walk.check()
    for state, function in (("solved", "solve"), ("broken", "break_"), ("fixed", "solve_break")):
        if state == "broken":
            walk.break_it()
        else:
            walk.do(function)
        verdicts[state] = walk.check()
        walk.do(function)
        again = walk.check()
        assert (again.passed, again.failing) == (verdicts[state].passed, verdicts[state].failing)
    _assert_life(verdicts)
    _assert_undone(walk)
    folder = walk.task.folder
    assert engine.reset(ws, about.id)
    assert engine.reset(ws, about.id) == []
    assert current(ws, about.id) is None
    assert _left(ws, about) == before
    assert not folder.exists()
    with pytest.raises(NotFound):
        walk.check()


@pytest.mark.parametrize("about", EXERCISES)
def test_a_third_seed_lives_as_well(ws: Workspace, about: Listing) -> None:
    """What holds for two seeds may hold by luck."""
    _assert_life(dict(states(Walk(ws, about, seed=20))))


def _assert_undone(walk: Walk) -> None:
    """Taking a reset back brings the proof back."""
    left = _left(walk.ws, walk.about)
    engine.reset(walk.ws, walk.about.id)
    assert engine.undo(walk.ws, walk.about.id)
    assert _left(walk.ws, walk.about) == left
    verdict = walk.check()
    assert verdict.passed, failed(verdict)


def _assert_life(verdicts: dict[str, Verdict]) -> None:
    for state, verdict in verdicts.items():
        assert sound(verdict), f"{state}: {failed(verdict)}"
        assert verdict.passed == (state in ("solved", "fixed")), f"{state}: {failed(verdict)}"


def _left(ws: Workspace, about: Listing) -> dict[str, object]:
    """What is in the workspace, apart from the history of learning and the audit log."""
    kept = {info.name: info.rows for info in ws.store.tables()} if ws.database.exists() else {}
    shared = {name: rows for name, rows in kept.items() if rows and name not in HISTORY}
    folder = ws.root / "exercises" / about.id
    return {"tables": shared, "folder": folder.exists(), "runs": _runs(ws)}


def _runs(ws: Workspace) -> int:
    if not ws.mlflow_database.exists():
        return 0
    from lab.mlops.tracking.experiments import experiment_ids
    from lab.mlops.tracking.store import client

    return len(client(ws).search_runs(experiment_ids(ws), max_results=1000))


def _files(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
