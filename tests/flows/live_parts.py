"""What tests of live worlds share: waiting for one, and ending it."""

import os
import time

LATE_SECONDS = 120


def until(true):
    deadline = time.monotonic() + LATE_SECONDS
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def ended(ws, child, kill):
    """End a world by a signal; nothing of it is left."""
    os.kill(child.pid, kill)
    until(lambda: not child.alive)
    assert not (ws.state / "live" / "world.json").exists()
