"""The app process: ``python -m lab.ui.launch --port 8501``.

It settles everything that must be true before Streamlit is imported (telemetry off, secrets,
one app per workspace), then serves ``app.py`` until it is told to stop.
"""

import argparse
import logging
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lab.core.config import PROJECT
from lab.core.errors import LabError
from lab.core.process import QUIET
from lab.core.running import claim
from lab.core.secrets import COOKIE, load_secrets
from lab.core.workspace import Workspace, open_workspace

if TYPE_CHECKING:
    from streamlit import App

LOG = logging.getLogger("lab.launch")
APP = PROJECT / "app.py"
CANNOT_START = 1


def main(argv: Sequence[str] | None = None) -> int:
    """Serve the app until a signal stops it.

    Args:
        argv: Command line without the program; the process's own when not given.

    Returns:
        0 after an orderly stop, 1 with one sentence on standard error otherwise.
    """
    args = _arguments(argv)
    os.environ.update({**QUIET, **os.environ})
    try:
        serve(open_workspace(args.workspace), args.address, args.port)
    except LabError as error:
        print(error, file=sys.stderr)
        return CANNOT_START
    return 0


def serve(ws: Workspace, address: str, port: int, script: Path = APP) -> None:
    """Serve ``app.py`` on a workspace, alone, and leave nothing running behind.

    Args:
        ws: The workspace; every page finds it through ``LAB_WORKSPACE``.
        address: Address to listen on; loopback everywhere but inside a container.
        port: Port to listen on, 1 to 65535.
        script: The entry script; its folder holds ``pages/`` and ``.streamlit/``.

    Raises:
        LabError: The workspace is in use, or a secret is weak.
    """
    os.environ["LAB_WORKSPACE"] = str(ws.root)
    os.environ[COOKIE] = load_secrets(ws)[COOKIE]
    # uvicorn ends by raising the signal again; without this, SIGTERM would skip the clean-up.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with claim(ws, f"http://127.0.0.1:{port}") as instance:
        try:
            build(instance.token, script).run(
                config={
                    "server.address": address,
                    "server.port": port,
                    # Otherwise Streamlit asks the internet for its own address in a container.
                    "browser.serverAddress": "localhost",
                    "server.maxUploadSize": ws.settings.max_upload_mb,
                }
            )
        except KeyboardInterrupt:
            LOG.info("stopped by Ctrl-C")


def build(token: str, script: Path = APP) -> "App":
    """Make the server around the entry script.

    Args:
        token: Text that ``/api/ready`` repeats.
        script: The entry script.

    Returns:
        The app, not yet listening.
    """
    import streamlit as st
    from starlette.middleware import Middleware
    from starlette.requests import Request
    from starlette.responses import JSONResponse
    from starlette.routing import Route

    from lab.ui.doorkeeper import Doorkeeper

    def ready(_: Request) -> JSONResponse:
        return JSONResponse({"ready": True, "token": token})

    # Streamlit looks for its configuration and the pages beside the program's own file.
    sys.argv[:] = [str(script)]
    _navigation_owns_pages()
    return st.App(
        script,
        routes=[Route("/api/ready", ready)],
        middleware=[Middleware(Doorkeeper)],
    )


def _navigation_owns_pages() -> None:
    """Tell Streamlit that the ``pages/`` folder is ours, not its own page list.

    Without it, the first visitor with a deep link on a fresh server gets the page alone,
    outside the frame that ``app.py`` draws.
    """
    from streamlit.runtime.pages_manager import PagesManager

    if hasattr(PagesManager, "uses_pages_directory"):
        PagesManager.uses_pages_directory = False
    else:
        LOG.warning("Streamlit has changed: a first deep link may show a page without its frame")


def _arguments(argv: Sequence[str] | None) -> Any:
    parser = argparse.ArgumentParser(prog="lab.ui.launch", description=__doc__)
    parser.add_argument("--port", type=int, default=8501)
    parser.add_argument("--address", default="127.0.0.1")
    parser.add_argument("--workspace", default=None)
    return parser.parse_args(argv)


if __name__ == "__main__":
    sys.exit(main())
