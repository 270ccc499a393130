"""The whole main job as a person does it: load, detect, train, gate, drift, serve, predict.

The steps build on each other, in file order, on one workspace.
"""

import time

import pytest
from playwright.sync_api import expect

from lab.core.jobs import Jobs
from lab.core.workspace import open_workspace
from lab.flows import serve
from tests.needs import needs

pytestmark = needs("browser")

JOB_MS = 400_000
OWN = "day,shop,cups,sunny\n" + "".join(
    f"2026-0{1 + day // 28}-{1 + day % 28:02d},{shop},{40 + 3 * (day % 7)},{day % 2 == 0}\n"
    for day in range(56)
    for shop in ("north", "south")
)


def choose(app, label, option):
    """Pick an option of a select box by what it is called."""
    app.page.get_by_role("combobox", name=label).first.click()
    app.page.get_by_role("option", name=option).first.click()
    app.idle()


def press(app, name):
    """Press the first button of that name, once it can be pressed."""
    button = app.page.get_by_role("button", name=name, exact=True).first
    expect(button).to_be_enabled()
    button.click()


def run(app, button, target):
    """Press a button that starts a job, and wait until that very job is done."""
    jobs = Jobs(open_workspace(app.workspace))
    before = jobs.newest(f"lab.flows.{target}")
    press(app, button)
    deadline = time.monotonic() + JOB_MS / 1000
    while time.monotonic() < deadline:
        job = jobs.newest(f"lab.flows.{target}")
        if job and (before is None or job.id != before.id) and not job.active:
            assert job.state == "done", f"{job.message} {job.hint}"
            expect(app.page.get_by_role("button", name="Cancel")).to_have_count(0)
            app.idle()
            return
        app.page.wait_for_timeout(200)
    pytest.fail(f"{button} did not end in time")


def seen(app, text):
    """Wait until a text stands on the page."""
    expect(app.page.get_by_text(text).first).to_be_visible()
    app.idle()


def test_upload_a_file_of_ones_own(app, tmp_path):
    own = tmp_path / "coffee.csv"
    own.write_text(OWN + "2026-02-30,north,many,maybe\n", encoding="utf-8")
    page = app.open("load", "Load data")
    page.get_by_text("Upload", exact=True).click()
    page.locator('input[type="file"]').set_input_files(own)
    seen(app, "coffee.csv")
    run(app, "Load", "ingest:ingest")
    seen(app, "1 rejected")
    app.shoot("load-own-file")
    assert open_workspace(app.workspace).store.rows("SELECT count(*) FROM coffee") == [(112,)]
    app.healthy()


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Three years of daily shop sales", "sales"),
        ("A fortnight of ten cloud hosts", "host_metrics"),
    ],
)
def test_load_a_bundled_set(app, title, name):
    page = app.open("load", "Load data")
    page.get_by_text("Bundled set", exact=True).click()
    app.idle()
    choose(app, "Data set", title)
    run(app, "Load", "ingest:ingest")
    seen(app, "0 rejected")
    app.shoot(f"load-{name}")
    app.healthy()


def test_explore_and_query(app):
    page = app.open("explore", "Explore")
    app.shoot("explore")
    page.get_by_role("radio", name="SQL").or_(page.get_by_text("SQL", exact=True)).first.click()
    app.idle()
    page.get_by_role("textbox").first.fill(
        "SELECT store, sum(units) AS units FROM sales GROUP BY 1"
    )
    page.keyboard.press("Control+Enter")  # otherwise the click that leaves the box would send it
    app.idle()
    press(app, "Run")
    seen(app, "5 rows")
    app.shoot("explore-sql")
    app.healthy()


def test_find_anomalies(app):
    app.open("anomalies", "Find anomalies")
    run(app, "Find anomalies", "detect:detect")
    seen(app, "events on")
    app.shoot("anomalies")
    app.healthy()


def test_train_a_model(app):
    app.open("train", "Train a model")
    choose(app, "Table", "sales")
    choose(app, "Model", "Ridge")
    run(app, "Train", "train:train")
    seen(app, "Beats the baseline")
    app.shoot("train")
    app.go("Compare runs")
    app.shoot("runs")
    app.healthy()


def test_a_run_becomes_champion_through_its_gate(app):
    app.open("registry", "Registry")
    run(app, "Ask the gate", "registry:register")
    seen(app, "Version 1 of shop-sales is champion")
    app.shoot("registry")
    app.healthy()


def test_inspect_drift(app):
    app.open("drift", "Inspect drift")
    choose(app, "Table", "sales")
    run(app, "Compare", "drift:drift")
    seen(app, "columns drifted")
    app.shoot("drift")
    app.healthy()


@needs("docker")
def test_build_launch_and_ask_a_container(app):
    page = app.open("serve", "Serve a model")
    run(app, "Build image", "serve:build")
    run(app, "Launch", "serve:launch")
    seen(app, "Healthy")
    app.shoot("serve")
    press(app, "Predict")
    seen(app, "Equal to the local model")
    app.shoot("serve-predicted")
    ws = open_workspace(app.workspace)
    assert {info.backend for info in serve.endpoints(ws)} == {"docker"}
    press(app, "Remove")
    expect(page.get_by_text("Healthy")).to_have_count(0)
    app.idle()
    assert serve.endpoints(ws) == []
    app.healthy()
