"""One app per workspace: who holds it, at which address, and which children it must end.

The claim is a lock of the operating system, so that a crash frees it at once; the small file
beside it only says where the holder answers.
"""

import json
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass

from lab.core.errors import Busy
from lab.core.process import Child, write_json
from lab.core.workspace import Workspace

NOTE = "app.json"
# Who looks whether an app runs holds its lock for a moment.
LOOK_SECONDS = 2.0


@dataclass(frozen=True)
class Instance:
    """A running app.

    Args:
        pid: Its process id.
        url: Where it answers.
        token: Random text it repeats at ``/api/ready``, so that a stranger on the same port
            is not mistaken for it.
    """

    pid: int
    url: str
    token: str


@contextmanager
def claim(ws: Workspace, url: str) -> Iterator[Instance]:
    """Hold a workspace for as long as the app runs, and end its children afterwards.

    Args:
        ws: The workspace.
        url: Where the app will answer.

    Yields:
        What was written down about this app.

    Raises:
        Busy: Another app holds it.
    """
    from filelock import FileLock, Timeout

    lock = FileLock(ws.state / "app.lock")
    try:
        lock.acquire(timeout=LOOK_SECONDS)
    except Timeout as error:
        raise busy(ws) from error
    instance = Instance(os.getpid(), url, secrets.token_hex(16))
    try:
        write_json(ws.state / NOTE, asdict(instance))
        yield instance
    finally:
        stop_children(ws)
        (ws.state / NOTE).unlink(missing_ok=True)
        lock.release()


def held(ws: Workspace) -> bool:
    """Whether an app holds the workspace at this moment."""
    from filelock import FileLock, Timeout

    try:
        with FileLock(ws.state / "app.lock").acquire(timeout=0):
            return False
    except Timeout:
        return True


def noted(ws: Workspace) -> Instance | None:
    """What the last app wrote down about itself."""
    try:
        return Instance(**json.loads((ws.state / NOTE).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def find_running(ws: Workspace, wait_seconds: float = 60.0) -> Instance | None:
    """The app that holds a workspace, once it answers.

    Args:
        ws: The workspace.
        wait_seconds: How long to wait for one that is still starting.

    Returns:
        The running app, or ``None`` when nobody holds the workspace.

    Raises:
        Busy: Somebody holds it and does not answer.
    """
    deadline = time.monotonic() + wait_seconds
    while held(ws):
        instance = noted(ws)
        if instance is not None and _repeats_token(instance):
            return instance
        if time.monotonic() > deadline:
            raise busy(ws)
        time.sleep(0.2)
    return None


def busy(ws: Workspace) -> Busy:
    """The error for a workspace that another app holds."""
    instance = noted(ws)
    who = f"process {instance.pid} at {instance.url}" if instance else "another process"
    return Busy(
        f"The workspace {ws.root} is in use by {who}.",
        "Use that one, stop it, or start with another --workspace.",
    )


def stop_children(ws: Workspace) -> None:
    """End the servers that were started from the app, such as the MLflow UI.

    Jobs are left alone: they land whole or not at all, and the next start shows them.
    """
    for path in ws.state.glob("*.json"):
        try:
            child = Child.load(path)
        except (OSError, ValueError, TypeError):
            continue  # not a note about a process
        if child is not None:
            child.stop()


def _repeats_token(instance: Instance) -> bool:
    import requests

    with requests.Session() as session:
        session.trust_env = False
        try:
            answer = session.get(f"{instance.url}/api/ready", timeout=5)
            return bool(answer.ok and answer.json().get("token") == instance.token)
        except (requests.RequestException, ValueError):
            return False
