"""Ports for servers of tests: nobody else takes one between its choice and its use.

What the system hands out for port 0 it may hand out again, to a test beside this one, before the
server that was started with it listens. So each worker counts through a range of its own, below
those that systems hand out.
"""

import os
import socket
from itertools import count

from lab.core.process import free_port

FIRST, EACH, WORKERS = 20_000, 1_500, 8
_counted = count(os.getpid())
systems_port = free_port  # the lab's own, which ``tests.conftest`` replaces


def own_port() -> int:
    """A loopback port on which nobody listens, and which no other worker is given."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % WORKERS
    while True:
        port = FIRST + EACH * worker + next(_counted) % EACH
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
