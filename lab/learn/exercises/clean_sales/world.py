"""The batches of the exercise: what the files hold, and which lines of them are bad."""

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from lab.learn.contract import Task
from lab.world.trade.dirt import PENCE, dirty_sales
from lab.world.trade.sales import shop_sales

if TYPE_CHECKING:
    import pandas as pd

START, NEXT = "2025-01-01", "2025-04-01"
FIRST_DAYS, NEXT_DAYS, SEALED_DAYS = 90, 30, 40
SHARE = 0.003
# The sealed batch comes from another world: what fits only the visible one fails there.
SEALED_STEP = 7_919
RENAMED = "unit_price"
KEY = ["date", "store", "product"]


@dataclass(frozen=True)
class Batch:
    """A file and the truth about it.

    Args:
        csv: The file.
        truth: ``line``, ``column`` and ``reason`` of each bad row.
        good: The rows that should land, in the units of the table, by key.
    """

    csv: str
    truth: "pd.DataFrame"
    good: "pd.DataFrame"

    @property
    def bad_lines(self) -> frozenset[int]:
        """Physical lines of the rows that must be turned away."""
        return frozenset(self.truth["line"].tolist())


def first_batch(task: Task) -> Batch:
    """Three months of sales."""
    return _batch(task.seed, START, FIRST_DAYS)


def next_batch(task: Task) -> Batch:
    """The month after: a column has another name, prices are in pence."""
    batch = _batch(task.seed, NEXT, NEXT_DAYS)
    return Batch(in_pence(batch.csv), batch.truth, batch.good)


def sealed_batch(task: Task) -> Batch:
    """A batch that the learner never sees."""
    return _batch(task.seed + SEALED_STEP, START, SEALED_DAYS)


def in_pence(csv: str) -> str:
    """Rename the price of a file and write it in pence."""
    header, *rows = csv.splitlines()
    names = header.split(",")
    at = names.index("price")
    names[at] = RENAMED
    lines = [",".join(names)]
    for row in rows:
        cells = row.split(",")
        cells[at] = str(round(float(cells[at]) * PENCE))
        lines.append(",".join(cells))
    return "\n".join(lines) + "\n"


@lru_cache(maxsize=8)
def _batch(seed: int, start: str, days: int) -> Batch:
    sales = shop_sales(seed, start=start, days=days, drift=False)
    dirty = dirty_sales(sales, seed=seed, share=SHARE)
    lines = dirty.csv.splitlines()
    bad = set(dirty.truth["line"].tolist())
    keys = {tuple(lines[i - 1].split(",")[:3]) for i in range(2, len(lines) + 1) if i not in bad}
    named = zip(
        sales["date"].dt.strftime("%Y-%m-%d"), sales["store"], sales["product"], strict=True
    )
    good = sales[[key in keys for key in named]]
    return Batch(dirty.csv, dirty.truth, good.sort_values(KEY, ignore_index=True))
