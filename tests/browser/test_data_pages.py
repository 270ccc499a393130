"""Contracts, the catalogue and features in a real browser, empty and filled, in both themes."""

from lab.core.progress import drain
from lab.core.workspace import open_workspace
from lab.flows.contracts import keep_contract, suggest_contract
from lab.flows.features import keep_features
from lab.flows.features_view import NEW, features_text
from lab.flows.ingest import ingest
from lab.flows.quality import check_quality
from tests.needs import needs

pytestmark = needs("browser")
PAGES = {"catalogue": "Find data", "quality": "Check quality", "features": "Shape features"}


def test_data_pages_empty(app):
    for path, heading in PAGES.items():
        app.open(path, heading)
        app.shoot(f"{path}-empty")
    app.healthy()


def test_data_pages_filled(app):
    ws = open_workspace(app.workspace)
    drain(ingest(ws, "shop_sales"))
    strict = suggest_contract(ws, "sales").replace("most: 8.4", "most: 5")
    keep_contract(ws, "sales", strict)
    drain(check_quality(ws, "sales"))
    keep_features(ws, features_text(ws, NEW, "sales"))
    app.open("quality", "Check quality")
    app.shoot("quality-promises")
    for tab in ("Bad rows", "By column", "Over time"):
        app.page.get_by_role("tab", name=tab).click()
        app.idle()
        app.shoot(f"quality-{tab.lower().replace(' ', '-')}")
    app.open("features", "Shape features")
    app.shoot("features")
    app.page.get_by_role("tab", name="Recipes").click()
    app.shoot("features-recipes")
    app.open("catalogue", "Find data")
    app.page.get_by_role("combobox", name="Data set").first.click()
    app.page.get_by_role("option", name="Temperature of a machine").first.click()
    app.idle()
    app.shoot("catalogue")
    app.healthy()
