"""The sales: complete, caused by what the card says, and drifting only where it says."""

import numpy as np
import pandas as pd
import pytest

from lab.core.errors import BadInput
from lab.core.schemas import SALES
from lab.world.trade.sales import DAYS, DEARER, PROMOTED_STORE, TOUCHY_PRODUCT, shop_sales
from tests.world.content import content_hash

DRIFT_START = pd.Timestamp("2026-01-01")
KEY = ["date", "store", "product"]


@pytest.fixture(scope="module")
def sales() -> pd.DataFrame:
    return shop_sales()


@pytest.fixture(scope="module")
def twin() -> pd.DataFrame:
    return shop_sales(drift=False)


def test_a_seed_always_gives_the_same_sales(sales):
    assert content_hash(sales) == "138004b25139fd28"
    assert content_hash(shop_sales(seed=12)) != content_hash(sales)


def test_every_day_store_and_product_once(sales):
    assert list(sales.columns) == SALES.names
    assert len(sales) == DAYS * 5 * 6
    assert not sales.duplicated(KEY).any()
    assert sales["date"].min() == pd.Timestamp("2023-04-01")
    assert sales["date"].max() == pd.Timestamp("2026-03-31")
    assert (sales.groupby("date").size() == 30).all()
    assert not sales.isna().any(axis=None)
    assert (sales["units"] >= 0).all()
    assert (sales["price"] > 0).all()
    assert sales[KEY].equals(sales[KEY].sort_values(KEY, ignore_index=True))


def test_drift_is_in_the_last_quarter_only_and_where_it_is_documented(sales, twin):
    changed = (sales != twin).any(axis=1)
    assert sales.loc[changed, "date"].min() >= DRIFT_START
    touched = sales["product"].isin([*DEARER, TOUCHY_PRODUCT]) | (sales["store"] == PROMOTED_STORE)
    assert not (changed & ~touched).any()


def test_covariate_drift_is_visible(sales, twin):
    late, late_twin = (frame[frame["date"] >= DRIFT_START] for frame in (sales, twin))
    elsewhere = late["store"] != PROMOTED_STORE
    for product in DEARER:
        rows = elsewhere & (late["product"] == product)
        ratio = late.loc[rows, "price"] / late_twin.loc[rows, "price"]
        assert ratio.mean() == pytest.approx(1.15, abs=0.005)
    share = late.groupby("store")["promotion"].mean()
    assert share[PROMOTED_STORE] > 2.5 * share.drop(PROMOTED_STORE).mean()


@pytest.mark.parametrize("seed", [11, 1, 2])
def test_concept_drift_leaves_the_inputs_alone_and_changes_the_answer(seed):
    late, late_twin = (
        frame[
            (frame["date"] >= DRIFT_START)
            & (frame["product"] == TOUCHY_PRODUCT)
            & (frame["store"] != PROMOTED_STORE)
        ]
        for frame in (shop_sales(seed), shop_sales(seed, drift=False))
    )
    inputs = ["price", "promotion", "holiday", "temperature_c", "rain_mm"]
    pd.testing.assert_frame_equal(late[inputs], late_twin[inputs])
    full = ~late["promotion"]
    assert late.loc[full, "units"].mean() < 0.9 * late_twin.loc[full, "units"].mean()


def test_dearer_sells_less_and_promotions_more(twin):
    """Regress log units on log price and promotion within store, product and weekday."""
    frame = twin[twin["product"] == "bread"]
    cells = [frame["store"], frame["date"].dt.dayofweek, frame["date"].dt.to_period("Q")]
    columns = {
        "units": np.log(frame["units"] + 0.5),
        "price": np.log(frame["price"]),
        "promotion": frame["promotion"].astype(float),
    }
    centred = pd.DataFrame({k: v - v.groupby(cells).transform("mean") for k, v in columns.items()})
    promoted = centred["units"].corr(centred["promotion"])
    assert promoted > 0.3
    ordinary = frame[~frame["promotion"]]
    yearly = ordinary.groupby(["store", ordinary["date"].dt.to_period("Q")])[["units", "price"]]
    quarter = np.log(yearly.mean()).groupby("store").transform(lambda one: one - one.mean())
    season = quarter.groupby(level=1).transform("mean")  # what all stores share in a quarter
    slope = (quarter - season)["units"].cov((quarter - season)["price"]) / (quarter - season)[
        "price"
    ].var()
    assert -1.3 < slope < -0.3, "true elasticity is -0.8"


def test_weather_calendar_and_holidays_matter(twin):
    by_month = twin[twin["product"] == "ice cream"].groupby(twin["date"].dt.month)["units"].mean()
    assert by_month[7] > 2.5 * by_month[1]
    station = twin[twin["store"] == "Station"]
    by_day = station.groupby(station["date"].dt.dayofweek)["units"].mean()
    assert by_day[6] < 0.7 * by_day[2]
    days = twin.drop_duplicates("date").set_index("date")
    assert days.loc[["2023-12-25", "2024-03-29", "2025-08-25", "2026-01-01"], "holiday"].all()
    assert days["holiday"].sum() == 24
    assert days["temperature_c"].between(-20, 40).all()
    assert (days["rain_mm"] > 0).mean() == pytest.approx(0.4, abs=0.12)


@pytest.mark.parametrize("seed", [11, 3])
def test_an_honest_model_clearly_beats_the_seasonal_naive_forecast(seed):
    from sklearn.ensemble import HistGradientBoostingRegressor

    frame = shop_sales(seed, drift=False).sort_values(["store", "product", "date"])
    by_series = frame.groupby(["store", "product"])["units"]
    frame = frame.assign(
        weekday=frame["date"].dt.dayofweek,
        day=frame["date"].dt.dayofyear,
        naive=by_series.shift(7),
        mean=by_series.transform(lambda one: one.shift(7).rolling(28).mean()),
        store=frame["store"].astype("category"),
        product=frame["product"].astype("category"),
    ).dropna()
    inputs = frame.drop(columns=["date", "units"])
    past = frame["date"] < DRIFT_START
    model = HistGradientBoostingRegressor(random_state=0, categorical_features="from_dtype")
    model.fit(inputs[past], frame.loc[past, "units"])
    ahead = frame[~past]
    error = (ahead["units"] - model.predict(inputs[~past])).abs().mean()
    naive = (ahead["units"] - ahead["naive"]).abs().mean()
    assert error < 0.75 * naive


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"seed": -1}, "Seed"),
        ({"days": 0, "drift": False}, "Days"),
        ({"days": 90}, "Drift"),
        ({"start": "someday"}, "not a day"),
    ],
)
def test_bad_arguments_are_named(arguments, says):
    with pytest.raises(BadInput, match=says) as caught:
        shop_sales(**arguments)
    assert caught.value.hint
