"""What stands before Streamlit's own routes: foreign host names and metrics are turned away."""

from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

# Open by default, and it names the functions of the app.
CLOSED = ("/_stcore/metrics",)


class Doorkeeper:
    """ASGI middleware; Streamlit itself checks the host name on its websocket only.

    Args:
        app: The application behind it.
    """

    def __init__(self, app: "ASGIApp") -> None:
        self.app = app

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Pass a request on, or answer 403 (foreign host) or 404 (closed path)."""
        from starlette.responses import PlainTextResponse
        from starlette.websockets import WebSocketDisconnected

        app = self.app
        if scope["type"] == "http":
            if not host_allowed(_host(scope)):
                app = PlainTextResponse("This host name is not served here.", 403)
            elif scope["path"].rstrip("/") in CLOSED:
                app = PlainTextResponse("Not found.", 404)
        # Streamlit takes a browser that leaves in the middle of an answer for a broken one, and
        # every closed tab would leave a trace in the log.
        with suppress(WebSocketDisconnected):
            await app(scope, receive, send)


def host_allowed(host: str) -> bool:
    """Whether a Host header names one of ``server.allowedHosts``.

    Args:
        host: The header, with or without a port.

    Returns:
        True when the name is listed, or the list holds ``*``.
    """
    from streamlit import config

    allowed = config.get_option("server.allowedHosts")
    name = host.partition(":")[0].lower().rstrip(".")
    return "*" in allowed or name in allowed


def _host(scope: "Scope") -> str:
    return next((value.decode("latin-1") for key, value in scope["headers"] if key == b"host"), "")
