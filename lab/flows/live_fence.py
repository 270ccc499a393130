"""What stands before the steering of a live world: the token, and a bound on what is sent."""

import secrets
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

TRUTH = "/incidents"
MOST_BODY_BYTES = 10_000


class Fence:
    """ASGI middleware: everything but reading asks for the bearer token, and so does the truth.

    Args:
        app: The application behind it.
        token: The token.
    """

    def __init__(self, app: "ASGIApp", token: str) -> None:
        """Stand before an application."""
        self.app, self.expected = app, f"Bearer {token}".encode()

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Pass a request on, or refuse it: 401 without token, 411 or 413 for its body."""
        if scope["type"] == "http":
            refused = self._refusal(scope)
            if refused is not None:
                return await refused(scope, receive, send)
        return await self.app(scope, receive, send)

    def _refusal(self, scope: "Scope") -> JSONResponse | None:
        headers = dict(scope["headers"])
        if scope["method"] in ("GET", "HEAD") and scope["path"].rstrip("/") != TRUTH:
            return None
        if not secrets.compare_digest(headers.get(b"authorization", b""), self.expected):
            return refusal(
                401, "NoToken", "This needs the token of the workspace.",
                "Send it as Bearer token; it lies in the workspace under state/live.",
            )  # fmt: skip
        length = headers.get(b"content-length", b"0" if scope["method"] == "GET" else b"")
        # Sent in chunks, a body may be longer than it says.
        if not length.isdigit() or b"transfer-encoding" in headers:
            return refusal(411, "NoLength", "The body has no length.", "Send JSON of known length.")
        if int(length) > MOST_BODY_BYTES:
            return refusal(
                413, "TooLarge", f"The body is over {MOST_BODY_BYTES} bytes.", "Send less."
            )
        return None


def refusal(status: int, code: str, message: str, hint: str) -> JSONResponse:
    """A refusal as every answer of the world has it.

    Args:
        status: HTTP status, 400 to 599.
        code: What kind it is, for programs.
        message: What failed.
        hint: The next action.
    """
    return JSONResponse({"code": code, "message": message, "hint": hint}, status)
