"""A small shop with a weekly rhythm, a price that matters and a seed."""

import numpy as np
import pandas as pd


def sales(days=200, groups=3, seed=0):
    rng = np.random.default_rng(seed)
    dates = pd.date_range("2025-01-01", periods=days, freq="D")
    table = pd.DataFrame(
        [(d, f"shop {g}", g) for d in dates for g in range(groups)], columns=["date", "store", "g"]
    )
    table["price"] = rng.uniform(2, 4, len(table)).round(2)
    table["promotion"] = rng.random(len(table)) < 0.2
    weekly = 1 + 0.4 * np.sin(2 * np.pi * table["date"].dt.dayofweek / 7)
    mean = 30 * (1 + table["g"]) * weekly * (3 / table["price"]) * (1 + 0.5 * table["promotion"])
    table["units"] = rng.poisson(mean)
    return table.drop(columns="g")
