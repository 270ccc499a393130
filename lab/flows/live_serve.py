"""The process of a live world: one per workspace, on loopback, gone without a trace."""

import logging
import math
import os
import secrets
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from datetime import timedelta
from types import FrameType
from typing import TYPE_CHECKING

from lab.core.errors import BadInput, Busy
from lab.core.files import write_whole
from lab.core.process import write_json
from lab.core.progress import Progress, Steps
from lab.core.workspace import Workspace
from lab.flows.live_config import config_text
from lab.flows.live_world import NOTE, LiveWorld, folder, refuse_second

if TYPE_CHECKING:
    from lab.flows.live_runner import Runner

LOG = logging.getLogger("lab.live")
LOOPBACK = "127.0.0.1"
PORT, PORTS_TRIED, LAST_PORT = 9800, 20, 65_535
TOKEN, CONFIG, LOCK = "token", "prometheus.yml", "live-world.lock"
TICK_SECONDS = 0.2
LONGEST_HISTORY_HOURS = 168.0


def live(
    ws: Workspace,
    speed: float = 60.0,
    port: int = PORT,
    seed: int = 7,
    history_hours: float = 24.0,
    *,
    collect: bool = False,
    webhook: str = "",
) -> Steps[None]:
    """Run the shop as a live world until Ctrl-C: metrics, logs, alerts, changes and a dial.

    Its time begins some hours ago and runs fast until it has caught up with the wall clock, then
    with it. It answers on this machine alone; ``state/live`` of the workspace holds the token
    for steering and a Prometheus configuration.

    Args:
        ws: The workspace.
        speed: World seconds in a second until it has caught up, 0 to 3600.
        port: Loopback port; the next free one when it is taken, any free one for 0.
        seed: World seed, 0 or more.
        history_hours: How far back it begins, 1 to 168.
        collect: Collect what it shows into the workspace, under the name of the world.
        webhook: Address on this machine that gets alerts as Alertmanager sends them.

    Yields:
        Where it answers, and its time.

    Raises:
        Busy: A live world runs already; the message says where.
        BadInput: A number is out of range.
    """
    from lab.flows.live_webhook import checked_receiver
    from lab.world.live.pace import checked_speed

    checked_speed(speed)
    if not 1 <= history_hours <= LONGEST_HISTORY_HOURS:
        raise BadInput(f"{history_hours:g} hours back cannot be.", "Choose 1 to 168.")
    if not 0 <= port <= LAST_PORT:
        raise BadInput(f"{port} is no port.", f"Choose 1 to {LAST_PORT}, or 0 for any.")
    receiver = checked_receiver(webhook) if webhook else ""
    with _alone(ws), _listening(port) as listener, _ended_by_signal():
        runner = _opened(ws, seed, speed, history_hours, listener.getsockname()[1])
        with _serving(runner, listener), _beside(runner, collect, receiver):
            yield from _ticking(runner)


@contextmanager
def _alone(ws: Workspace) -> Iterator[None]:
    """Hold the workspace's place for a live world; the system frees it when the process dies."""
    from filelock import FileLock, Timeout

    refuse_second(ws)
    lock = FileLock(folder(ws) / LOCK)
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        raise Busy("A live world is just starting here.", "Wait for it, and use it.") from error
    try:
        yield
    finally:
        (folder(ws) / NOTE).unlink(missing_ok=True)
        lock.release()


def _listening(port: int) -> socket.socket:
    tried = range(port, min(port + PORTS_TRIED, LAST_PORT + 1)) if port else range(1)
    for one in tried:
        with suppress(OSError):
            listener = socket.create_server((LOOPBACK, one))
            if one != port:
                LOG.warning("port %d is taken; %d is used instead", port, one)
            return listener
    raise Busy(f"No port from {tried[0]} to {tried[-1]} is free.", "Choose another --port.")


@contextmanager
def _ended_by_signal() -> Iterator[None]:
    """Let SIGTERM end the world as Ctrl-C does, so that nothing is left behind."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(_: int, __: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _opened(ws: Workspace, seed: int, speed: float, history_hours: float, port: int) -> "Runner":
    from lab.flows.live_runner import Runner, present
    from lab.world.lenses.tables import operations
    from lab.world.live.pace import Pace
    from lab.world.live.shop import LiveShop

    now = present()
    shop = LiveShop(seed, now - timedelta(hours=history_hours), operations())
    return Runner(ws, shop, Pace(shop.next, now, speed), f"live-{now:%Y%m%d-%H%M%S}", port)


@contextmanager
def _serving(runner: "Runner", listener: socket.socket) -> Iterator[None]:
    """Answer in a thread of its own, and say where once that is so."""
    import uvicorn

    from lab.flows.live_api import create_api

    token = secrets.token_urlsafe(32)
    config = uvicorn.Config(
        create_api(runner, token), limit_concurrency=64, timeout_keep_alive=5, ws="none",
        timeout_graceful_shutdown=1, server_header=False, access_log=False, log_config=None,
    )  # fmt: skip
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([listener],), name="live-api")
    thread.start()
    try:
        _announce(runner, token)
        yield
    finally:
        runner.stopping.set()
        server.should_exit = True
        thread.join()


def _announce(runner: "Runner", token: str) -> None:
    import psutil

    place, address = folder(runner.ws), f"{LOOPBACK}:{runner.port}"
    write_whole(place / TOKEN, token, private=True)
    write_whole(place / CONFIG, config_text(address))
    started = psutil.Process().create_time()
    world = LiveWorld(runner.world_id, f"http://{address}", os.getpid(), started,
                      str(place / CONFIG))  # fmt: skip
    write_json(place / NOTE, asdict(world))
    LOG.info("%s answers at %s", world.world, world.url)


@contextmanager
def _beside(runner: "Runner", collect: bool, receiver: str) -> Iterator[None]:
    """Threads that collect and that send alerts, for as long as the world runs."""
    from lab.flows.live_collect import collect_until
    from lab.flows.live_webhook import send_until

    work: list[Callable[[], None]] = []
    if receiver:
        work.append(lambda: send_until(runner, receiver))
    if collect:
        work.append(lambda: collect_until(runner.ws, runner.stopping))
    threads = [threading.Thread(target=one, name="live-beside") for one in work]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        runner.stopping.set()
        for thread in threads:
            thread.join()


def _ticking(runner: "Runner") -> Steps[None]:
    while True:
        runner.tick()
        about = runner.about()
        time, speed = about["time"][:16].replace("T", " "), about["speed"]
        pace = "with the wall clock" if about["caught_up"] else f"at {speed:g} times"
        yield Progress(
            0, math.inf, f"http://{LOOPBACK}:{runner.port} · {time} UTC, {pace} · Ctrl-C ends it"
        )
        runner.stopping.wait(TICK_SECONDS)
