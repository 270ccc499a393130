"""What the hosts make of the requests: CPU, load, memory, network."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lab.world.shop.answers import Answers
from lab.world.shop.leaks import by_host, used_without_leaks
from lab.world.shop.queueing import waiting
from lab.world.shop.resources import Resources
from lab.world.shop.sizes import CORES, MEMORY, REPLICA_MEMORY, SWAP
from lab.world.shop.topology import CALLS, NODE_AT, NODE_HOST, NODES
from lab.world.shop.traffic import INTO, OUT, Demand
from lab.world.signals import Array

# Share of its work that a node spends on a CPU; the rest waits for a bank, a disk, a customer.
CPU_SHARE = np.array([1.0, 0.9, 0.9, 0.8, 0.25, 0.95, 0.7, 1.0, 0.4])
SYSTEM_CPU = np.array([0.04, 0.05, 0.05, 0.12])
BACKUP_HOUR, BACKUP_MINUTES, BACKUP_CPU = 2, 45, 0.22
CROWD = 30.0  # processes that may wait for each core
SHARING = 0.25  # how much slower work gets on a busy host, as cores share caches
SWAPPING = 6.0  # how much slower work gets with swap full

REQUEST_BYTES, ANSWER_BYTES = 2500.0, 9000.0
IN_FLIGHT_BYTES = 1.5e6
QUEUE = NODE_AT["queue"]


@dataclass(frozen=True)
class Cores:
    """How much of its CPU each host is asked for.

    Attributes:
        node_cores: Cores that each node could use, shape (T, N).
        share: All of it as a share of the host, above 1 where it is too much, shape (T, H).
    """

    node_cores: Array
    share: Array


def other_cpu(taken: Array, times: pd.DatetimeIndex) -> Array:
    """Return the share of CPU that goes to anything but requests.

    Args:
        taken: Knob ``cpu_taken``, shape (T, H).
        times: UTC times, shape (T,), for the nightly backup of the database.

    Returns:
        Shape (T, H).
    """
    other: Array = taken + SYSTEM_CPU
    minute = times.hour.to_numpy() * 60 + times.minute.to_numpy() - BACKUP_HOUR * 60
    other[:, -1] += np.where((minute >= 0) & (minute < BACKUP_MINUTES), BACKUP_CPU, 0.0)
    return other


def cores_wanted(demand: Demand, knobs: dict[str, Array], other: Array) -> Cores:
    """Return the CPU that hosts are asked for.

    Args:
        demand: Requests that are worked on.
        knobs: Values of every knob.
        other: What ``other_cpu`` gives.

    Returns:
        Cores and shares.
    """
    work = np.array([node.work_seconds for node in NODES]) * CPU_SHARE
    wanted = demand.started / 60.0 * work * knobs["slowdown"]
    return Cores(wanted, by_host(wanted) / CORES + other)


def stretched(wanted: Cores, swap: Array) -> Array:
    """Return by what factor hosts slow their nodes down.

    Args:
        wanted: CPU asked for.
        swap: Swap in use, shape (T, H).

    Returns:
        Shape (T, N), 1 on an idle host, growing with load and swap.
    """
    waits = waiting(wanted.share, np.broadcast_to(CORES, wanted.share.shape), CROWD)
    slower = (1 + SHARING * np.minimum(wanted.share, 1.0) + waits) * (1 + SWAPPING * swap / SWAP)
    return np.asarray(slower[:, NODE_HOST])


@dataclass(frozen=True)
class Machines:
    """What the hosts show; fields as in ``Flows``."""

    cpu_seconds: Array
    memory_bytes: Array
    host_cpu: Array
    host_memory_bytes: Array
    host_network_bytes: Array
    host_running: Array


def machines(
    demand: Demand,
    answers: Answers,
    wanted: Cores,
    found: Resources,
    knobs: dict[str, Array],
    chance: Array,
) -> Machines:
    """Work out what the hosts show.

    Args:
        demand: Arrivals and calls.
        answers: Latency.
        wanted: CPU asked for.
        found: Replicas, leaks and disks.
        knobs: Values of every knob.
        chance: Noise, shape (T, N + H).

    Returns:
        What the hosts show, before loads are averaged over a minute.
    """
    # A host that is asked for more than it has gives everyone less.
    given = np.minimum(1.0, 1.0 / np.maximum(wanted.share, 1e-9))
    cpu_seconds = 60.0 * wanted.node_cores * given[:, NODE_HOST]
    host_cpu = np.minimum(wanted.share, 1.0) * (1 - 0.02 * np.abs(chance[:, len(NODES) :]))
    in_flight = demand.arrivals / 60.0 * answers.latency
    settled = found.replicas * REPLICA_MEMORY * (1 + 0.004 * chance[:, : len(NODES)])
    memory = settled + found.leaked + in_flight * IN_FLIGHT_BYTES
    used = used_without_leaks(found.replicas, knobs["memory_taken"])
    used = used + by_host(memory - found.replicas * REPLICA_MEMORY)
    running = CORES * wanted.share + by_host(np.maximum(answers.load - 1.0, 0.0)) * 4.0
    return Machines(
        cpu_seconds, memory, host_cpu, np.minimum(used, 0.985 * MEMORY),
        _received(demand) * (1 + 0.03 * chance[:, len(NODES) :]), running,
    )  # fmt: skip


def _received(demand: Demand) -> Array:
    """Bytes that come in from elsewhere: requests, and the answers to calls."""
    crossing = [NODES[NODE_AT[c.caller]].host != NODES[NODE_AT[c.callee]].host for c in CALLS]
    bytes_in = np.zeros(demand.arrivals.shape)
    bytes_in[:, 0] = demand.arrivals[:, 0] * REQUEST_BYTES
    for node in range(len(NODES)):
        for e in INTO[node]:
            bytes_in[:, node] += demand.calls[:, e] * REQUEST_BYTES * crossing[e]
        for e in OUT[node]:
            bytes_in[:, node] += demand.calls[:, e] * ANSWER_BYTES * crossing[e]
    return by_host(bytes_in)
