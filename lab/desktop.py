"""The lab on a desk: choose a port, start the app process, open it, and stop it on Ctrl-C.

``python -m lab.desktop [--no-browser] [--window] [--workspace DIR] [--port N]``
"""

import argparse
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event
from types import FrameType

from lab.core.browsers import show
from lab.core.config import PROJECT
from lab.core.errors import BadInput, LabError, Unavailable
from lab.core.process import QUIET, answers, python
from lab.core.running import find_running
from lab.core.secrets import load_secrets
from lab.core.workspace import Workspace, open_workspace

FIRST_PORT = 8501
PORTS_TRIED = 100
START_SECONDS = 120.0
STOP_SECONDS = 30.0
LOOK_SECONDS = 0.5
# Whoever asks for the end may come upon code in which Python swallows what a signal raises.
_asked_to_end = Event()


def main(argv: Sequence[str] | None = None) -> int:
    """Start the lab, or say where it already runs.

    Args:
        argv: Command line without the program; the process's own when not given.

    Returns:
        0 after an orderly stop, 1 with one sentence on standard error otherwise.
    """
    args = _arguments(argv)
    how = "no" if args.no_browser else "window" if args.window else "browser"
    _asked_to_end.clear()
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):  # Windows has no SIGHUP
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), _interrupt)
    try:
        return start(open_workspace(args.workspace), args.port, how)
    except LabError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nThe lab has stopped.")
        return 0


def start(ws: Workspace, port: int | None, how: str) -> int:
    """Start the app on a workspace and stay until it ends.

    Args:
        ws: The workspace.
        port: Port to insist on; the first free one from 8501 when not given.
        how: ``browser``, ``window`` or ``no``.

    Returns:
        0, or 1 when the app ended by itself with an error.

    Raises:
        LabError: The port is taken, a secret is weak, or the app does not come up.
    """
    running = find_running(ws)
    if running is not None:
        _say(f"The lab already runs on this workspace: {running.url}")
        _say(show(running.url, how))
        return 0
    load_secrets(ws)
    port = choose_port(port)
    url = f"http://127.0.0.1:{port}"
    with _app(ws, port) as process:
        _wait(process, url, ws.logs / "app.log")
        _say(f"The lab is running at {url}\nIts data is in {ws.root}. Press Ctrl-C to stop.")
        _say(show(url, how))
        code = _code(process)
    if code:
        print(f"The lab ended by itself. Its log: {ws.logs / 'app.log'}", file=sys.stderr)
    return 1 if code else 0


def choose_port(wanted: int | None) -> int:
    """The port to serve on.

    Args:
        wanted: A port to insist on, or ``None`` for the first free one from 8501.

    Returns:
        A port nobody listens on at this moment.

    Raises:
        BadInput: The wanted port is taken.
        Unavailable: All of a hundred ports are taken.
    """
    if wanted is not None:
        if port_free(wanted):
            return wanted
        raise BadInput(
            f"Port {wanted} is taken by another program or not yours to use.",
            "Give another --port, or leave it out and the next free one is used.",
        )
    for port in range(FIRST_PORT, FIRST_PORT + PORTS_TRIED):
        if port_free(port):
            if port != FIRST_PORT:
                print(f"Port {FIRST_PORT} is taken; using {port}.")
            return port
    raise Unavailable(
        f"Ports {FIRST_PORT} to {FIRST_PORT + PORTS_TRIED - 1} are all taken.",
        "Stop one of those programs or give a --port.",
    )


def port_free(port: int) -> bool:
    """Whether a loopback port can be listened on and nobody answers there."""
    with socket.socket() as visitor:
        visitor.settimeout(1.0)
        if visitor.connect_ex(("127.0.0.1", port)) == 0:
            return False
    with socket.socket() as probe:
        if os.name != "nt":  # a port just given up by another start counts as free
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


@contextmanager
def _app(ws: Workspace, port: int) -> "Iterator[subprocess.Popen[bytes]]":
    log = ws.logs / "app.log"
    if log.exists():
        log.replace(log.with_suffix(".previous.log"))
    argv = python("lab.ui.launch", "--port", str(port), "--workspace", str(ws.root))
    # A session of its own: Ctrl-C reaches this process only, which then ends the app once.
    with log.open("wb") as sink:
        process = subprocess.Popen(
            argv,
            cwd=PROJECT,
            env={**os.environ, **QUIET},
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait(process: "subprocess.Popen[bytes]", url: str, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        if answers(f"{url}/_stcore/health"):
            return
        time.sleep(0.1)
    said = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-1:]
    raise Unavailable(
        f"The app did not start: {said[0].strip() if said else 'it said nothing'}",
        f"Its log is {log}.",
    )


def _say(text: str) -> None:
    if text:
        print(text, flush=True)  # the words may go to a log, and the app runs for days


def _code(process: "subprocess.Popen[bytes]") -> int:
    """The exit code of the app, once it has ended.

    Raises:
        KeyboardInterrupt: The end was asked for meanwhile, or before.
    """
    while not _asked_to_end.is_set():
        with suppress(subprocess.TimeoutExpired):
            return process.wait(LOOK_SECONDS)
    raise KeyboardInterrupt


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    _asked_to_end.set()
    raise KeyboardInterrupt


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="start.py", description=__doc__)
    parser.add_argument("--no-browser", action="store_true")
    parser.add_argument("--window", action="store_true")
    parser.add_argument("--workspace")
    parser.add_argument("--port", type=int)
    return parser.parse_args(argv)


if __name__ == "__main__":
    sys.exit(main())
