"""What the node exporter shows of every host."""

from collections.abc import Iterator

import numpy as np

from lab.world.lenses.counters import Totals
from lab.world.lenses.samples import Series
from lab.world.shop.run import ShopRun
from lab.world.shop.topology import HOSTS
from lab.world.signals import Array

JOB = "node"
ROOT = {"device": "/dev/sda1", "fstype": "ext4", "mountpoint": "/"}
PAGE_BYTES = 4096.0
IDLE_WAITING = 0.002  # share of time that even an idle host waits for its disk


def host_series(run: ShopRun, totals: Totals) -> list[Series]:
    """Return the series of all hosts.

    Args:
        run: What happened.
        totals: Counters so far; they go on.

    Returns:
        The series, host by host.
    """
    return [one for place in range(len(HOSTS)) for one in _host(run, place, totals)]


def _host(run: ShopRun, place: int, totals: Totals) -> Iterator[Series]:
    host, flows = HOSTS[place], run.flows
    labels = {"instance": host.name, "job": JOB}
    never = np.zeros(len(run.times), dtype=bool)
    always = np.ones(len(run.times))
    yield Series("up", labels, "gauge", always)
    for mode, seconds in _modes(run, place).items():
        grown = totals.counted((host.name, mode), seconds, never).round(6)
        yield Series("node_cpu_seconds_total", labels | {"mode": mode}, "counter", grown)
    bytes_in = totals.counted((host.name, "in"), flows.host_network_bytes[:, place], never)
    device = labels | {"device": "eth0"}
    yield Series("node_network_receive_bytes_total", device, "counter", bytes_in)
    free = host.memory_bytes - flows.host_memory_bytes[:, place]
    left = host.disk_bytes - flows.host_disk_bytes[:, place]
    gauges = {
        "node_memory_MemTotal_bytes": host.memory_bytes * always,
        "node_memory_MemAvailable_bytes": _pages(free),
        "node_memory_SwapTotal_bytes": host.swap_bytes * always,
        "node_memory_SwapFree_bytes": _pages(host.swap_bytes - flows.host_swap_bytes[:, place]),
        "node_load1": flows.host_load[:, place].round(2),
    }
    for metric, values in gauges.items():
        yield Series(metric, labels, "gauge", values)
    yield Series("node_filesystem_avail_bytes", labels | ROOT, "gauge", _pages(left))
    yield Series("node_filesystem_size_bytes", labels | ROOT, "gauge", host.disk_bytes * always)


def _modes(run: ShopRun, place: int) -> dict[str, Array]:
    """CPU seconds by mode; together they are all the seconds there are."""
    host = HOSTS[place]
    seconds, busy = 60.0 * host.cores, run.flows.host_cpu[:, place]
    swapping = run.flows.host_swap_bytes[:, place] / host.swap_bytes
    waiting = (1 - busy) * (IDLE_WAITING + 0.5 * swapping)
    idle = np.round(seconds * (1 - busy - waiting), 6)
    wait, system = np.round(seconds * waiting, 6), np.round(seconds * busy * 0.22, 6)
    return {"idle": idle, "iowait": wait, "system": system,
            "user": np.round(seconds - idle - wait - system, 6)}  # fmt: skip


def _pages(values: Array) -> Array:
    return np.floor(np.maximum(values, 0.0) / PAGE_BYTES) * PAGE_BYTES
