"""First honest model: sales from a table, beside a forecast that costs nothing."""

from typing import TYPE_CHECKING, Any

from lab.core.progress import Progress, Steps
from lab.core.words import counted
from lab.flows.train import train
from lab.learn.belongings import Belongings
from lab.learn.contract import Findings, Task
from lab.learn.exercises.first_model.claims import folds, known_ahead, newest, rows, runs_on
from lab.learn.exercises.first_model.proof import probe, repeat, sealed_month
from lab.learn.exercises.first_model.world import LEAK, STORES, TARGET, TIME, history, table

if TYPE_CHECKING:
    import pandas as pd

# Fewer, larger steps than the defaults: as good here, and fitted in half the time.
MODEL: dict[str, Any] = {
    "model": "hist_gradient_boosting",
    "params": {"trees": 80, "learning_rate": 0.12},
}


def setup(task: Task) -> str:
    """Load the table."""
    count = put(task, history(task))
    shops = f"{counted(count, 'row')} of daily sales of {len(STORES)} shops"
    return f"Table {table(task)}: {shops}. Loading it was done for you."


def check(task: Task) -> Findings:
    """Hold the newest run against the table, a month nobody saw, itself and shuffled answers."""
    finding, claim = newest(task)
    yield finding
    if claim is None:
        return
    yield folds(task, claim)
    finding, kept = rows(task, claim)
    yield finding
    if kept is None:
        return
    if task.broken:
        yield known_ahead(claim)
    yield Progress(0, None, "Asking the model about a month it has not seen")
    yield sealed_month(task, claim, kept)
    yield Progress(0, None, "Carrying the logged order out again")
    yield repeat(claim, kept)
    yield probe(task, claim, kept)


def solve(task: Task) -> Steps[None]:
    """Train on the table as it is."""
    yield from train(task.ws, table(task), TARGET, **MODEL)


def break_(task: Task) -> None:
    """Four more weeks, and a column that is filled in when the shop has closed."""
    put(task, history(task))


def solve_break(task: Task) -> Steps[None]:
    """Train on the new table without that column."""
    yield from train(task.ws, table(task), TARGET, leave_out=[LEAK], **MODEL)


def reset(task: Task) -> Belongings:
    """The table and the runs on it."""
    return Belongings(tables=(table(task),), runs=tuple(run.info.run_id for run in runs_on(task)))


def put(task: Task, rows_of: "pd.DataFrame") -> int:
    """Replace the table; a day is a day, without a clock."""
    return task.ws.store.write(table(task), rows_of.assign(**{TIME: rows_of[TIME].dt.date}))
