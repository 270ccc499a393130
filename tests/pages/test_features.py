"""Shape features: define, watch through time, make ready, look up; and run a recipe."""

import pandas as pd
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from lab.core.jobs import Jobs
from lab.flows.features_view import kept_recipes, sets
from lab.ui.launch import APP, _navigation_owns_pages


@pytest.fixture
def page(ws, monkeypatch):
    days = pd.date_range("2026-01-01", periods=40, freq="D")
    rows = {"day": days.repeat(2), "store": ["a", "b"] * 40, "units": range(80)}
    ws.store.write("trade", pd.DataFrame(rows))
    monkeypatch.setenv("LAB_WORKSPACE", str(ws.root))
    _navigation_owns_pages()
    st.cache_resource.clear()
    st.cache_data.clear()
    at = AppTest.from_file(str(APP), default_timeout=60).run()
    at.switch_page("pages/data/features.py").run()
    assert not at.exception
    yield at
    st.cache_resource.clear()
    st.cache_data.clear()


def press(at: AppTest, label: str) -> None:
    next(button for button in at.button if button.label == label).click().run()
    assert not at.exception


def finished(ws, at, target):
    job = Jobs(ws).newest(target)
    assert Jobs(ws).wait(job.id, 120).state == "done"
    at.run()
    assert not at.exception


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
    assert any("as it was known at each moment" in one.value for one in page.caption)
    press(page, "Make ready to look up")
    finished(ws, page, "lab.flows.features_online:materialise")
    looked = next(
        t.value for t in page.dataframe if "newest_event" in t.value and len(t.value) == 2
    )
    assert looked["store"].tolist() == ["a", "b"]
    assert looked["units_7d"].notna().all()


def test_a_recipe_is_kept_and_run(ws, page):
    press(page, "Keep, learn and run")
    assert kept_recipes(ws) == ["trade_shaped"]
    finished(ws, page, "lab.flows.recipes:shape")
    assert any("trade_shaped" in one.value for one in page.markdown)
    assert ws.store.rows("SELECT count(*) FROM trade_shaped") == [(80,)]
