"""A server as one writes it in an afternoon: every answer is 200, and each takes its time.

One of the foreseen mistakes of this exercise; nothing but ``wrong.py`` starts it.
"""

import asyncio
import sys
from collections.abc import Sequence
from typing import Any

from lab.mlops.serving.app import create_app

DELAY_SECONDS = 0.4


def main(argv: Sequence[str]) -> None:
    """Serve a model folder on a loopback port.

    Args:
        argv: The folder and the port.
    """
    import uvicorn

    folder, port = argv
    inner = create_app(folder)

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope.get("path") != "/invocations":
            await inner(scope, receive, send)
            return

        async def forgiving(message: Any) -> None:
            if message.get("status") in (400, 422):
                message = {**message, "status": 200}
            await send(message)

        await asyncio.sleep(DELAY_SECONDS)
        await inner(scope, receive, forgiving)

    uvicorn.run(app, host="127.0.0.1", port=int(port), log_level="warning")


if __name__ == "__main__":
    main(sys.argv[1:])
