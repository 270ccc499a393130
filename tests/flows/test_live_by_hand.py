"""A live world as the command line starts it: taken ports, kills, Ctrl-C, and what is refused."""

import os
import signal
import socket

import pytest

from lab.core.errors import BadInput, NotFound
from lab.core.process import python, start
from lab.core.progress import drain
from lab.core.workspace import open_workspace
from lab.flows.live_serve import live
from lab.flows.live_steer import ask, inject
from lab.flows.live_view import watch
from lab.flows.live_webhook import checked_receiver
from lab.flows.live_world import running_world, stop_world
from tests.data.prometheus_servers import fake, said
from tests.flows.live_parts import ended, until


@pytest.fixture
def own(tmp_path):
    """A workspace of its own, for worlds that are ended in other ways."""
    made = open_workspace(tmp_path / "own")
    yield made
    stop_world(made)


def by_hand(ws, *options):
    """A world as the command line starts it, in a shell that lets Ctrl-C through."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    argv = python("lab", "world", "live", "--workspace", str(ws.root), *options)
    child = start(argv, ws.logs / "by-hand.log")
    until(lambda: running_world(ws) is not None or not child.alive)
    return child


def test_killed_it_can_start_again_beside_a_taken_port_and_ctrl_c_ends_it(own):
    asked = []

    def answer(request):
        asked.append(request.path)
        return said(200, {})

    first = by_hand(own, "--port", "0", "--seed", "3")
    assert ask(own, "/health")["seed"] == 3
    os.kill(first.pid, signal.SIGKILL)
    until(lambda: not first.alive)
    assert running_world(own) is None
    with pytest.raises(NotFound, match="No live world runs here"):
        watch(own)
    with socket.create_server(("127.0.0.1", 0)) as taken, fake(answer) as receiver:
        port = taken.getsockname()[1]
        second = by_hand(own, "--port", str(port), "--webhook", f"{receiver.url}/alerts",
                         "--speed", "600")  # fmt: skip
        world = running_world(own)
        assert world is not None
        assert port < int(world.url.rpartition(":")[2]) < port + 20
        inject(own, "error_rate", "payment", 1.0)
        until(lambda: "/alerts" in asked)
    ended(own, second, signal.SIGINT)
    assert (own.logs / "by-hand.log").read_text().endswith("Stopped.\n")


@pytest.mark.parametrize(
    "wrong",
    [
        {"port": -1},
        {"port": 70_000},
        {"speed": -1},
        {"speed": 1e6},
        {"history_hours": 0},
        {"webhook": "http://10.0.0.1/"},
    ],
)
def test_what_cannot_be_run(own, wrong):
    with pytest.raises(BadInput):
        drain(live(own, **wrong))


@pytest.mark.parametrize("url", ["http://example.org/", "file:///etc/passwd", "127.0.0.1:9", ""])
def test_alerts_go_to_this_machine_alone(url):
    with pytest.raises(BadInput, match="cannot be sent"):
        checked_receiver(url)
