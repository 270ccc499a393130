"""A recipe at work on tables of a workspace."""

import pandas as pd
import pytest

from lab.core.errors import BadInput, NotFound
from lab.core.progress import drain
from lab.core.workspace import open_workspace
from lab.flows.recipes import kept_recipe, recipes, shape

TEXT = """
table: visits
time: at
steps:
- normalise: {columns: [n]}
- join: {table: names, keys: [page], columns: [title]}
"""


@pytest.fixture
def ws(tmp_path):
    workspace = open_workspace(tmp_path / "ws")
    times = pd.date_range("2026-01-01", periods=4, freq="h", tz="UTC")
    pages = ["a", "b", "a", "b"]
    workspace.store.write("visits", pd.DataFrame({"at": times, "page": pages, "n": [1, 2, 3, 4]}))
    workspace.store.write("names", pd.DataFrame({"page": ["a"], "title": ["Start"]}))
    return workspace


@pytest.fixture
def written(tmp_path):
    place = tmp_path / "tidy_visits.yaml"
    place.write_text(TEXT, encoding="utf-8")
    return str(place)


def test_a_recipe_lands_a_table_and_replays_by_name_on_new_rows(ws, written):
    made = drain(shape(ws, written))
    assert (made.into, made.fitted, made.rows) == ("tidy_visits", True, 4)
    assert recipes(ws)["recipe"].to_list() == ["tidy_visits"]
    ws.store.write("today", pd.DataFrame({"at": [pd.Timestamp("2026-02-01", tz="UTC")],
                                          "page": ["a"], "n": [2.5]}))  # fmt: skip
    again = drain(shape(ws, "tidy_visits", into="tidy_today", table="today"))
    assert not again.fitted
    row = ws.store.read("SELECT * FROM tidy_today").iloc[0]
    assert (row["n"], row["title"]) == (0.0, "Start")  # 2.5 was the mean it had learnt


def test_replaying_twice_gives_the_same_table(ws, written):
    drain(shape(ws, written))
    first = ws.store.read("FROM tidy_visits")
    drain(shape(ws, "tidy_visits"))
    pd.testing.assert_frame_equal(ws.store.read("FROM tidy_visits"), first)


def test_nothing_is_kept_or_written_when_a_step_fails(ws, tmp_path):
    place = tmp_path / "bad.yaml"
    place.write_text("table: visits\nsteps: [{fill: {columns: [gone]}}]", encoding="utf-8")
    with pytest.raises(NotFound, match="gone"):
        drain(shape(ws, str(place)))
    assert recipes(ws).empty
    assert not ws.store.has("bad")
    with pytest.raises(NotFound, match="no recipe"):
        kept_recipe(ws, "bad")


@pytest.mark.parametrize("into", ["visits", "names", "observations", "no good"])
def test_a_recipe_never_writes_over_what_it_reads_or_a_table_of_the_lab(ws, written, into):
    with pytest.raises(BadInput):
        drain(shape(ws, written, into=into))


def test_a_recipe_that_leaves_no_rows_says_so(ws, tmp_path):
    place = tmp_path / "none.yaml"
    place.write_text(
        'table: visits\nsteps: [{keep: {column: n, is: ">", value: 99}}]', encoding="utf-8"
    )
    with pytest.raises(BadInput, match="leaves no rows"):
        drain(shape(ws, str(place)))
