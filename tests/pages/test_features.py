"""Shape features: define, watch through time, make ready, look up; and run a recipe."""

import pandas as pd
import pytest

from lab.flows.features_view import kept_recipes, sets
from tests.pages.visit import finished, press


@pytest.fixture
def page(ws, opened):
    days = pd.date_range("2026-01-01", periods=40, freq="D")
    rows = {"day": days.repeat(2), "store": ["a", "b"] * 40, "units": range(80)}
    ws.store.write("trade", pd.DataFrame(rows))
    return opened("pages/data/features.py")


def test_a_set_is_defined_watched_and_looked_up(ws, page):
    text = page.text_area[0]
    text.set_value(text.value.replace("how: mean", "how: median"))
    press(page, "Keep")
    assert any("Not kept" in box.value for box in page.error)
    page.text_area[0].set_value(text.value.replace("how: median", "how: mean"))
    press(page, "Keep")
    assert sets(ws) == ["trade_features"]
    page.selectbox(key="features.set").select("trade_features").run()
    assert not page.exception
    kept = page.text_area[0].value
    page.text_area[0].set_value("name: another").run()
    page.selectbox(key="features.set").select("A new one").run()
    page.selectbox(key="features.set").select("trade_features").run()
    assert page.text_area[0].value == kept
    assert any("as it was known at each moment" in one.value for one in page.caption)
    press(page, "Make ready to look up")
    assert finished(ws, page, "lab.flows.features_online:materialise").state == "done"
    looked = next(
        t.value for t in page.dataframe if "newest_event" in t.value and len(t.value) == 2
    )
    assert looked["store"].tolist() == ["a", "b"]
    assert looked["units_7d"].notna().all()


def test_what_cannot_be_kept_is_said_and_the_page_goes_on(ws, page):
    page.text_area[0].set_value(page.text_area[0].value.replace("trade\n", "nowhere\n", 1))
    press(page, "Keep")
    assert any("There is no table named 'nowhere'" in box.value for box in page.error)
    page.text_input[0].set_value("bad name!")
    press(page, "Keep, learn and run")
    assert any("Recipe 'bad name!' cannot be used" in box.value for box in page.error)
    assert [tab.label for tab in page.tabs] == ["Features", "Recipes"]
    assert kept_recipes(ws) == []


def test_a_recipe_is_kept_and_run(ws, page):
    press(page, "Keep, learn and run")
    assert kept_recipes(ws) == ["trade_shaped"]
    assert finished(ws, page, "lab.flows.recipes:shape").state == "done"
    assert any("trade_shaped" in one.value for one in page.markdown)
    assert ws.store.rows("SELECT count(*) FROM trade_shaped") == [(80,)]
