"""A hostile report in a real browser: it draws, but reaches neither the app nor the network."""

import http.server
import threading
from html import escape

import pytest
from playwright.sync_api import expect, sync_playwright

from lab.mlops.drift.safe_html import frame, guarded
from tests.mlops.drift.hostile import hostile_report
from tests.needs import browser_path, needs

pytestmark = needs("browser")

# The rights that Streamlit's own frame has.
RIGHTS = "allow-forms allow-modals allow-popups allow-same-origin allow-scripts allow-downloads"
LATE_MS = 180_000
AFTER_MS = 1000  # beyond the moment at which an unguarded page was heard
ATTACKS = [
    "top.document.title = 'owned'",
    "parent.document.body.innerHTML = 'owned'; top.document.title = 'owned'",
    "fetch('{url}/fetch')",
    "new Image().src = '{url}/image'",
    "navigator.sendBeacon('{url}/beacon', 'x')",
    "document.body.innerHTML = '<link rel=stylesheet href={url}/css><iframe src={url}/frame>'",
    "location = '{url}/location'",
    "top.location = '{url}/top'",
    "open('{url}/open')",
    "document.body.innerHTML = '<form id=f action={url}/form></form>'; f.submit()",
]


class Listener(http.server.ThreadingHTTPServer):
    """Notes every path that is asked for."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Answer)
        self.heard = []
        self.url = f"http://127.0.0.1:{self.server_port}"


class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.heard.append(self.path)
        self.send_response(200)
        self.end_headers()

    do_POST = do_GET

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def listener():
    with Listener() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture(scope="module")
def chromium():
    with sync_playwright() as driver:
        flags = ["--no-sandbox", "--disable-dev-shm-usage"]
        browser = driver.chromium.launch(
            executable_path=browser_path(), args=flags, timeout=LATE_MS
        )
        yield browser
        browser.close()


def shown(browser, document, folder):
    """A page with the document in a frame, as Streamlit shows one."""
    app = folder / "app.html"
    app.write_text(
        "<!doctype html><title>the app</title>"
        f'<iframe sandbox="{RIGHTS}" width=1200 height=900 srcdoc="{escape(document)}"></iframe>'
    )
    page = browser.new_page()
    page.set_default_timeout(LATE_MS)
    page.outside = []
    inside = ("file:", "about:", "data:", "blob:")
    page.on("request", lambda r: None if r.url.startswith(inside) else page.outside.append(r.url))
    page.goto(app.as_uri())
    return page


def scripted(attack, url):
    return f"<html><head></head><body><script>{attack.replace('{url}', url)}</script></body></html>"


@pytest.fixture(scope="module")
def attacked(chromium, listener, tmp_path_factory):
    """Every attack in a guarded page of its own, and all of them given time.

    Last comes a page without guards: what it does shows that the others would have been heard.
    """
    pages = {}
    for number, attack in enumerate(ATTACKS):
        document = frame(guarded(scripted(attack, f"{listener.url}/{number}")))
        pages[attack] = shown(chromium, document, tmp_path_factory.mktemp("attack"))
    open_door = scripted("top.document.title = 'owned'; fetch('{url}/control')", listener.url)
    control = shown(chromium, open_door, tmp_path_factory.mktemp("control"))
    expect(control).to_have_title("owned", timeout=LATE_MS)
    for _ in range(LATE_MS // AFTER_MS):
        control.wait_for_timeout(AFTER_MS)
        if listener.heard:
            break
    control.wait_for_timeout(AFTER_MS)
    return pages


def test_the_report_draws_but_cannot_touch_the_app_or_call_out(chromium, tmp_path):
    page = shown(chromium, frame(hostile_report().html), tmp_path)
    inner = page.frame_locator("iframe").frame_locator("iframe")
    expect(inner.locator("svg").first).to_be_visible(timeout=LATE_MS)
    assert "drift" in inner.locator("body").inner_text().lower()
    page.wait_for_timeout(AFTER_MS)
    assert page.title() == "the app"
    assert page.outside == []


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_script_that_got_in_anyway_gets_nowhere(attacked, listener, attack):
    assert attacked[attack].title() == "the app"
    mine = f"/{ATTACKS.index(attack)}/"
    assert not [path for path in listener.heard if path.startswith(mine)]


def test_the_listener_would_hear_an_unguarded_page(attacked, listener):
    """The control: without the guards the same attacks succeed."""
    assert listener.heard == ["/control"]
