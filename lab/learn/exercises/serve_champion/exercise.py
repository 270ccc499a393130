"""Batch or real-time: serve the champion, and score a batch that may be run twice."""

from lab.core.progress import Progress, Steps
from lab.core.words import counted
from lab.flows.batch import score_batch
from lab.flows.endpoints import remove
from lab.flows.serve import launch
from lab.learn.belongings import Alias, Belongings, Rows
from lab.learn.contract import Findings, Task
from lab.learn.exercises.serve_champion import serving
from lab.learn.exercises.serve_champion.damage import damage
from lab.learn.exercises.serve_champion.scored import judge_batch
from lab.learn.exercises.serve_champion.world import (
    batch,
    batch_file,
    model,
    put_sales,
    put_versions,
    scores,
    table,
)
from lab.learn.served import serving as served_from

RUNS = 2


def setup(task: Task) -> Steps[str]:
    """Build what earlier exercises would have: a registered champion, and a batch."""
    put_sales(task)
    yield from put_versions(task)
    rows = batch(task)
    path = task.file(batch_file(task))
    rows.to_csv(path, index=False, lineterminator="\n")
    built = f"Model {model(task)} with an old version and a champion was trained and registered"
    return f"{built} for you; {path.name} holds {counted(len(rows), 'row')} to score."


def check(task: Task) -> Findings:
    """Ask the endpoint itself, then look at the batch table."""
    finding, info = serving.healthy(task)
    yield finding
    if info is not None:
        yield serving.fingerprint(task, info)
        yield serving.same(task, info)
        yield serving.refusals(info)
        yield Progress(0, None, f"Sending {serving.REQUESTS} requests")
        yield serving.latency(task, info)
    yield from judge_batch(task)
    if task.broken:
        yield serving.retired(task)


def solve(task: Task) -> Steps[None]:
    """Launch the champion if it is not served, and score the batch twice."""
    _, info = serving.healthy(task)
    if info is None:
        yield from launch(task.ws, model(task), backend="process")
    for _ in range(RUNS):
        yield from score(task)


def break_(task: Task) -> Steps[None]:
    """Damage the served copy and restart its server."""
    yield from damage(task.ws, model(task))


def solve_break(task: Task) -> Steps[None]:
    """Take the damaged endpoint down, and launch the verified champion again."""
    for each in served_from(task.ws, model(task)):
        if not each.healthy:
            remove(task.ws, each.id)
    yield from solve(task)


def reset(task: Task) -> Belongings:
    """The endpoints, the alias, both runs and the tables; versions are history and stay."""
    from lab.flows.model_versions import CHAMPION, champion_number
    from lab.mlops.tracking import registry

    name, number = model(task), champion_number(task.ws, model(task))
    if number is None:
        return Belongings(tables=(table(task), scores(task)))
    return Belongings(
        rows=(Rows("predictions", "model", (name,)),),
        tables=(table(task), scores(task)),
        runs=tuple(dict.fromkeys(v.run_id for v in registry.versions(task.ws, name))),
        aliases=(Alias(name, CHAMPION, number),),
        endpoints=served_from(task.ws, name),
    )


def score(task: Task, file: str = "", version: str | None = None) -> Steps[None]:
    """Score the batch once.

    Args:
        task: The attempt.
        file: Another input file.
        version: Another version than the champion.
    """
    source = str(task.file(file or batch_file(task)))
    yield from score_batch(task.ws, source, scores(task), name=model(task), version=version)
