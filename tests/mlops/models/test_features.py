import numpy as np
import pandas as pd
import pytest

from lab.core.errors import BadInput
from lab.mlops.models.features import as_times, design
from lab.mlops.models.recipe import Recipe
from tests.mlops.models.sample import sales

RECIPE = Recipe("units", "date", ("store",), ("price", "promotion"))


def naive_features(table, recipe, store, day):
    """The slow, obvious twin: look every value up by its date."""
    history = {
        (row.store, row.date): row.units for row in table.itertuples() if row.units == row.units
    }

    def at(age):
        return history.get((store, day - pd.Timedelta(days=age)), np.nan)

    lags = {f"units_lag_{lag}": at(lag) for lag in recipe.lags}
    known = [v for v in lags.values() if v == v]
    means = {}
    for window in recipe.windows:
        ages = range(recipe.horizon, recipe.horizon + window)
        values = [v for v in map(at, ages) if v == v]
        enough = len(values) >= max(1, window // 2)
        means[f"units_mean_{window}"] = np.mean(values) if enough else np.nan
    return {**lags, "units_lags_mean": np.mean(known) if known else np.nan, **means}


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_features_equal_their_slow_twin_also_with_days_missing(seed):
    rng = np.random.default_rng(seed)
    table = sales(90, 2, seed)
    table = table[rng.random(len(table)) > 0.15].sample(frac=1, random_state=seed)
    table["units"] = table["units"].astype("float64").mask(rng.random(len(table)) < 0.05)
    made = design(table, RECIPE)
    assert len(made.y) > 50
    for i in rng.choice(made.y.index, 25, replace=False):
        key = made.keys.loc[i]
        twin = naive_features(table, RECIPE, key["store"], key["date"])
        for name, value in twin.items():
            assert made.x.loc[i, name] == pytest.approx(value, nan_ok=True), (name, key)
        assert made.baseline.loc[i] == pytest.approx(twin["units_lag_7"], nan_ok=True)


@pytest.mark.parametrize("horizon", [1, 7, 10])
def test_no_feature_changes_when_the_future_does(horizon):
    """Point in time: whatever is known less than ``horizon`` days before a row is not in it."""
    recipe = Recipe("units", "date", ("store",), ("price",), horizon=horizon,
                    lags=(14, 21), windows=(7,))  # fmt: skip
    table = sales(120, 2)
    before = design(table, recipe)
    for cut in pd.to_datetime(["2025-03-01", "2025-03-18", "2025-04-10"]):
        changed = table.copy()
        late = changed["date"] > cut
        changed.loc[late, "units"] = changed.loc[late, "units"] * 7 + 1000
        after = design(changed, recipe)
        seen = before.times <= cut + pd.Timedelta(days=horizon)
        pd.testing.assert_frame_equal(before.x[seen], after.x[seen])
        assert seen.any()
        assert not before.x[~seen].equals(after.x[~seen])


def test_rows_start_where_the_past_is_complete_and_skip_unknown_targets():
    table = sales(60, 2)
    table["units"] = table["units"].astype("float64")
    table.loc[table["date"] == "2025-02-20", "units"] = np.nan
    made = design(table, RECIPE)
    assert made.times.min() == table["date"].min() + pd.Timedelta(days=RECIPE.warm_up)
    assert pd.Timestamp("2025-02-20") not in set(made.times)
    later = made.keys["date"] == pd.Timestamp("2025-02-27")
    assert made.x.loc[later, "units_lag_7"].isna().all()


def test_the_order_of_the_rows_does_not_matter():
    table = sales(80, 3)
    shuffled = table.sample(frac=1, random_state=4)
    pd.testing.assert_frame_equal(design(table, RECIPE).x, design(shuffled, RECIPE).x)


def test_repeated_rows_are_refused_with_an_example():
    table = pd.concat([sales(60, 1), sales(60, 1).head(1)])
    with pytest.raises(BadInput, match="1 rows repeat date and store; the first: date=2025-01-01"):
        design(table, RECIPE)


def test_a_table_without_enough_past_is_refused():
    with pytest.raises(BadInput, match="No row has 34 earlier steps"):
        design(sales(20, 1), RECIPE)


def test_times_lose_their_zone_in_utc():
    given = pd.Series(["2026-01-01T00:30:00+02:00", "2026-01-02T00:00:00Z"], name="t")
    assert as_times(given).tolist() == [
        pd.Timestamp("2025-12-31 22:30"),
        pd.Timestamp("2026-01-02"),
    ]
    with pytest.raises(BadInput, match="'t' holds values that are not times"):
        as_times(pd.Series(["soon"], name="t"))


def test_times_closer_than_the_step_are_refused():
    table = sales(60, 1)
    extra = table.tail(1).assign(date=lambda t: t["date"] + pd.Timedelta(hours=3))
    with pytest.raises(BadInput, match="closer together than the step"):
        design(pd.concat([table, extra]), RECIPE)
