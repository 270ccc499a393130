"""Metrics of the shop as tests ask for them."""

import numpy as np
import pandas as pd

from lab.core.schemas import series_id
from lab.world.lenses.changes import changes
from lab.world.lenses.metrics import Series, Totals, series
from lab.world.shop.run import ShopRun


def seen(run: ShopRun) -> dict[str, Series]:
    return {series_id(one.metric, one.labels): one for one in series(run, Totals())}


def of(found: dict[str, Series], metric: str, **labels: str) -> np.ndarray:
    """The values of the one series with that name and those labels."""
    fits = [one for one in found.values()
            if one.metric == metric and labels.items() <= one.labels.items()]  # fmt: skip
    assert len(fits) == 1, (metric, labels, len(fits))
    return fits[0].values


def deploys(run: ShopRun, service: str) -> pd.DataFrame:
    """Changes of the build of a service, as the change log has them."""
    rows = changes(run)
    return rows[(rows["service"] == service) & rows["digest"].notna()]
