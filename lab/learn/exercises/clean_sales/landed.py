"""What is in the table: its columns, the good rows, nothing out of range, the right unit."""

from typing import TYPE_CHECKING

from lab.core.schemas import SALES
from lab.core.sql import quoted
from lab.core.words import counted, grouped
from lab.learn.contract import Finding, Task, judge
from lab.learn.exercises.clean_sales.world import KEY, Batch
from lab.world.trade.dirt import PENCE
from lab.world.trade.goods import PRODUCTS

if TYPE_CHECKING:
    import pandas as pd

NUMBERS = ("price", "temperature_c", "rain_mm", "units")
CLOSE = 1e-6
MOST_PRICE = 50.0


def schema(task: Task, name: str) -> Finding:
    """Whether the table has the columns of sales, typed as they are declared."""
    types = {table.name: dict(table.columns) for table in task.ws.store.tables()}[name]
    wrong = [
        f"{column.name} is {types.get(column.name, 'missing')}"
        for column in SALES.columns
        if types.get(column.name) != column.type
    ]
    if wrong:
        wrong += [f"{column} is not asked for" for column in types if column not in SALES.names]
    said = "; ".join(wrong) if wrong else "they are"
    expected = ", ".join(f"{column.name} {column.type}" for column in SALES.columns)
    return judge("columns", not wrong, expected, said, f"DESCRIBE {name}")


def table(task: Task, name: str) -> "pd.DataFrame":
    """The rows of the table, by key."""
    columns = ", ".join(quoted(column) for column in SALES.names)
    return task.ws.store.read(f"SELECT {columns} FROM {quoted(name)} ORDER BY {', '.join(KEY)}")


def good_rows(
    check: str, name: str, rows: "pd.DataFrame", batch: Batch, when: str, *, values: bool = True
) -> Finding:
    """Whether the good rows of a batch are in the table, whole.

    Args:
        check: Id of the sub-check.
        name: The table.
        rows: What is in it.
        batch: The batch.
        when: What the batch covers, in words.
        values: Whether the numbers are compared too.
    """
    start, end = batch.good["date"].min(), batch.good["date"].max()
    mine = rows[rows["date"].between(start, end)]
    both = batch.good.merge(mine, on=KEY, how="left", suffixes=("", "_found"), indicator=True)
    lost = int((both["_merge"] == "left_only").sum())
    said = f"{counted(len(mine), 'row')} of {when}"
    off = [column for column in NUMBERS if values and not lost and _differs(both, column)]
    if lost == len(batch.good):
        said = f"no row of {when}"
    elif lost:
        said = f"{counted(lost, 'good row')} of {when} missing"
    elif off:
        said = f"other values than in the file in {', '.join(off)}"
    expected = f"all {grouped(len(batch.good))} good rows of {when}"
    evidence = f"SELECT count(*) FROM {name} WHERE date BETWEEN '{start:%F}' AND '{end:%F}'"
    return judge(check, not lost and not off, expected, said, evidence)


def ranges(name: str, rows: "pd.DataFrame") -> Finding:
    """Whether anything in the table is empty, below zero or unknown."""
    known = [product.name for product in PRODUCTS]
    faults = {
        "without units": rows["units"].isna(),
        "with negative units": rows["units"] < 0,
        "with a price no product has": ~rows["price"].between(0, MOST_PRICE),
        "with a product the shop does not sell": ~rows["product"].isin(known),
        "there twice": rows.duplicated(KEY),
    }
    found = [
        f"{counted(int(bad.sum()), 'row')} {what}" for what, bad in faults.items() if bad.any()
    ]
    expected = "units of 0 or more, prices in pounds, the six products, each day once"
    evidence = f"SELECT min(units), max(price), count(DISTINCT product) FROM {name}"
    return judge("ranges", not found, expected, "; ".join(found) or "all in range", evidence)


def units(name: str, rows: "pd.DataFrame", batch: Batch) -> Finding:
    """Whether the prices of the next batch are in pounds."""
    both = batch.good.merge(rows, on=KEY, suffixes=("", "_found"))
    ratio = float((both["price_found"] / both["price"]).median()) if len(both) else float("nan")
    right = len(both) > 0 and not _differs(both, "price")
    said = "they are" if right else f"a typical price is {ratio:.3g} times what it should be"
    if abs(ratio / PENCE - 1) < CLOSE:
        said += ": it is in pence"
    evidence = f"SELECT date, avg(price) FROM {name} GROUP BY date ORDER BY date"
    return judge("units", right, "the prices of April in pounds", said, evidence)


def _differs(both: "pd.DataFrame", column: str) -> bool:
    gap = (both[column] - both[f"{column}_found"]).abs()
    return not bool((gap < CLOSE).all())
