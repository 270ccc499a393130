"""The batch table: one prediction for each key, the champion's, however often it is run."""

from typing import TYPE_CHECKING

from lab.core.sql import quoted
from lab.core.words import counted
from lab.learn.contract import Finding, Findings, Task, judge
from lab.learn.exercises.serve_champion.serving import RELATIVE
from lab.learn.exercises.serve_champion.world import KEY, batch, chosen, scores

if TYPE_CHECKING:
    import pandas as pd

NEEDED = (KEY, "prediction", "first_predicted_at", "predicted_at")


def judge_batch(task: Task) -> Findings:
    """Whether the table holds the keys of the batch and the champion's predictions."""
    rows, expected = batch(task), f"table {scores(task)}"
    if not task.ws.store.has(scores(task)):
        yield judge("batch", False, expected, "no such table")
        return
    found = task.ws.store.read(f"SELECT * FROM {quoted(scores(task))}")
    absent = [name for name in NEEDED if name not in found]
    if absent:
        said = f"a table without {absent[0]}; lab.flows.batch makes one with it"
        yield judge("batch", False, expected, said)
        return
    yield _keys(task, found, rows)
    yield _values(task, found, rows)


def _keys(task: Task, found: "pd.DataFrame", rows: "pd.DataFrame") -> Finding:
    wanted = set(rows[KEY])
    expected = f"{counted(len(wanted), 'key')}, each once, after two runs"
    there, twice = set(found[KEY]), int(found.duplicated(KEY).sum())
    said, ok = f"{counted(len(found), 'row')}, each key once, after two runs", True
    if there != wanted:
        ok, said = False, f"{len(there & wanted)} of them, and {len(there - wanted)} others"
    elif twice:
        ok, said = False, f"{counted(len(found), 'row')}: {counted(twice, 'key')} more than once"
    elif not (found["predicted_at"] > found["first_predicted_at"]).all():
        ok, said = False, "each key once, after one run: run it again"
    evidence = f"SELECT {KEY}, count(*) FROM {scores(task)} GROUP BY ALL HAVING count(*) > 1"
    return judge("batch", ok, expected, said, evidence)


def _values(task: Task, found: "pd.DataFrame", rows: "pd.DataFrame") -> Finding:
    import numpy as np

    from lab.mlops.models.artifact import load_model

    model = load_model(chosen(task).folder)
    said = found.drop_duplicates(KEY, keep="last").set_index(KEY)["prediction"]
    local = model.predict(rows.drop(columns=KEY))
    off = np.abs(said.reindex(rows[KEY]).to_numpy(dtype="float64") - local)
    equal = off <= RELATIVE * np.maximum(1.0, np.abs(local))  # a missing one is not equal
    words = "all equal" if equal.all() else f"{counted(int((~equal).sum()), 'prediction')} differ"
    expected = "what the champion says to the rows of the file"
    return judge("values", bool(equal.all()), expected, words)
