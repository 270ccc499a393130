"""A newcomer's first exercise, from the roadmap to the proof, beside the page it is about."""

from playwright.sync_api import expect

from tests.needs import needs

pytestmark = needs("browser")


def test_the_first_exercise_goes_from_fail_to_proven(app):
    page = app.open("", "Roadmap")
    page.get_by_role("button", name="Start", exact=True).click()
    app.settled("Load data")
    page.get_by_role("button", name="Start", exact=True).click()

    page.get_by_role("button", name="Check now").click()
    rail = page.locator(".st-key-rail")
    expect(rail.get_by_text("nothing under that name")).to_be_visible()
    app.shoot("exercise-failing")

    page.reload()
    app.settled("Load data")
    expect(rail.get_by_text("nothing under that name")).to_be_visible()

    folder = app.workspace / "exercises" / "light_up_the_shop"
    metrics = next(path for path in folder.glob("*.csv") if "day2" not in path.name)
    page.get_by_text("Path", exact=True).first.click()
    app.idle()
    path = page.get_by_role("textbox", name="Path on this machine")
    path.fill(str(metrics))
    path.press("Enter")
    app.idle()
    zone = page.get_by_role("combobox", name="carry no time zone")
    zone.click()
    zone.fill("Berlin")
    page.get_by_role("option", name="Europe/Berlin").first.click()
    app.idle()
    page.get_by_role("button", name="Load", exact=True).click()

    # The rail checks by itself once the load has landed.
    expect(rail.get_by_text("Proven.")).to_be_visible()
    app.shoot("exercise-proven")
    app.go("Roadmap")
    expect(rail.get_by_text("Proven.")).to_be_visible()
    rail.get_by_role("button", name="close").click()
    expect(rail).to_have_count(0)
    expect(page.get_by_text("1 of", exact=False).first).to_be_visible()
    app.shoot("roadmap-one-proven")
    app.healthy()
