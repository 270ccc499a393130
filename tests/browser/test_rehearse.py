"""Faults over a person's own metrics in the browser: tried on, rehearsed, judged."""

from playwright.sync_api import expect

from lab.core.workspace import open_workspace
from tests.flows.metrics import load_hosts
from tests.needs import needs

pytestmark = needs("browser")


def test_faults_are_tried_on_rehearsed_and_judged(app):
    load_hosts(open_workspace(app.workspace), dataset="mine", labels=False,
               seed=7, days=3, hosts=1, incidents=False)  # fmt: skip
    page = app.open("rehearse", "Rehearse faults")
    expect(page.get_by_text("On your own series")).to_be_visible()
    expect(page.get_by_text("Memory leaks").first).to_be_visible()
    app.idle()
    app.shoot("rehearse-try-on")
    page.get_by_role("button", name="Rehearse", exact=True).click()
    expect(page.get_by_text("on your untouched data").first).to_be_visible()
    app.idle()
    app.shoot("rehearse")
    page.get_by_role("tab", name="What was caught").click()
    expect(page.get_by_text("proves nothing")).to_be_visible()
    app.idle()
    app.shoot("rehearse-caught")
    app.healthy()
