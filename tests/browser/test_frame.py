"""Every page, empty, in its frame, whichever address a visitor comes by."""

import pytest
from playwright.sync_api import expect

from tests.needs import needs

pytestmark = needs("browser")

PAGES = {
    "": "Roadmap",
    "load": "Load data",
    "prometheus": "Read Prometheus",
    "explore": "Explore",
    "world": "Watch the shop",
    "anomalies": "Find anomalies",
    "rehearse": "Rehearse faults",
    "train": "Train a model",
    "runs": "Compare runs",
    "registry": "Registry",
    "serve": "Serve a model",
    "drift": "Inspect drift",
    "doctor": "Settings",
}


@pytest.mark.parametrize(("path", "heading"), PAGES.items(), ids=[p or "home" for p in PAGES])
def test_a_deep_link_shows_the_page_inside_the_frame(app, path, heading):
    page = app.open(path, heading)
    expect(page.get_by_test_id("stSidebarNav")).to_be_visible()
    expect(page.get_by_test_id("stAlert").filter(has_text="broke")).to_have_count(0)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    app.shoot(f"empty-{path or 'home'}")
    app.healthy()
