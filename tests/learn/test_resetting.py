"""Reset says what goes, keeps a copy, and can be taken back."""

import pytest

from lab.core.workspace import Workspace
from lab.learn import belongings
from lab.learn.attempts import current, events
from lab.learn.progress import standing
from tests.learn.walk import TOY, Walk


@pytest.fixture
def solved(ws: Workspace) -> Walk:
    walk = Walk(ws)
    walk.start()
    walk.solve()
    ws.store.execute("INSERT INTO sums VALUES ('someone else', 7)")
    return walk


def test_the_preview_names_everything_that_goes(solved: Walk) -> None:
    assert solved.preview() == [
        "1 input file in exercises/add_numbers",
        "1 row of table sums (aa11)",
        "Table sum_aa11",
    ]


def test_reset_removes_what_the_attempt_made_and_nothing_else(solved: Walk) -> None:
    assert solved.reset() == [
        "1 input file in exercises/add_numbers",
        "1 row of table sums (aa11)",
        "Table sum_aa11",
    ]
    assert not (solved.ws.root / "exercises" / TOY).exists()
    assert not solved.ws.store.has("sum_aa11")
    assert solved.ws.store.rows("SELECT attempt FROM sums") == [("someone else",)]
    assert current(solved.ws, TOY) is None
    assert solved.preview() == []
    assert solved.reset() == []


def test_the_history_outlives_a_reset(solved: Walk) -> None:
    solved.reset()
    kinds = [event.event for event in events(solved.ws, TOY)]
    assert kinds == ["started", "assisted", "checked", "reset"]


def test_undo_brings_everything_back(solved: Walk) -> None:
    before = solved.ws.store.rows("FROM sums ORDER BY attempt")
    types = [(i.name, i.columns) for i in solved.ws.store.tables() if i.name != "attempts"]
    solved.reset()
    assert solved.undo()
    assert solved.ws.store.rows("FROM sums ORDER BY attempt") == before
    assert [(i.name, i.columns) for i in solved.ws.store.tables() if i.name != "attempts"] == types
    assert (solved.ws.root / "exercises" / TOY / "numbers.csv").exists()
    assert solved.check().passed
    assert not solved.undo()


def test_an_undo_that_was_cut_off_can_be_done_again(
    solved: Walk, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = solved.ws.store.rows("FROM sums ORDER BY attempt")
    solved.reset()

    def cut_off(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(belongings, "put_back", cut_off)
        with pytest.raises(KeyboardInterrupt):
            solved.undo()
    assert solved.undo()
    assert solved.ws.store.rows("FROM sums ORDER BY attempt") == before
    assert (solved.ws.root / "exercises" / TOY / "numbers.csv").exists()


def test_undo_does_not_wash_off_the_labs_help(solved: Walk) -> None:
    solved.reset()
    solved.undo()
    solved.check()
    assert standing(events(solved.ws)).state == "assisted"


def test_undo_after_a_new_start_sets_the_new_attempt_aside(solved: Walk) -> None:
    solved.start(nonce="bb22")
    assert solved.undo()
    assert current(solved.ws, TOY).nonce == "aa11"
    assert solved.undo()
    assert current(solved.ws, TOY).nonce == "bb22"


def test_only_a_few_copies_are_kept(ws: Workspace) -> None:
    walk = Walk(ws)
    for number in range(6):
        walk.start(nonce=f"aa{number:02d}")
    assert len(list((ws.root / "exercises" / ".kept" / TOY).iterdir())) == 3
