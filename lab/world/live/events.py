"""What a stretch leaves besides metrics: rows of other lenses, and what the operator did."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import pandas as pd

from lab.world.lenses.tables import Lens
from lab.world.live.stream import Event
from lab.world.shop.run import ShopRun

# The truth stays sealed.
NEVER = ("incidents",)


def events(lenses: Iterable[Lens], run: ShopRun) -> dict[str, list[Event]]:
    """Rows of a stretch by table, each as plain values.

    Args:
        lenses: What looks at the shop; each may remember what came before.
        run: What happened.

    Returns:
        Rows in the order of the lens; times as ISO 8601, what is missing as None.
    """
    found: dict[str, list[Event]] = {}
    for look in lenses:
        for table, frame in look(run).items():
            if table not in NEVER:
                rows = found.setdefault(table, [])
                rows += [_plain(row) for row in frame.to_dict("records")]
    return found


def _plain(row: Mapping[Any, Any]) -> Event:
    return {str(name): _value(value) for name, value in row.items()}


def _value(value: Any) -> Any:
    if isinstance(value, list | dict | str | bool):
        return value
    if value is None or pd.isna(value):
        return None
    if isinstance(value, date):  # a moment is one as well
        return value.isoformat()
    return value.item() if hasattr(value, "item") else value
