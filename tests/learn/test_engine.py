"""Start, check, hint, solve, break and recover, on the toy exercise."""

import pytest

from lab.core.errors import Busy, NotFound
from lab.core.workspace import Workspace
from lab.learn import engine
from lab.learn.attempts import alone, current, events
from lab.learn.progress import standing
from tests.learn.walk import TOY, Walk


@pytest.fixture
def walk(ws: Workspace) -> Walk:
    return Walk(ws)


def statuses(verdict):
    return {check.id: check.status for check in verdict.checks}


def test_nothing_can_be_done_before_the_start(walk: Walk) -> None:
    with pytest.raises(NotFound, match="has not been started"):
        walk.check()
    with pytest.raises(NotFound, match="has not been started"):
        walk.hint()
    assert walk.preview() == []


def test_an_unknown_exercise_is_named(ws: Workspace) -> None:
    with pytest.raises(NotFound, match="no exercise named 'nope'"):
        engine.hint(ws, "nope")


def test_each_learner_gets_a_seed_and_a_nonce(ws: Workspace) -> None:
    walk = Walk(ws)
    first, second = walk.start(None, None), walk.start(None, None)
    assert (first.seed, first.nonce) != (second.seed, second.nonce)
    assert "numbers.csv" in first.built


def test_later_checks_are_listed_as_not_reached(walk: Walk) -> None:
    walk.start()
    verdict = walk.check()
    assert statuses(verdict) == {"table": "fail", "sum": "skipped"}
    assert verdict.checks[1].found == "Not reached"
    assert not verdict.passed
    assert verdict.score == 0.0


def test_a_right_answer_is_proven_however_it_got_there(walk: Walk) -> None:
    walk.start()
    walk.answer(walk.right())
    verdict = walk.check()
    assert verdict.passed
    assert verdict.score == 1.0
    assert standing(events(walk.ws)).state == "proven"


def test_an_answer_of_an_earlier_attempt_does_not_count(walk: Walk) -> None:
    walk.start(nonce="aa11")
    walk.answer(walk.right())
    walk.start(nonce="bb22")
    assert statuses(walk.check())["table"] == "fail"


def test_a_fault_of_the_checker_is_not_the_learners(walk: Walk) -> None:
    walk.start()
    walk.answer(666)
    verdict = walk.check()
    assert statuses(verdict) == {"table": "pass", "sum": "error"}
    assert "not your fault" in verdict.checks[1].found
    assert verdict.failing == ()


def test_hints_come_in_order_and_are_recorded(walk: Walk) -> None:
    walk.start()
    given = [walk.hint() for _ in range(4)]
    assert [hint.number for hint in given] == [1, 2, 3, 3]
    assert given[0].text == "Look at the file."
    assert current(walk.ws, TOY).hints == 3


def test_solved_by_the_lab_is_assisted_not_proven(walk: Walk) -> None:
    walk.start()
    assert walk.solve().passed
    assert standing(events(walk.ws)).state == "assisted"
    walk.check()
    assert standing(events(walk.ws)).state == "assisted"


def test_a_fresh_attempt_after_help_can_be_proven(walk: Walk) -> None:
    walk.start()
    walk.solve()
    walk.start(nonce="bb22")
    assert standing(events(walk.ws)).state == "assisted"
    walk.answer(walk.right(), "bb22")
    walk.check()
    assert standing(events(walk.ws)).state == "proven"


def test_broken_has_to_be_recovered(walk: Walk) -> None:
    walk.start()
    walk.answer(walk.right())
    walk.check()
    assert "negative" in walk.break_it()
    now = standing(events(walk.ws))
    assert (now.state, now.broken) == ("was proven", True)
    assert statuses(walk.check()) == {"table": "pass", "sum": "fail", "negative": "fail"}
    walk.answer(walk.right())
    assert walk.check().passed
    now = standing(events(walk.ws))
    assert (now.state, now.broken) == ("proven", False)
    assert now.recovered_at is not None


def test_recovered_by_the_lab_keeps_what_was_proven_before(walk: Walk) -> None:
    walk.start()
    walk.answer(walk.right())
    walk.check()
    proven_at = standing(events(walk.ws)).proven_at
    walk.break_it()
    assert walk.solve().passed
    now = standing(events(walk.ws))
    assert (now.state, now.proven_at, now.recovered_at) == ("proven", proven_at, None)


def test_two_commands_do_not_work_on_one_exercise_at_once(walk: Walk) -> None:
    walk.start()
    with alone(walk.ws, TOY), pytest.raises(Busy, match="is being worked on"):
        walk.check()
