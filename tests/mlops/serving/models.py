"""A small real model and rows for it, shared by the serving tests."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from lab.mlops.models.artifact import Manifest, inputs_of, save_model

ROW = {"price": 2.5, "day": 3, "promotion": True, "store": "north"}


def rows(count: int = 200) -> pd.DataFrame:
    rng = np.random.default_rng(11)
    return pd.DataFrame(
        {
            "price": rng.uniform(1, 5, count),
            "day": rng.integers(0, 7, count),
            "promotion": rng.random(count) > 0.5,
            "store": rng.choice(["north", "south", "007"], count),
        }
    )


def saved_model(folder: Path, version: str = "1", unknown_store: str = "error") -> Manifest:
    frame = rows()
    columns = make_column_transformer(
        (OneHotEncoder(handle_unknown=unknown_store, sparse_output=False), ["store"]),
        remainder="passthrough",
    )
    model = make_pipeline(columns, HistGradientBoostingRegressor(max_iter=10))
    model.fit(frame, 20 - 3 * frame["price"] + 4 * frame["promotion"])
    return save_model(
        model,
        folder,
        inputs=inputs_of(frame),
        target="units",
        flavor="sklearn",
        name="sales",
        version=version,
        run_id="run-1",
        created_at=datetime(2026, 3, 31, tzinfo=UTC),
    )
