"""A workspace with a registered champion, made once, for the tests of serving."""

from pathlib import Path

import numpy as np
import pandas as pd

from lab.core.progress import drain
from lab.core.workspace import Workspace, open_workspace
from lab.flows.registry import register
from lab.flows.train import train

NAME = "shop-sales"


def small_sales(days: int = 240) -> pd.DataFrame:
    rng = np.random.default_rng(5)
    dates = pd.date_range("2025-01-01", periods=days, freq="D")
    parts = []
    for number, store in enumerate(("north", "south")):
        weekly = 20 + 6 * np.sin(2 * np.pi * dates.dayofweek.to_numpy() / 7) + 5 * number
        price = rng.uniform(2, 4, days).round(2)
        promotion = rng.random(days) < 0.2
        units = weekly - 4 * (price - 3) + 15 * promotion + rng.normal(0, 1, days)
        parts.append(
            pd.DataFrame(
                {
                    "date": dates.date,
                    "store": store,
                    "product": "tea",
                    "price": price,
                    "promotion": promotion,
                    "holiday": False,
                    "temperature_c": rng.normal(12, 5, days).round(1),
                    "rain_mm": rng.exponential(2, days).round(1),
                    "units": units.round().clip(0).astype("int64"),
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def with_champion(root: Path, model: str = "hist_gradient_boosting") -> Workspace:
    ws = open_workspace(root)
    ws.store.write("sales", small_sales(), mode="replace")
    run = drain(train(ws, "sales", "units", model, folds=2))
    verdict = register(ws, run.run_id, NAME)
    assert verdict.passed, verdict.message
    return ws
