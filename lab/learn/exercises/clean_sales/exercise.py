"""A pipeline you can run twice: bad rows set aside with line and reason, good rows landed."""

from typing import Any

from lab.core.progress import Steps
from lab.flows.ingest import ingest
from lab.learn.belongings import Belongings
from lab.learn.contract import Findings, Task, judge
from lab.learn.exercises.clean_sales.landed import good_rows, ranges, schema, table, units
from lab.learn.exercises.clean_sales.loading import last_loads, loaded, quarantine, sealed, twice
from lab.learn.exercises.clean_sales.world import KEY, RENAMED, Batch, first_batch, next_batch
from lab.learn.loads import made_by_loads
from lab.world.trade.dirt import PENCE
from lab.world.trade.goods import PRODUCTS

DEAREST = 20.0


def setup(task: Task) -> str:
    """Write three months of sales with faults in them."""
    path = task.file(f"{name(task)}.csv")
    path.write_text(first_batch(task).csv, encoding="utf-8")
    return f"{path.name}: three months of daily sales, some rows of them bad"


def check(task: Task) -> Findings:
    """Hold what landed and what was set aside against the truth, then try a sealed batch."""
    batch = first_batch(task)
    loads = last_loads(task, name(task), batch.csv)
    yield loaded(task, name(task), loads, batch.csv)
    if not loads:
        return
    yield (shape := schema(task, name(task)))
    if shape.status == "fail":
        return
    rows = table(task, name(task))
    yield quarantine(task, "quarantine", loads[0], batch)
    yield good_rows("good", name(task), rows, batch, "the first three months")
    yield ranges(name(task), rows)
    yield twice(loads)
    yield from sealed(task, loads[0])
    if task.broken:
        yield from _next(task, next_batch(task))


def solve(task: Task) -> Steps[None]:
    """Load the file twice under a contract."""
    for _ in range(2):
        yield from ingest(task.ws, task.file(f"{name(task)}.csv"), contract(task))


def break_(task: Task) -> None:
    """Write the month after, from a till that was updated meanwhile."""
    path = task.file(f"{name(task)}_april.csv")
    path.write_text(next_batch(task).csv, encoding="utf-8")


def solve_break(task: Task) -> Steps[None]:
    """Load the first months, and add the next one with name and unit put right."""
    yield from solve(task)
    path = task.file(f"{name(task)}_april.csv")
    yield from ingest(task.ws, path, next_contract(task), mode="add")


def reset(task: Task) -> Belongings:
    """The table with the record of its loads."""
    return made_by_loads(task.ws, (name(task),))


def name(task: Task) -> str:
    """Name of the table."""
    return f"sales_{task.nonce}"


def contract(task: Task) -> dict[str, Any]:
    """A mapping that keeps every bad row out."""
    return {
        "kind": "table",
        "dataset": name(task),
        "key": list(KEY),
        "rules": {
            "product": {"required": True, "only": [product.name for product in PRODUCTS]},
            "price": {"required": True, "least": 0.01, "most": DEAREST},
            "units": {"required": True, "least": 0},
        },
    }


def next_contract(task: Task) -> dict[str, Any]:
    """The same promises for a file whose price has another name and another unit."""
    mapping = contract(task)
    price = {**mapping["rules"].pop("price"), "name": "price", "divide_by": PENCE}
    mapping["rules"][RENAMED] = price
    return mapping


def _next(task: Task, batch: Batch) -> Findings:
    rows = table(task, name(task))
    loads = last_loads(task, name(task), batch.csv)
    yield good_rows("next_rows", name(task), rows, batch, "April", values=False)
    if not (rows["date"] >= batch.good["date"].min()).any():
        return
    yield units(name(task), rows, batch)
    if loads:
        yield quarantine(task, "next_quarantine", loads[0], batch)
    else:
        said = "April is there, but not from the file that you were given"
        yield judge("next_quarantine", False, f"{name(task)}_april.csv, unchanged", said)
