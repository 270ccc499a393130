"""Clean sales: the routes a learner may take."""

import pytest

from lab.core.errors import BadInput, NotFound
from lab.core.progress import drain
from lab.core.workspace import Workspace
from lab.flows import load_form
from lab.flows.ingest import ingest, preview
from lab.learn.contract import Task
from lab.learn.discovery import listing
from lab.learn.exercises.clean_sales import exercise
from lab.learn.exercises.clean_sales.world import first_batch, next_batch, sealed_batch
from tests.contract.exercise_walk import Walk

ABOUT = listing("clean_sales")


@pytest.fixture
def walk(ws: Workspace) -> Walk:
    return Walk(ws, ABOUT)


@pytest.mark.parametrize("seed", range(100, 120))
def test_the_bounds_of_the_solution_clear_every_world(ws: Workspace, seed: int) -> None:
    """Prices stay far from the bound, in pounds and in pence, on twenty seeds."""
    task = Task(ws, ABOUT.id, seed, "ab12")
    for batch in (first_batch(task), next_batch(task), sealed_batch(task)):
        assert batch.good["price"].max() < exercise.DEAREST / 2
        assert batch.good["price"].min() * 100 > exercise.DEAREST * 2
        assert len(batch.bad_lines) + len(batch.good) == batch.csv.count("\n") - 1


def test_april_as_it_is_cannot_be_added(walk: Walk) -> None:
    walk.start()
    walk.do("solve")
    walk.break_it()
    task = walk.task
    path = task.file(f"{exercise.name(task)}_april.csv")
    with pytest.raises(NotFound, match="no column named 'price'"):
        drain(ingest(walk.ws, path, exercise.contract(task), mode="add"))
    fields = {"dataset": exercise.name(task), "key": ["date", "store", "product"]}
    with pytest.raises(BadInput, match="has other columns"):
        drain(ingest(walk.ws, path, fields, mode="add"))


def test_the_form_of_the_page_leads_there_too(walk: Walk) -> None:
    walk.start()
    task = walk.task
    path = task.file(f"{exercise.name(task)}.csv")
    found = preview(walk.ws, path)
    rules = load_form.rule_rows(found).set_index("column")
    rules.loc["product", "only"] = "bread, chocolate, coffee, ice cream, salad, soup"
    rules.loc["price", ["least", "most"]] = [0.5, 50.0]
    rules.loc["units", ["required", "least"]] = [True, 0.0]
    mapping = load_form.form_mapping(
        found, "table", exercise.name(task), types=load_form.schema_rows(found),
        key=found.mapping.key, rules=rules.reset_index(),
    )  # fmt: skip
    for _ in range(2):
        drain(ingest(walk.ws, path, mapping))
    assert walk.check().passed


def test_the_sealed_batch_leaves_no_trace(walk: Walk) -> None:
    walk.start()
    walk.do("solve")
    before = walk.ws.store.tables()
    walk.check()
    assert walk.ws.store.tables() == before
    assert not [path for path in walk.ws.staging.iterdir() if path.is_dir()]
