"""Features of a row from what was known ``horizon`` steps before it, and nothing later.

Past values are taken by time, not by position: a missing day leaves a gap in the features and
never shifts another day into its place.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lab.core.errors import BadInput
from lab.core.words import grouped
from lab.mlops.models.recipe import Recipe


@dataclass(frozen=True)
class Design:
    """A table ready to learn from; all four share one index, ordered by time.

    Args:
        keys: Time and group columns, (n, 1 + groups).
        x: Features: numbers as float64, labels as text, (n, features).
        y: Target, (n,).
        baseline: Seasonal-naive forecast of each row, (n,), NaN where the past is missing.
    """

    keys: pd.DataFrame
    x: pd.DataFrame
    y: pd.Series
    baseline: pd.Series

    @property
    def times(self) -> pd.Series:
        """Time of each row."""
        return self.keys.iloc[:, 0]

    def part(self, mask: pd.Series) -> "Design":
        """The rows a mask selects."""
        return Design(self.keys[mask], self.x[mask], self.y[mask], self.baseline[mask])


def design(table: pd.DataFrame, recipe: Recipe) -> Design:
    """Turn a table into features, target and baseline.

    Args:
        table: One row per time and group; the order does not matter. Rows whose target is
            missing are left out; they still count as a gap, not as zero.
        recipe: What to take from it.

    Returns:
        The design without the warm-up at the start, where the past is not complete.

    Raises:
        BadInput: Time and groups repeat, or no row has a complete past.
    """
    rows = _ordered(table, recipe)
    past = _past(rows, recipe)
    x = pd.DataFrame(index=rows.index)
    for name in recipe.labels:
        x[name] = rows[name].astype("str").fillna("missing")
    for name in recipe.calendar:
        x[name] = _calendar(rows[recipe.time], name)
    for name in recipe.numeric:
        x[name] = rows[name].astype("float64")
    x[list(recipe.history)] = past[list(recipe.history)]
    first = rows[recipe.time].min() + recipe.warm_up * pd.Timedelta(seconds=recipe.step_seconds)
    keep = (rows[recipe.time] >= first) & rows[recipe.target].notna()
    if not keep.any():
        raise BadInput(
            f"No row has {recipe.warm_up} earlier steps to learn from.",
            "Load a longer table, or ask for a shorter horizon.",
        )
    keys = rows[[recipe.time, *recipe.groups]]
    target = rows[recipe.target].astype("float64")
    whole = Design(keys, x[list(recipe.features)], target, past["baseline"])
    return whole.part(keep)


def _ordered(table: pd.DataFrame, recipe: Recipe) -> pd.DataFrame:
    rows = table.assign(**{recipe.time: as_times(table[recipe.time])})
    key = [recipe.time, *recipe.groups]
    repeated = rows[rows.duplicated(key)]
    if not repeated.empty:
        example = ", ".join(f"{name}={repeated.iloc[0][name]}" for name in key)
        raise BadInput(
            f"{grouped(len(repeated))} rows repeat {' and '.join(key)}; the first: {example}.",
            "Name the columns that tell the rows apart as groups, or sum them up first.",
        )
    return rows.sort_values(key, ignore_index=True)


def as_times(column: pd.Series) -> pd.Series:
    """Times without a zone (UTC where there was one), to the microsecond.

    Raises:
        BadInput: Some value is not a time.
    """
    try:
        times = pd.to_datetime(column, utc=True)
    except (ValueError, TypeError) as error:
        raise BadInput(
            f"Column {column.name!r} holds values that are not times: {error}.",
            "Choose another time column, or correct it when loading.",
        ) from error
    return times.dt.tz_localize(None).dt.as_unit("us")


def _past(rows: pd.DataFrame, recipe: Recipe) -> pd.DataFrame:
    """History features and the baseline, one row per row of the table."""
    step = pd.Timedelta(seconds=recipe.step_seconds)
    slot = ((rows[recipe.time] - rows[recipe.time].min()) / step).round().astype("int64")
    group = rows.groupby(list(recipe.groups), dropna=False).ngroup() if recipe.groups else 0 * slot
    if pd.DataFrame({"slot": slot, "group": group}).duplicated().any():
        raise BadInput(
            f"Times in {recipe.time!r} lie closer together than the step of {step}.",
            "Sum the rows up to a regular step first.",
        )
    grid = np.full((int(slot.max()) + 1, int(group.max()) + 1), np.nan)  # (steps, groups)
    grid[slot, group] = rows[recipe.target].to_numpy(dtype="float64", na_value=np.nan)

    def at(values: np.ndarray) -> pd.Series:
        return pd.Series(values[slot.to_numpy(), group.to_numpy()], index=rows.index)

    past = pd.DataFrame(index=rows.index)
    for lag in recipe.lags:
        past[f"{recipe.target}_lag_{lag}"] = at(_shifted(grid, lag))
    lags = [f"{recipe.target}_lag_{lag}" for lag in recipe.lags]
    past[f"{recipe.target}_lags_mean"] = past[lags].mean(axis=1)
    known = pd.DataFrame(_shifted(grid, recipe.horizon))
    for window in recipe.windows:
        mean = known.rolling(window, min_periods=max(1, window // 2)).mean()
        past[f"{recipe.target}_mean_{window}"] = at(mean.to_numpy())
    past["baseline"] = at(_shifted(grid, recipe.naive_lag))
    return past


def _shifted(grid: np.ndarray, steps: int) -> np.ndarray:
    """Each column moved ``steps`` rows into the future, NaN before it."""
    moved = np.full_like(grid, np.nan)
    moved[steps:] = grid[:-steps] if steps else grid
    return moved


def _calendar(times: pd.Series, name: str) -> pd.Series:
    parts: dict[str, pd.Series] = {
        "hour": times.dt.hour,
        "day_of_week": times.dt.dayofweek,
        "month": times.dt.month,
    }
    return parts[name].astype("float64")
