"""Every page, empty, in its frame, whichever address a visitor comes by, and how to get about."""

import re

import pytest
from playwright.sync_api import expect

from tests.needs import needs

pytestmark = needs("browser")

MOST_OPEN = 9
PAGES = {
    "": "Roadmap",
    "roadmap": "Roadmap",
    "catalogue": "Find data",
    "load": "Load data",
    "prometheus": "Read Prometheus",
    "stream": "Stream data",
    "quality": "Check quality",
    "features": "Shape features",
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
    current = page.locator(".st-key-navigation").get_by_role("link", name=heading, exact=True)
    expect(current).to_be_visible()
    expect(page.get_by_test_id("stAlert").filter(has_text="broke")).to_have_count(0)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    expect(page.get_by_role("dialog")).to_have_count(0)
    app.shoot(f"empty-{path or 'home'}")
    app.healthy()


def test_one_section_is_open_at_a_time_and_it_holds_the_current_page(app):
    page = app.open("drift", "Inspect drift")
    links = page.locator(".st-key-navigation").get_by_role("link")
    expect(links.get_by_role("paragraph")).to_have_text(["Roadmap", "Inspect drift", "Settings"])
    app.go("Explore")
    expect(links).to_have_count(MOST_OPEN)
    expect(page).to_have_url(re.compile("/explore$"))
    app.go("Rehearse faults")
    opened = page.locator(".st-key-navigation details[open] summary")
    expect(opened).to_have_count(1)
    expect(opened.get_by_role("paragraph")).to_have_text("Operate")
    app.healthy()
