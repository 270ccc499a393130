"""Opening an address: browser, window, or a sentence for the person."""

from pathlib import Path

import pytest

from lab.core import browsers

URL = "http://127.0.0.1:8501"


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """What was opened; there is a screen and no real browser is started."""
    calls: list[object] = []
    monkeypatch.setattr(browsers, "has_screen", lambda: True)
    monkeypatch.setattr(browsers.webbrowser, "open", lambda url: calls.append(url) or True)
    monkeypatch.setattr(browsers.subprocess, "Popen", lambda argv, **_: calls.append(argv))
    return calls


def test_nothing_is_opened_on_request(opened: list[object]) -> None:
    assert browsers.show(URL, "no") == ""
    assert opened == []


def test_server_without_screen_only_says_so(
    opened: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(browsers, "has_screen", lambda: False)
    assert "no screen" in browsers.show(URL, "browser")
    assert opened == []


def test_window_has_no_controls(opened: list[object], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(browsers, "find_browser", lambda: "/usr/bin/chromium")
    assert browsers.show(URL, "window") == ""
    assert opened == [["/usr/bin/chromium", f"--app={URL}"]]


def test_window_without_chrome_falls_back(
    opened: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(browsers, "find_browser", lambda: None)
    assert "needs Chrome" in browsers.show(URL, "window")
    assert opened == [URL]


def test_no_browser_at_all(opened: list[object], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(browsers.webbrowser, "open", lambda _: False)
    assert "open the address yourself" in browsers.show(URL, "browser")


def test_browser_is_found_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert browsers.find_browser() is None
    program = tmp_path / "chromium"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    assert browsers.find_browser() == str(program)
