"""Light up the shop: the routes a learner may take."""

import re
from pathlib import Path

import pandas as pd
import pytest

from lab.core.progress import drain
from lab.core.workspace import open_workspace
from lab.flows.explore import query
from lab.flows.ingest import ingest
from lab.learn.discovery import listing
from lab.learn.exercises.light_up_the_shop import exercise
from lab.learn.exercises.light_up_the_shop.world import day, outage
from tests.contract.exercise_walk import Walk

ABOUT = listing("light_up_the_shop")


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> Walk:
    """The exercise solved, broken and solved again, to be copied."""
    walk = Walk(open_workspace(tmp_path_factory.mktemp("life") / "workspace"), ABOUT)
    walk.start()
    walk.do("solve")
    walk.break_it()
    walk.do("solve_break")
    return walk


@pytest.fixture
def walk(life: Walk, tmp_path: Path) -> Walk:
    return life.copy(tmp_path / "workspace")


def test_the_query_of_the_last_hint_gives_the_rate(walk: Walk) -> None:
    task = walk.task
    walk.ws.store.execute("DELETE FROM observations WHERE dataset = ?", [exercise.third(task)])
    assert walk.check().failing == ("rate",)
    sql = re.search(r"```sql\n(.*?)```", ABOUT.hints[-1], re.DOTALL)
    assert sql
    text = sql[1].replace("shop_hosts_…_day2", exercise.second(task))
    rate = query(walk.ws, text.replace("host-…", outage(task).instance))
    path = task.file("mine.csv")
    rate.to_csv(path)  # with pandas' own index, as people do
    mapping = {"dataset": exercise.third(task), "value_columns": ["rate"]}
    drain(ingest(walk.ws, path, mapping))
    assert walk.check().passed


def test_rows_of_the_gap_that_are_left_out_pass_too(walk: Walk) -> None:
    """The route does not matter: the silent minutes may be absent in place of empty."""
    frame = day(walk.task, 1).dropna()
    path = walk.task.file("mine.csv")
    frame.to_csv(path, index=False)
    drain(ingest(walk.ws, path, {"dataset": exercise.second(walk.task)}))
    assert walk.check().passed


def test_the_outage_is_in_the_file_and_the_counter_restarts(walk: Walk) -> None:
    frame, gone = day(walk.task, 1), outage(walk.task)
    mine = frame[frame["instance"] == gone.instance].reset_index(drop=True)
    silent = mine.index[mine[exercise.COUNTER].isna()]
    assert list(silent) == list(range(gone.start, gone.end))
    steps = mine[exercise.COUNTER].dropna().diff()
    assert int((steps < 0).sum()) == 1
    others = frame[frame["instance"] != gone.instance]
    assert not pd.isna(others).any(axis=None)
