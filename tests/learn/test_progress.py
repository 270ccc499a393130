"""Attempted and proven are two numbers; the panel and the roadmap read the same events."""

import pytest

from lab.core.workspace import Workspace
from lab.learn.panel import panel
from lab.learn.progress import roadmap
from tests.learn.walk import TOY, TOYS, Walk


@pytest.fixture
def walk(ws: Workspace) -> Walk:
    return Walk(ws)


def counts(ws: Workspace) -> tuple[int, int, int, str]:
    way = roadmap(ws, TOYS)
    return way.attempted, way.proven, way.assisted, way.next_id


def test_attempted_proven_and_assisted_are_counted_apart(walk: Walk) -> None:
    assert counts(walk.ws) == (0, 0, 0, TOY)
    walk.start()
    assert counts(walk.ws) == (1, 0, 0, TOY)
    walk.solve()
    assert counts(walk.ws) == (1, 0, 1, TOY)
    walk.start(nonce="bb22")
    walk.answer(walk.right(), "bb22")
    walk.check()
    assert counts(walk.ws) == (1, 1, 0, "")


def test_broken_later_is_shown_as_was_proven(walk: Walk) -> None:
    walk.start()
    walk.answer(walk.right())
    walk.check()
    walk.answer(0)
    walk.check()
    card = roadmap(walk.ws, TOYS).stages[0].cards[0]
    assert card.standing.state == "was proven"
    assert card.standing.proven_at is not None
    assert counts(walk.ws) == (1, 1, 0, TOY)


def test_every_stage_is_on_the_roadmap_also_without_exercises(ws: Workspace) -> None:
    stages = roadmap(ws, TOYS).stages
    assert [len(stage.cards) for stage in stages] == [1, 0, 0, 0, 0, 0]
    assert all(stage.goal for stage in stages)


def test_the_panel_before_the_start(walk: Walk) -> None:
    seen = panel(walk.ws, TOY, TOYS)
    assert not seen.active
    assert [check.status for check in seen.checks] == ["wait", "wait"]
    folder = walk.ws.root / "exercises" / TOY
    assert seen.steps == (f"Read {folder}/numbers.csv and write its sum into table sum_….",)


def test_the_panel_shows_the_latest_verdict_and_offers_a_hint_after_two_equal_failures(
    walk: Walk,
) -> None:
    walk.start()
    walk.check()
    assert not panel(walk.ws, TOY, TOYS).hint_offered
    walk.check()
    seen = panel(walk.ws, TOY, TOYS)
    assert seen.hint_offered
    assert seen.checks[0].status == "fail"
    assert seen.hints_taken == ()
    walk.hint()
    assert panel(walk.ws, TOY, TOYS).hints_taken == ("Look at the file.",)
    walk.answer(0)
    walk.check()
    assert not panel(walk.ws, TOY, TOYS).hint_offered


def test_the_panel_after_break_it_asks_for_more(walk: Walk) -> None:
    walk.start()
    walk.answer(walk.right())
    walk.check()
    assert panel(walk.ws, TOY, TOYS).passed
    walk.break_it()
    seen = panel(walk.ws, TOY, TOYS)
    assert seen.broken
    assert not seen.passed
    assert [check.id for check in seen.checks] == ["table", "sum", "negative"]


def test_the_panel_knows_whether_a_reset_can_be_taken_back(walk: Walk) -> None:
    walk.start()
    assert not panel(walk.ws, TOY, TOYS).can_undo
    walk.reset()
    assert panel(walk.ws, TOY, TOYS).can_undo


def test_another_owner_of_the_workspace_starts_from_nothing(walk: Walk) -> None:
    from dataclasses import replace

    from lab.core.workspace import Workspace

    walk.start()
    other = Workspace(walk.ws.root, replace(walk.ws.settings, owner="someone else"))
    assert counts(other) == (0, 0, 0, TOY)
