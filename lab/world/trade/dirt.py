"""Sales as they arrive on a bad day: a CSV with seeded faults, and the exact truth about them.

Four kinds of fault leave a row without a usable value: it must be rejected. Two can be put
right from what the row says: it must be repaired. Copies of a row must be dropped. Whoever
cleans well ends with exactly ``DirtySales.clean``.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from lab.core.errors import BadInput
from lab.world.signals import generator
from lab.world.trade.sales_text import csv_of, sales_text

DIRT_STREAM = 400_009
PENCE = 100
MISSPELT: dict[str, Callable[[str], str]] = {
    "upper": str.upper,
    "spaces": lambda name: f" {name} ",
    "cut": lambda name: name[:-1],
}
BAD_DATES = ("2024-02-30", "31/31/2024", "yesterday", "2025-13-01")
BAD_NUMBERS = ("n/a", "twelve", "see note", "#REF!")

REJECT = ("missing_units", "negative_units", "bad_date", "text_in_number")
REPAIR = ("misspelt_product", "price_in_pence")
DUPLICATE = "duplicate_key"
REASONS = (*REJECT, *REPAIR, DUPLICATE)

COLUMN_OF = {
    "missing_units": "units",
    "negative_units": "units",
    "bad_date": "date",
    "text_in_number": "units",
    "misspelt_product": "product",
    "price_in_pence": "price",
    DUPLICATE: "",
}


@dataclass(frozen=True)
class DirtySales:
    """A dirty batch and the truth about it.

    Attributes:
        csv: The batch as CSV text with a header, dates as YYYY-MM-DD, booleans as true and
            false, line ends as a single newline.
        truth: One row per fault: ``line`` (physical line of ``csv``, the header being 1),
            ``column`` (at fault; empty for a copied row), ``reason`` (one of ``REASONS``);
            sorted by line. No line has two faults.
        clean: What is left when the batch is cleaned: rejected and copied rows gone, repaired
            rows as they were meant; sorted by date, store and product.
    """

    csv: str
    truth: pd.DataFrame
    clean: pd.DataFrame

    def lines(self, reason: str) -> tuple[int, ...]:
        """Return the physical lines that have a fault, in order.

        Args:
            reason: One of ``REASONS``.
        """
        return tuple(self.truth.loc[self.truth["reason"] == reason, "line"].tolist())


def dirty_sales(frame: pd.DataFrame, seed: int = 5, share: float = 0.004) -> DirtySales:
    r"""Dirty a table of sales with seven kinds of fault.

    Args:
        frame: Clean sales as ``lab.world.trade.sales.shop_sales`` gives them, 60 rows or more.
        seed: Seed of the faults, 0 or more.
        share: Share of rows that each kind strikes, above 0 and up to 0.1; at least one row.

    Returns:
        The CSV text, the truth and the clean table.

    Raises:
        BadInput: Too few rows, or a seed or share out of range.

    >>> from lab.world.trade.sales import shop_sales
    >>> dirty = dirty_sales(shop_sales(days=10, drift=False), seed=5)
    >>> len(dirty.truth), len(dirty.clean), dirty.csv.count("\n")
    (7, 296, 302)
    """
    _check(frame, seed, share)
    rng = generator(seed, DIRT_STREAM)
    each = max(1, round(share * len(frame)))
    struck = rng.choice(len(frame), size=each * len(REASONS), replace=False)
    rows_of = dict(zip(REASONS, struck.reshape(len(REASONS), each), strict=True))
    text = sales_text(frame)
    for reason in (*REJECT, *REPAIR):
        column = COLUMN_OF[reason]
        values = text[column].tolist()
        for row in rows_of[reason].tolist():
            values[row] = _spoilt(rng, reason, values[row])
        text[column] = values
    order, copied = _with_copies(rng, len(frame), rows_of[DUPLICATE])
    truth = _truth(order, copied, rows_of)
    gone = np.concatenate([rows_of[reason] for reason in REJECT])
    clean = frame.drop(frame.index[gone]).sort_values(["date", "store", "product"])
    return DirtySales(csv_of(text.iloc[order]), truth, clean.reset_index(drop=True))


def _spoilt(rng: np.random.Generator, reason: str, value: str) -> str:
    """Return a value as the fault leaves it."""
    if reason == "missing_units":
        return ""
    if reason == "negative_units":
        return str(-int(value) - 1)
    if reason == "bad_date":
        return str(rng.choice(BAD_DATES))
    if reason == "text_in_number":
        return str(rng.choice(BAD_NUMBERS))
    if reason == "price_in_pence":
        return str(round(float(value) * PENCE))
    return MISSPELT[str(rng.choice(list(MISSPELT)))](value)


def _with_copies(
    rng: np.random.Generator, rows: int, again: np.ndarray
) -> tuple[list[int], list[int]]:
    """Put a copy of some rows further down.

    Returns:
        Source row of each data line, and the positions in that list which are copies.
    """
    later = {int(row): int(rng.integers(row, rows)) for row in again}
    order: list[int] = []
    copied: list[int] = []
    for row in range(rows):
        order.append(row)
        for source in sorted(source for source, after in later.items() if after == row):
            copied.append(len(order))
            order.append(source)
    return order, copied


def _truth(order: list[int], copied: list[int], rows_of: dict[str, np.ndarray]) -> pd.DataFrame:
    reason_of = {int(row): reason for reason in (*REJECT, *REPAIR) for row in rows_of[reason]}
    faults = dict.fromkeys(copied, DUPLICATE)
    faults |= {place: reason_of[row] for place, row in enumerate(order) if row in reason_of}
    header_and_base = 2
    return pd.DataFrame(
        [(p + header_and_base, COLUMN_OF[r], r) for p, r in sorted(faults.items())],
        columns=["line", "column", "reason"],
    )


def _check(frame: pd.DataFrame, seed: int, share: float) -> None:
    if len(frame) < 60:
        raise BadInput(f"Dirt needs 60 rows or more, got {len(frame)}.", "Give more rows.")
    if seed < 0:
        raise BadInput(f"Seed must be 0 or more, got {seed}.", "Choose another seed.")
    if not 0 < share <= 0.1:
        raise BadInput(f"Share must be above 0 and up to 0.1, got {share}.", "Try 0.004.")
