"""A live shop in the browser: opened, struck by a fault, seen to suffer, and well again."""

import re

from playwright.sync_api import expect

from lab.core.workspace import open_workspace
from lab.flows.live_steer import truth
from lab.flows.live_world import running_world
from tests.needs import needs

pytestmark = needs("browser")


def test_a_fault_is_injected_seen_and_recovered(app):
    page = app.open("world", "Watch the shop")
    page.get_by_role("button", name="Open the shop").click()
    drawing = page.get_by_role("img", name="Every part of the shop is well.")
    expect(drawing).to_be_visible()
    app.shoot("world")
    # The drawing is replaced in its place: nothing is built anew, so nothing flickers.
    place = drawing.locator("xpath=..").element_handle()
    app.idle()
    page.get_by_role("button", name="Instructor").click()
    page.get_by_role("button", name="Inject").click()
    expect(page.get_by_role("button", name="Recover")).to_be_visible()
    unwell = page.get_by_role("img", name=re.compile("payment is (failing|down)", re.IGNORECASE))
    expect(unwell).to_be_visible()
    assert place.evaluate("element => element.isConnected")
    app.shoot("world-fault")
    page.get_by_role("button", name="Recover").click()
    expect(drawing).to_be_visible()
    ws = open_workspace(app.workspace)
    assert [one["running"] for one in truth(ws)] == [False]
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Close the shop").click()
    expect(page.get_by_text("No shop is open")).to_be_visible()
    assert running_world(ws) is None
    app.healthy()
