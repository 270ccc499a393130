"""A browser that leaves in the middle of an answer is no fault of ours; anything else is."""

import asyncio
from typing import Any

import pytest
from starlette.websockets import WebSocketDisconnected

from lab.ui.doorkeeper import Doorkeeper


def passed_on(failure: Exception) -> None:
    async def app(*_: Any) -> None:
        raise failure

    async def silent(*_: Any) -> Any:
        return None

    asyncio.run(Doorkeeper(app)({"type": "websocket", "path": "/_stcore/stream"}, silent, silent))


def test_a_browser_that_left_leaves_no_trace() -> None:
    passed_on(WebSocketDisconnected('Cannot call "send" once a close message has been sent.'))


def test_any_other_failure_is_seen() -> None:
    with pytest.raises(RuntimeError, match="broken"):
        passed_on(RuntimeError("broken"))
