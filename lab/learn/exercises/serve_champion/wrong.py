"""Serving the champion, done wrong in the ways people do it."""

import json
import shutil
import tempfile
from dataclasses import asdict
from pathlib import Path

from lab.core.process import free_port, python, start, wait_for, write_json
from lab.core.progress import drain
from lab.flows.endpoints import stop
from lab.flows.model_versions import model_version
from lab.flows.serve import launch
from lab.learn.contract import Task, Wrong
from lab.learn.exercises.serve_champion import exercise
from lab.learn.exercises.serve_champion.sloppy import __name__ as sloppy
from lab.learn.exercises.serve_champion.world import batch_file, chosen, model, scores
from lab.mlops.models.artifact import stamp
from lab.mlops.serving.endpoint import EndpointInfo
from lab.mlops.serving.process import Processes


def _launched(task: Task) -> EndpointInfo:
    return drain(launch(task.ws, model(task), backend="process"))


def _old(task: Task) -> str:
    return str(int(chosen(task).version) - 1)


def _relabelled(task: Task, name: str) -> None:
    """Serve the old model under another label."""
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(scratch) / "model"
        shutil.copytree(model_version(task.ws, model(task), _old(task)).folder, copy)
        stamp(copy, chosen(task).version, name=name)
        drain(Processes(task.ws).launch(copy))


def _another_model(task: Task) -> None:
    drain(exercise.score(task))
    _relabelled(task, "somebody-elses")


def _another_label(task: Task) -> None:
    _relabelled(task, model(task))


def _old_version(task: Task) -> None:
    drain(launch(task.ws, model(task), _old(task), backend="process"))


def _stopped(task: Task) -> None:
    stop(task.ws, _launched(task).id)


def _sloppy(task: Task) -> None:
    """Put a server of one's own in the place of the lab's."""
    info = _launched(task)
    processes, port = Processes(task.ws), free_port()
    processes.stop(info.id)
    folder = processes.root / info.id
    child = start(python(sloppy, str(folder / "model"), str(port)), folder / "server.log")
    write_json(folder / "child.json", asdict(child))
    about = json.loads((folder / "endpoint.json").read_text(encoding="utf-8"))
    write_json(folder / "endpoint.json", {**about, "url": f"http://127.0.0.1:{port}"})
    wait_for(f"http://127.0.0.1:{port}/health", child, folder / "server.log")


def _appended(task: Task) -> None:
    for _ in range(2):
        drain(exercise.score(task))
    rows = task.ws.store.read(f"SELECT * FROM {scores(task)}")
    task.ws.store.write(scores(task), rows, mode="append")


def _once(task: Task) -> None:
    drain(exercise.score(task))


def _half(task: Task) -> None:
    lines = task.file(batch_file(task)).read_text(encoding="utf-8").splitlines(keepends=True)
    _score_text(task, "".join(lines[: len(lines) // 2]))


def _another_file(task: Task) -> None:
    import pandas as pd

    rows = pd.read_csv(task.file(batch_file(task)))
    rows["price"] = rows["price"] * 2
    _score_text(task, rows.to_csv(index=False))


def _score_text(task: Task, text: str) -> None:
    task.file("mine.csv").write_text(text, encoding="utf-8")
    for _ in range(2):
        drain(exercise.score(task, "mine.csv"))


def _with_the_old_version(task: Task) -> None:
    for _ in range(2):
        drain(exercise.score(task, version=_old(task)))


def _own_table(task: Task) -> None:
    task.ws.store.execute(f"CREATE TABLE {scores(task)} AS SELECT 'a' AS row_id, 1.0 AS prediction")


def _beside(task: Task) -> None:
    _launched(task)


WRONG = (
    Wrong("serves another model", _another_model, "endpoint", "served: somebody-elses"),
    Wrong("serves the old version", _old_version, "endpoint", "is not the champion"),
    Wrong("stops the endpoint", _stopped, "endpoint", "is stopped"),
    Wrong("puts the label on another model", _another_label, "fingerprint", "same label"),
    Wrong("writes a server of their own", _sloppy, "refusals", "got 200"),
    Wrong("appends the batch", _appended, "batch", "more than once"),
    Wrong("runs the batch once", _once, "batch", "run it again"),
    Wrong("scores half the file", _half, "batch", "of them"),
    Wrong("makes a table of their own", _own_table, "batch", "without first_predicted_at"),
    Wrong("scores another file", _another_file, "values", "differ"),
    Wrong("scores with the old version", _with_the_old_version, "values", "differ"),
    Wrong("leaves the broken one beside it", _beside, "retired", "still listed", True),
)
