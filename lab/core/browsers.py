"""Open an address for a person: in the browser, in a plain window, or not at all."""

import os
import shutil
import subprocess
import sys
import webbrowser
from pathlib import Path

NAMES = (
    "google-chrome",
    "google-chrome-stable",
    "chromium",
    "chromium-browser",
    "microsoft-edge",
    "microsoft-edge-stable",
    "chrome",
    "msedge",
)
MAC = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
)
WINDOWS = ("Google/Chrome/Application/chrome.exe", "Microsoft/Edge/Application/msedge.exe")


def find_browser() -> str | None:
    """The first browser that can open a window without controls, as a path."""
    on_path = filter(None, map(shutil.which, NAMES))
    roots = filter(None, map(os.environ.get, ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA")))
    fixed = [*map(Path, MAC), *(Path(root) / name for root in roots for name in WINDOWS)]
    return next(on_path, next((str(path) for path in fixed if path.is_file()), None))


def show(url: str, how: str) -> str:
    """Open an address.

    Args:
        url: The address.
        how: ``browser``, ``window`` (no browser controls) or ``no``.

    Returns:
        What the person should know, or nothing.
    """
    if how == "no":
        return ""
    if not has_screen():
        return "There is no screen here: open the address in a browser."
    program = find_browser() if how == "window" else None
    if program is not None:
        subprocess.Popen(
            [program, f"--app={url}"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        return ""
    opened = webbrowser.open(url)
    if not opened:
        return "No browser could be opened: open the address yourself."
    if how == "window":
        return "A window needs Chrome, Chromium or Edge; the usual browser was opened instead."
    return ""


def has_screen() -> bool:
    """Whether a window could appear; on a server a text browser would take the terminal."""
    if sys.platform in ("win32", "darwin"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
