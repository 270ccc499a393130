"""The table of the exercise, the column that is added later, and the month nobody sees."""

from typing import TYPE_CHECKING

import numpy as np

from lab.learn.contract import Task
from lab.world.signals import generator
from lab.world.trade.sales import shop_sales

if TYPE_CHECKING:
    import pandas as pd

STORES = ("Harbour", "Market", "Station")
TARGET, TIME, KEY = "units", "date", ("date", "store", "product")
FIRST_DAYS, LATER_DAYS, SEALED_DAYS = 455, 28, 28
LEAK = "receipts"
LEAK_STREAM = 530_017
# Items on one receipt vary, so receipts follow units closely without being a straight line.
PER_UNIT, SPREAD = 0.7, 0.08


def table(task: Task) -> str:
    """Name of the table to learn from."""
    return f"first_sales_{task.nonce}"


def days(task: Task) -> int:
    """How many days the table holds: four weeks more once it is broken."""
    return FIRST_DAYS + LATER_DAYS * task.broken


def history(task: Task) -> "pd.DataFrame":
    """The rows of the table, sorted by date, store and product."""
    rows = _between(task, 0, days(task))
    if not task.broken:
        return rows
    rng = generator(task.seed, LEAK_STREAM)
    noise = np.exp(rng.normal(0.0, SPREAD, len(rows)))
    return rows.assign(**{LEAK: np.round(PER_UNIT * rows[TARGET] * noise)})


def sealed(task: Task) -> "pd.DataFrame":
    """The four weeks after the table ends; what a day's end tells is not known in them."""
    return _between(task, days(task), days(task) + SEALED_DAYS)


def _between(task: Task, start: int, end: int) -> "pd.DataFrame":
    # Always as long, since the length is part of what the world is drawn from.
    whole = shop_sales(task.seed, days=FIRST_DAYS + LATER_DAYS + SEALED_DAYS, drift=False)
    day = (whole[TIME] - whole[TIME].min()).dt.days
    wanted = whole["store"].isin(STORES) & (day >= start) & (day < end)
    kept: pd.DataFrame = whole[wanted].reset_index(drop=True)
    return kept
