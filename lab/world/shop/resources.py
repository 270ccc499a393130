"""What builds up from minute to minute: leaked memory, filled disks, a cache that warms up.

These are the only parts of the shop that depend on the minute before, apart from the queue. They
follow knobs, orders and the demand alone, so everything else is computed for all minutes at once.
"""

from dataclasses import dataclass

import numpy as np

from lab.world.shop.controls import Controls
from lab.world.shop.leaks import Leaks
from lab.world.shop.sizes import DISK, REPLICAS
from lab.world.shop.topology import HOSTS, NODE_AT, NODE_HOST, NODE_NAMES, NODES
from lab.world.signals import Array, Flags

HIT_RATE = 0.90
WARMING = 0.12  # share of what the cache still misses that it learns in a minute
DISK_START = (0.44, 0.47, 0.42, 0.45)  # share in use without today's logs, by host
DISK_FULL = 0.995
# Bytes a node writes to its log for each request of a customer, all its own requests together.
LOG_BYTES = (700.0, 1500.0, 900.0, 300.0, 60.0, 400.0, 1200.0, 20.0, 20.0)


@dataclass(frozen=True)
class Resources:
    """What requests find, minute by minute; shapes as in ``Flows``.

    Attributes:
        replicas: Replicas that run, shape (T, N).
        restarts: Replicas that restarted, shape (T, N).
        away: Whether a node is restarting and answers nothing, shape (T, N).
        leaked: Bytes leaked and not given back, shape (T, N).
        swap: Swap in use, shape (T, H).
        disk: Disk in use, shape (T, H).
        disk_full: Whether nothing more can be written, shape (T, H).
        miss: Share of reads that the cache cannot answer, shape (T,).
    """

    replicas: Array
    restarts: Array
    away: Flags
    leaked: Array
    swap: Array
    disk: Array
    disk_full: Flags
    miss: Array


class Stock:
    """What has built up so far, and how it goes on."""

    def __init__(self) -> None:
        """Begin with empty logs, no leaks and a warm cache."""
        self.leaks = Leaks()
        self.factor = np.ones(len(NODES))
        self.logs = [0.0] * len(HOSTS)
        self.junk = [0.0] * len(HOSTS)
        self.warmth = 1.0

    def advance(
        self, knobs: dict[str, Array], demand: Array, midnight: Flags, controls: Controls
    ) -> Resources:
        """Go on for some minutes.

        Args:
            knobs: Values of every knob.
            demand: Requests expected at the edge in each minute, shape (T,).
            midnight: Whether logs are rotated, shape (T,).
            controls: Orders of the operator.

        Returns:
            What requests find in those minutes.
        """
        wanted = np.array([float(controls.replicas.get(n, d))
                           for n, d in zip(NODE_NAMES, REPLICAS, strict=True)])  # fmt: skip
        replicas = np.floor(wanted * knobs["replicas"] + 0.5)
        back = self._came_back(wanted, knobs["replicas"])
        memory = self.leaks.advance(knobs, replicas, controls)
        restarts = np.maximum(back, memory.restarted * np.maximum(replicas, 1.0))
        replicas = np.where(memory.away, 0.0, replicas)
        disk = self._disk(knobs, demand, midnight, controls)
        miss = 1 - HIT_RATE * self._warmth(replicas, restarts) * knobs["cache_hits"]
        full = disk >= DISK_FULL * DISK
        return Resources(
            replicas, restarts, memory.away, memory.leaked, memory.swap, disk, full, miss
        )

    def _came_back(self, wanted: Array, factor: Array) -> Array:
        """Replicas that were taken away by a fault and run again."""
        before = np.concatenate([self.factor[None], factor])[:-1]
        self.factor = factor[-1].copy()
        ran, runs = np.floor(wanted * before + 0.5), np.floor(wanted * factor + 0.5)
        return np.asarray(np.maximum(runs - ran, 0.0))

    def _disk(
        self, knobs: dict[str, Array], demand: Array, midnight: Flags, controls: Controls
    ) -> Array:
        """Logs of the day, cleared at midnight, and what a fault writes, until it is over."""
        used = np.empty((len(demand), len(HOSTS)))
        for place, host in enumerate(HOSTS):
            logs, junk = self.logs[place], self.junk[place]
            if host.name in controls.clean_disk:
                logs = junk = 0.0
            free = host.disk_bytes * (1 - DISK_START[place])
            grown = self._logged(knobs["log_lines"], demand, place).tolist()
            filled, column = knobs["disk_bytes"][:, place].tolist(), []
            for more, fill, rotated in zip(grown, filled, midnight.tolist(), strict=True):
                junk = min(junk + fill, free) if fill else 0.0
                logs = min(more if rotated else logs + more, free - junk)
                column.append(logs + junk)
            self.logs[place], self.junk[place] = logs, junk
            used[:, place] = np.asarray(column) + host.disk_bytes * DISK_START[place]
        return used

    def _logged(self, lines: Array, demand: Array, place: int) -> Array:
        written = np.zeros(len(demand))
        for node, at in enumerate(NODE_HOST):
            if at == place:
                written += demand * LOG_BYTES[node] * lines[:, node]
        return written

    def _warmth(self, replicas: Array, restarts: Array) -> Array:
        """How much of its usual content the cache holds, 0 to 1."""
        cache = NODE_AT["cache"]
        lost = (replicas[:, cache] == 0) | (restarts[:, cache] > 0)
        warmth, column = self.warmth, []
        for gone in lost.tolist():
            warmth = 0.0 if gone else warmth + (1.0 - warmth) * WARMING
            column.append(warmth)
        self.warmth = warmth
        return np.asarray(column)
