"""All lenses of the shop besides its metrics, as tables."""

from collections.abc import Callable, Mapping

import pandas as pd

from lab.world.lenses.alerts import Alerts
from lab.world.lenses.changes import changes
from lab.world.lenses.fraud import ordered
from lab.world.lenses.labels import Labels
from lab.world.lenses.logs import log_rows
from lab.world.lenses.orders import order_rows
from lab.world.lenses.sales import Sales
from lab.world.lenses.traces import span_rows, traced
from lab.world.shop.run import ShopRun

Lens = Callable[[ShopRun], Mapping[str, pd.DataFrame]]


def operations() -> tuple[Lens, ...]:
    """Return the lenses of those who run the shop, new for each world.

    Each is called with stretch after stretch and gives tables ``changes``, ``spans`` and
    ``logs``, or ``alerts``.
    """
    return (_telemetry, Alerts())


def business() -> tuple[Lens, ...]:
    """Return the lenses of those who sell, new for each world.

    Each is called with stretch after stretch; together they give tables ``orders``,
    ``order_labels`` and ``daily_sales``.
    """
    return (_Trade(),)


def _telemetry(run: ShopRun) -> dict[str, pd.DataFrame]:
    """What shares its traces is made together."""
    found = traced(run)
    return {
        "changes": changes(run),
        "spans": span_rows(run, found),
        "logs": log_rows(run, found),
    }


class _Trade:
    """Orders, their labels and daily sales, from the same orders."""

    def __init__(self) -> None:
        self._labels, self._sales = Labels(), Sales()

    def __call__(self, run: ShopRun) -> dict[str, pd.DataFrame]:
        made = ordered(run)
        return {
            "orders": order_rows(run, made),
            "order_labels": self._labels.rows(run, made),
            "daily_sales": self._sales.rows(run, made),
        }
