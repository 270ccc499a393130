"""The kinds of notices that services write, as data."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from lab.world.lenses.logs_entries import DEBUG, ERROR, INFO, WARN
from lab.world.shop.run import ShopRun
from lab.world.shop.sizes import DISK
from lab.world.shop.topology import NODE_AT, NODE_HOST, NODES
from lab.world.signals import Array

USUAL_LINES = 5.0  # lines a minute that a flood multiplies
DISK_NEARLY_FULL, DISK_FULL = 0.9, 0.995  # shares of the disk
LAG_SECONDS, POOL_FULL = 60.0, 0.9
MIB = 1024.0**2
SERVICE = np.array([node.kind == "service" for node in NODES])
DATABASE, QUEUE = NODE_AT["database"], NODE_AT["queue"]

Measure = Callable[[ShopRun], Array]


def disk_share(run: ShopRun) -> Array:
    """How full the disk of each node's host is, shape (T, N), 0 to 1."""
    return np.asarray((run.flows.host_disk_bytes / DISK)[:, NODE_HOST])


def _nothing(run: ShopRun) -> Array:
    return np.zeros(run.flows.arrivals.shape)


def _while_up(rate: float, *, stores: bool = False) -> Measure:
    """So many lines a minute from every service, or every store, that runs."""
    return lambda run: np.asarray(rate * (stores ^ SERVICE) * (run.flows.replicas > 0))


def _when(rate: float, holds: Callable[[ShopRun], Array]) -> Measure:
    """So many lines a minute where something holds."""
    return lambda run: np.asarray(rate * (holds(run) > 0))


def _above(measure: Measure, least: float) -> Measure:
    return lambda run: np.asarray(measure(run) >= least, dtype=float)


def _knob(name: str) -> Measure:
    return lambda run: run.knobs[name]


def _only(node: int, values: Measure) -> Measure:
    """A measure of the shop as one of a node."""

    def measure(run: ShopRun) -> Array:
        found = _nothing(run)
        found[:, node] = values(run)
        return found

    return measure


def _pool(run: ShopRun) -> Array:
    most = NODES[DATABASE].workers * np.maximum(run.flows.replicas[:, DATABASE], 1)
    return np.asarray(run.flows.pool_in_use / most)


def _flood(run: ShopRun) -> Array:
    more = np.maximum(run.knobs["log_lines"] - 1, 0.0)
    return np.asarray(USUAL_LINES / len(CHATTER) * more * (run.flows.replicas > 0))


def _heap(run: ShopRun) -> Array:
    return run.flows.memory_bytes / MIB


def _pause(run: ShopRun) -> Array:
    return run.knobs["pause_seconds"] * 500  # two a minute, in milliseconds


def _down(run: ShopRun) -> Array:
    return np.asarray(run.flows.replicas <= 0, dtype=float)


def _short_of_replicas(run: ShopRun) -> Array:
    return np.asarray(run.knobs["replicas"] < 1, dtype=float)


@dataclass(frozen=True)
class Notice:
    """One kind of line.

    Attributes:
        name: Its name.
        level: How grave it is.
        rate: Lines a minute to expect from each node, shape (T, N).
        words: What one says, with ``{number}``, ``{value}``, ``{node}`` and ``{seed}``.
        numbers: Lowest and highest of a number drawn for each line.
        value: What is measured and told, shape (T, N).
    """

    name: str
    level: int
    rate: Measure
    words: str
    numbers: tuple[int, int] = (0, 0)
    value: Measure = _nothing


CHATTER = (
    ("entering handler step={number}", (1, 17)),
    ("pool state idle={number}", (1, 12)),
    ("payload of {number} bytes read", (200, 9000)),
    ("cookie parsed for session s{number}", (1000, 99_999)),
    ("object cache holds {number} entries", (10, 30_000)),
)
# A key that is made up: real ones never spell a word.
KEY = "request signed with access_key_id=AKIAFAKEFAKE{seed:04d}{node:04d}"

NOTICES = (
    Notice("gc", INFO, _while_up(0.05), "GC pause {number}ms, heap {value:.0f} MiB", (15, 75),
           _heap),
    Notice("gc pause", WARN, _when(2.0, _pause), "GC pause {value:.0f}ms, nothing was answered",
           value=_pause),
    Notice("restart", WARN, lambda run: run.flows.restarts,
           "process ended, starting again (worker {number})", (1, 8)),
    Notice("started", INFO, lambda run: run.flows.restarts, "started in {number}00ms", (15, 40)),
    Notice("no replicas", ERROR, _when(1.0, _down), "no replica is running"),
    Notice("image", ERROR, _when(1.0, _short_of_replicas),
           "replica {number} cannot start: it is not to be had", (1, 3)),
    Notice("disk", WARN, _when(0.1, _above(disk_share, DISK_NEARLY_FULL)),
           "disk is {value:.0%} full", value=disk_share),
    Notice("disk full", ERROR, _when(1.0, _above(disk_share, DISK_FULL)),
           "write failed: no space left on device"),
    Notice("lag", WARN,
           _when(1.0, _above(_only(QUEUE, lambda run: run.flows.queue_age_seconds), LAG_SECONDS)),
           "consumer lag, oldest message {value:.0f}s",
           value=_only(QUEUE, lambda run: run.flows.queue_age_seconds)),
    Notice("pool", WARN, _when(1.0, _above(_only(DATABASE, _pool), POOL_FULL)),
           "connection pool is {value:.0%} in use", value=_only(DATABASE, _pool)),
    Notice("skew", WARN, _when(0.2, _knob("clock_skew_seconds")),
           "clock differs from the time server"),
    Notice("key", DEBUG, _when(2.0, _knob("leaked_key")), KEY),
    *(Notice(f"flood {words}", DEBUG, _flood, words, numbers) for words, numbers in CHATTER),
    Notice("cleaned", INFO, _while_up(0.02), "cleaned up {number} expired sessions", (0, 400)),
    Notice("settings", INFO, _while_up(0.01), "settings read again, {number} values", (5, 45)),
    Notice("checkpoint", INFO, _while_up(0.03, stores=True),
           "checkpoint of {number} pages written", (400, 10_000)),
)  # fmt: skip
