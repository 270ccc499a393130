import numpy as np
import pandas as pd
import pytest

from lab.core.errors import BadInput, NotFound
from lab.mlops.models.infer import group_columns, infer, time_column
from lab.world.trade.sales import shop_sales
from tests.mlops.models.sample import sales


def test_the_bundled_sales_need_no_help():
    recipe = infer(shop_sales(days=200), "units").recipe
    assert recipe.time == "date"
    assert recipe.groups == ("store", "product")
    assert recipe.numeric == ("price", "promotion", "holiday", "temperature_c", "rain_mm")
    assert (recipe.season, recipe.horizon, recipe.lags) == (7, 7, (7, 14, 21, 28))


def test_an_own_hourly_table_with_a_text_time_and_a_weather_label():
    hours = pd.date_range("2026-01-01", periods=24 * 40, freq="h")
    rng = np.random.default_rng(0)
    table = pd.DataFrame({
        "when": hours.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "sky": rng.choice(["sun", "rain"], len(hours)),
        "load": rng.uniform(1, 2, len(hours)),
        "site": "one",
    })  # fmt: skip
    found = infer(table, "load")
    assert found.recipe.time == "when"
    assert found.recipe.groups == ()
    assert found.recipe.categorical == ("sky",)
    assert (found.recipe.season, found.recipe.horizon) == (24, 24)
    assert found.notes == ("site is left out: it is always the same.",)


def test_monthly_and_weekly_tables_have_a_year_as_season():
    months = pd.date_range("2018-01-01", periods=96, freq="MS")
    monthly = pd.DataFrame({"month_start": months, "y": np.arange(96.0) % 12})
    recipe = infer(monthly, "y").recipe
    assert (recipe.season, recipe.horizon, recipe.naive_lag) == (12, 1, 12)
    weeks = pd.date_range("2020-01-06", periods=260, freq="7D")
    weekly = pd.DataFrame({"week": weeks, "y": np.arange(260.0) % 5})
    assert infer(weekly, "y").recipe.season == 52


def test_whole_numbers_can_tell_rows_apart_and_no_more_columns_than_needed_do():
    table = sales(60, 3).assign(store=lambda t: t["store"].str[-1].astype(int), kind="a")
    assert group_columns(table, table["date"], "units") == ("store",)
    both = sales(60, 3).assign(region=lambda t: np.where(t["store"] == "shop 0", "n", "s"))
    both = both[["date", "region", "store", "units"]]
    assert group_columns(both, both["date"], "units") == ("store",)


@pytest.mark.parametrize(
    ("column", "message"),
    [
        (["a", "b"] * 30, "is str, not a number"),
        ([True, False] * 30, "is bool, not a number"),
        ([3.0] * 60, "is always 3"),
        ([np.nan] * 60, "is empty"),
        ([1.0, np.inf] * 30, "is infinite in 30 rows"),
    ],
)
def test_targets_that_cannot_be_learned_are_refused(column, message):
    table = sales(60, 1).assign(units=column)
    with pytest.raises(BadInput, match=message) as caught:
        infer(table, "units")
    assert caught.value.hint


def test_a_table_without_times_is_refused():
    with pytest.raises(BadInput, match="No column of the table holds times"):
        infer(pd.DataFrame({"y": [1.0, 2.0], "name": ["a", "b"]}), "y")


def test_a_column_named_like_a_time_wins():
    table = pd.DataFrame({"born": ["1990-01-01"] * 3, "date": ["2026-01-01"] * 3, "y": [1, 2, 3]})
    assert time_column(table, "y") == "date"


def test_rows_that_nothing_tells_apart_are_refused():
    table = pd.concat([sales(60, 1)] * 2)
    with pytest.raises(BadInput, match="no column tells them apart"):
        infer(table, "units")


def test_irregular_times_are_refused_with_a_way_out():
    rng = np.random.default_rng(0)
    times = pd.Timestamp("2026-01-01") + pd.to_timedelta(np.sort(rng.uniform(0, 1e6, 300)), "s")
    with pytest.raises(BadInput, match="keep no regular step") as caught:
        infer(pd.DataFrame({"t": times, "y": rng.random(300)}), "y")
    assert "Sum the rows up" in caught.value.hint


def test_too_few_times_are_refused():
    with pytest.raises(BadInput, match="10 different times"):
        infer(sales(10, 2), "units")


@pytest.mark.parametrize("leak", [lambda y: y, lambda y: 3.5 * y - 2])
def test_the_target_under_another_name_is_refused_until_it_is_left_out(leak):
    table = sales(90, 2).assign(sold=lambda t: leak(t["units"]))
    with pytest.raises(BadInput, match="'sold' is the target 'units' under another name"):
        infer(table, "units")
    assert "sold" not in infer(table, "units", leave_out=["sold"]).recipe.features


def test_a_feature_too_good_to_be_known_ahead_is_noted():
    rng = np.random.default_rng(0)
    table = sales(200, 2)
    table["revenue"] = table["units"] * (3 + rng.normal(0, 0.2, len(table)))
    notes = infer(table, "units").notes
    assert len(notes) == 1
    assert "revenue follows units almost exactly" in notes[0]


def test_unknown_columns_are_named_with_the_near_ones():
    with pytest.raises(NotFound, match=r"'unit'\. Did you mean units"):
        infer(sales(60, 1), "unit")


def test_odd_columns_are_left_out_with_the_reason():
    table = sales(90, 1)
    table["note"] = [f"text {i}" for i in range(90)]
    table["ratio"] = np.where(np.arange(90) % 9 == 0, np.inf, 0.5)
    notes = infer(table, "units").notes
    assert notes[1:] == (
        "note is left out: 90 values are too many for a label.",
        "ratio is left out: it holds infinite values.",
    )


def test_a_clash_with_a_made_feature_is_refused():
    table = sales(90, 1).assign(units_lag_7=lambda t: t["price"])
    with pytest.raises(BadInput, match="'units_lag_7' has the name of a feature"):
        infer(table, "units")
