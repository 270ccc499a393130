import pytest

from lab.mlops.models.recipe import Recipe


@pytest.mark.parametrize(
    ("season", "horizon", "lag"), [(7, 1, 7), (7, 7, 7), (7, 8, 14), (24, 25, 48), (12, 1, 12)]
)
def test_the_naive_lag_is_the_youngest_same_slot_already_known(season, horizon, lag):
    recipe = Recipe("y", "t", season=season, horizon=horizon)
    assert recipe.naive_lag == lag
    assert lag >= horizon
    assert lag % season == 0


def test_features_name_every_column_once_in_a_fixed_order():
    recipe = Recipe("units", "date", ("store",), ("price",), ("weather",))
    assert recipe.features[:2] == ("store", "weather")
    assert len(set(recipe.features)) == len(recipe.features)
    assert "hour" not in recipe.calendar
    assert "hour" in Recipe("y", "t", step_seconds=3600.0).calendar
    assert "day_of_week" not in Recipe("y", "t", step_seconds=7 * 86_400.0).calendar
