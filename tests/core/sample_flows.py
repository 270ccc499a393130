"""Small flows for the job tests."""

import os
import time

from lab.core.errors import BadInput
from lab.core.progress import Progress


def count(ws, upto=3, pause=0.0, name="count"):
    for i in range(upto):
        time.sleep(pause)
        yield Progress(i, upto, f"counting {i}", {"i": float(i)})
    (ws.root / f"{name}.done").touch()
    return {"upto": upto}


def hold(ws, name="hold"):
    while not (ws.root / "go").exists():
        yield Progress(0, None, "holding")
        time.sleep(0.05)
    (ws.root / f"{name}.done").touch()


def hang(ws, over=()):
    yield Progress(0, None, "about to hang")
    time.sleep(600)


def refuse(ws):
    raise BadInput("That will not do.", "Do this instead.")


def crash(ws):
    raise RuntimeError("secret detail")


def die(ws):
    yield Progress(0, 1, "about to die")
    os._exit(9)
