"""A real app in a real Chromium: any console error, traceback or deprecation warning fails."""

import html
import re
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Error, Page, expect, sync_playwright

from lab.core.process import Child, free_port, python, start, wait_for
from tests.browser.script_runs import ScriptRuns
from tests.needs import browser_path

SHOTS = Path(__file__).parent / "screenshots"
FLAGS = [
    "--no-sandbox",
    "--disable-dev-shm-usage",  # a container's is small, and a page dies that fills it
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# On a deep link Streamlit's client first looks for its server below that address, by design.
EXPECTED_404 = re.compile(r"/\w+/_stcore/(health|host-config)$")
TROUBLE_IN_LOG = re.compile(r"Traceback|DeprecationWarning|FutureWarning|deprecated", re.IGNORECASE)
# How long anything may take to appear: jobs train and load, on a machine with other tests.
SLOW_MS = 180_000
expect.set_options(timeout=SLOW_MS)
# Streamlit unfolds a section for half a second; what is inside cannot be clicked all the while.
AT_REST = "section => Promise.allSettled(section.getAnimations().map(each => each.finished))"
# Ends once the page has come to what was due before, such as telling the app of a click.
HEARD = "() => new Promise(heard => requestAnimationFrame(() => setTimeout(heard)))"


@dataclass
class App:
    """A running app and the page that looks at it."""

    url: str
    page: Page
    workspace: Path
    log: Path
    troubles: list[str] = field(default_factory=list)
    runs: ScriptRuns = field(default_factory=ScriptRuns)

    def open(self, path: str, heading: str) -> Page:
        """Go to a page of the app by its address and wait for its heading."""
        self.page.goto(f"{self.url}/{path}")
        self.settled(heading)
        return self.page

    def go(self, name: str, heading: str | None = None) -> Page:
        """Go to a page through the navigation; its section is opened where it is closed."""
        navigation = self.page.locator(".st-key-navigation")
        # The links come after the sections: before that, nothing says which section to open.
        link = navigation.locator("a").filter(has=self.page.get_by_text(name, exact=True))
        expect(link).to_be_attached()
        section = link.locator("xpath=ancestor::details")
        if section.count() and not section.evaluate("section => section.open"):
            section.locator("summary").click()
            section.evaluate(AT_REST)
        link.click()
        self.settled(heading or name)
        return self.page

    def settled(self, heading: str) -> None:
        """Wait until a page's heading is there and its script has ended."""
        expect(self.page.get_by_role("heading", name=heading, exact=True)).to_be_visible()
        self.idle()

    def idle(self) -> None:
        """Wait until whatever was clicked has been answered, and is drawn."""
        running = '[data-testid="stApp"][data-test-script-state="running"]'
        deadline = time.monotonic() + SLOW_MS / 1000
        self.page.wait_for_timeout(250)
        self.page.evaluate(HEARD)
        while self.runs.awaited and time.monotonic() < deadline:
            self.page.wait_for_timeout(50)
        assert not self.runs.awaited, f"no end of {self.runs}"
        expect(self.page.locator(running)).to_have_count(0)

    def shoot(self, name: str) -> None:
        """Keep a picture of the page in both themes."""
        SHOTS.mkdir(exist_ok=True)
        for theme in ("dark", "light"):
            self.page.emulate_media(color_scheme=theme)
            self.page.wait_for_timeout(400)
            self.page.screenshot(path=SHOTS / f"{name}-{theme}.png")

    def healthy(self) -> None:
        """Nothing went wrong on any page so far, nor in the log of the app."""
        assert self.troubles == []
        assert not TROUBLE_IN_LOG.search(self.log.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One browser for a module; a driver left open would keep others from starting theirs."""
    with sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=browser_path(), args=FLAGS, timeout=SLOW_MS
        )
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def app(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """The app on a fresh workspace, and a page at 1440 by 900."""
    folder = tmp_path_factory.mktemp("app")
    child, port, log = _serve(folder)
    context = chromium.new_context(viewport={"width": 1440, "height": 900}, color_scheme="light")
    context.set_default_timeout(SLOW_MS)
    running = App(f"http://127.0.0.1:{port}", context.new_page(), folder / "workspace", log)
    _watch(running)
    yield running
    context.close()
    child.stop()
    _index()


def _serve(folder: Path) -> tuple[Child, int, Path]:
    port, log = free_port(), folder / "app.log"
    argv = python("lab.ui.launch", "--port", str(port), "--workspace", str(folder / "workspace"))
    child = start(argv, log, port=port)
    wait_for(f"http://127.0.0.1:{port}/_stcore/health", child, log, SLOW_MS / 1000)
    return child, port, log


def _watch(app: App) -> None:
    def said(message: ConsoleMessage) -> None:
        place = message.location.get("url", "")
        if message.type == "error" and not EXPECTED_404.search(place):
            app.troubles.append(f"{message.text} ({place})")

    app.page.on("websocket", app.runs.listen)
    app.page.on("console", said)
    app.page.on("pageerror", lambda error: app.troubles.append(str(error)))
    app.page.on(
        "request",
        lambda request: (
            app.troubles.append(f"outside call: {request.url}")
            if not request.url.startswith(
                (app.url, app.url.replace("http", "ws"), "data:", "blob:")
            )
            else None
        ),
    )


def _index() -> None:
    """One page to look through every screenshot."""
    cards = "".join(
        f'<figure><img src="{html.escape(shot.name)}" width="720"><figcaption>{shot.stem}'
        "</figcaption></figure>"
        for shot in sorted(SHOTS.glob("*.png"))
    )
    (SHOTS / "index.html").write_text(
        f'<!doctype html><meta charset="utf-8"><title>Screenshots</title>{cards}', encoding="utf-8"
    )


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Keep a picture of the page on which a test failed, and what its console said."""
    report = yield
    running = getattr(item, "funcargs", {}).get("app")
    if report.failed and isinstance(running, App):
        report.sections.append(("console of the page", "\n".join(running.troubles)))
        SHOTS.mkdir(exist_ok=True)
        with suppress(Error):  # of a browser that has died there is none
            running.page.screenshot(path=SHOTS / f"failed-{item.name.partition('[')[0]}.png")
    return report
