"""Start-up and page figures: import, first paint of a second start, warm rerun of every page.

Run it with ``.venv/bin/python -m tests.bench.start_up``. The peer is Streamlit itself: its
import, and an app of a single line of text started and rerun in the same way.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from lab.core.process import Child, free_port, python, start
from tests.bench.measure import median_of, record, row

ROOT = Path(__file__).parents[2]
COMMAND = ".venv/bin/python -m tests.bench.start_up"
BARE = 'import streamlit as st\nst.title("Bare")\nst.write("One line of text.")\n'


def import_seconds(module: str) -> float:
    """Wall time of a fresh interpreter that imports a module, less an empty one's."""

    def once(code: str) -> float:
        began = time.perf_counter()
        subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)
        return time.perf_counter() - began

    return median_of(lambda: once(f"import {module}"), 7) - median_of(lambda: once("pass"), 7)


def first_paint(argv: list[str], port: int, heading: str, folder: Path) -> float:
    """Seconds from starting a server until Chromium shows the page's heading."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        began = time.perf_counter()
        child = start(argv, folder / "app.log", env={"LAB_WORKSPACE": str(folder / "w")})
        try:
            _goto(page, f"http://127.0.0.1:{port}", child)
            page.get_by_role("heading", name=heading).wait_for(timeout=60_000)
            return time.perf_counter() - began
        finally:
            browser.close()
            child.stop()


def _goto(page: object, url: str, child: Child) -> None:
    from playwright.sync_api import Error

    while child.alive:
        try:
            page.goto(url)  # type: ignore[attr-defined]
            return
        except Error:
            time.sleep(0.02)
    raise RuntimeError("the server ended before it answered")


def paints(folder: Path) -> tuple[float, float]:
    """First paint of our second start and of the bare app."""
    bare = folder / "bare.py"
    bare.write_text(BARE, encoding="utf-8")

    def ours() -> float:
        port = free_port()
        argv = python("lab.ui.launch", "--port", str(port), "--workspace", str(folder / "w"))
        return first_paint(argv, port, "Roadmap", folder)

    def theirs() -> float:
        port = free_port()
        argv = python("streamlit", "run", str(bare), "--server.port", str(port))
        argv += ["--server.address", "127.0.0.1", "--server.headless", "true"]
        return first_paint(argv, port, "Bare", folder)

    ours()  # the first start makes the workspace; the second is what people live with
    return median_of(ours, 3), median_of(theirs, 3)


def rerun_seconds(page: str | None) -> float:
    """Warm rerun of a page of ours, or of the bare one."""
    from streamlit.testing.v1 import AppTest

    if page is None:
        test = AppTest.from_string(BARE).run()
    else:
        test = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
        test = test.switch_page(page).run()
    test.run()

    def once() -> float:
        began = time.perf_counter()
        test.run()
        return time.perf_counter() - began

    return median_of(once, 9)


def main() -> None:
    """Measure everything and write it down."""
    peer = import_seconds("streamlit")
    rows = [row("`import lab`", import_seconds("lab"), "`import streamlit`", peer)]
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name)
        ours, theirs = paints(folder)
        rows.append(row("first paint, second start", ours, "a one-line Streamlit app", theirs))
        os.environ["LAB_WORKSPACE"] = str(folder / "w")
        _fill(folder / "w")
        bare = rerun_seconds(None)
        for path in sorted((ROOT / "pages").rglob("*.py")):
            page = path.relative_to(ROOT).as_posix()
            rows.append(row(f"warm rerun, {page}", rerun_seconds(page), "the one-line app", bare))
    record("Start-up and pages", COMMAND, rows)


def _fill(root: Path) -> None:
    """Put the whole main job into the workspace, so that pages have something to show."""
    from lab.core.progress import drain
    from lab.core.workspace import open_workspace
    from lab.flows.demo import demo

    drain(demo(open_workspace(root)))


if __name__ == "__main__":
    main()
