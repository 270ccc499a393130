"""A host on a day without faults: hidden drivers first, then the metrics they cause.

Faults change drivers, never metrics, so that every effect reaches every metric it should:
a flood of traffic raises CPU, load and memory without anybody saying so.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lab.world.fleet.roles import Role
from lab.world.signals import DAY_MINUTES, Array, damped, generator, rhythm, trailing_mean, wander

CPU = "instance:node_cpu_utilisation:rate5m"
MEMORY = "node_memory_MemAvailable_bytes"
DISK = "node_filesystem_avail_bytes"
NETWORK = "instance:node_network_receive_bytes_excluding_lo:rate5m"
LOAD = "node_load1"
METRICS = (CPU, MEMORY, DISK, NETWORK, LOAD)

PAGE_BYTES = 4096


@dataclass(frozen=True)
class Drivers:
    """What goes on inside one host, minute by minute; every array has shape (n,).

    Attributes:
        busy: How busy people keep the host, 1.0 being a weekday's peak.
        traffic: Bytes received in each second.
        own_cpu: CPU share not caused by traffic, beyond the idle share.
        memory: Bytes in use that are not caused by traffic.
        disk: Bytes used on the root file system.
        waiting: Processes blocked on input and output.
    """

    busy: Array
    traffic: Array
    own_cpu: Array
    memory: Array
    disk: Array
    waiting: Array


def background(
    role: Role, times: pd.DatetimeIndex, seed: int, number: int, noise: float
) -> Drivers:
    """Draw the drivers of one healthy host.

    Args:
        role: What the host does.
        times: UTC times, one per minute, shape (n,).
        seed: World seed.
        number: Number of the host, from 1.
        noise: Factor on every random fluctuation; 1 is ordinary.

    Returns:
        Drivers of shape (n,).
    """
    rng = generator(seed, number)
    n = len(times)
    size, shift = rng.uniform(0.85, 1.1), rng.uniform(-30, 30)
    busy = rhythm(times, role.floor, role.weekend, shift) * size
    fast, slow = wander(rng, n, 2, 0.05 * noise), wander(rng, n, 90, 0.04 * noise)
    traffic = role.traffic * busy * np.exp(fast + slow)
    own_cpu = wander(rng, n, 1, 0.012 * noise) + wander(rng, n, 30, 0.006 * noise)
    own_cpu += role.job_cpu * _nightly_job(role, times, rng)
    memory = role.memory * (role.memory_share + wander(rng, n, 360, 0.008 * noise))
    memory += role.memory * wander(rng, n, 1, 0.0005 * noise)
    waiting = 0.15 + 0.1 * np.abs(wander(rng, n, 1, noise))
    disk = _disk_use(role, times, traffic, start=rng.uniform(0.42, 0.5))
    return Drivers(busy, traffic, own_cpu, memory, disk, waiting)


def _nightly_job(role: Role, times: pd.DatetimeIndex, rng: np.random.Generator) -> Array:
    """Return 1 while the nightly job runs and 0 otherwise; it begins a little late each night."""
    minute = times.hour.to_numpy() * 60 + times.minute.to_numpy()
    day = np.cumsum(minute == 0)
    late = rng.integers(0, 6, size=day[-1] + 1)[day]
    began = minute - role.job_hour * 60 - late
    running = (began >= 0) & (began < role.job_minutes) & (role.job_hour >= 0)
    return np.asarray(running, dtype=np.float64)


def _disk_use(role: Role, times: pd.DatetimeIndex, traffic: Array, start: float) -> Array:
    """Return bytes used: logs grow with traffic until midnight, and a little stays for good."""
    written = np.cumsum(traffic / role.traffic) / DAY_MINUTES
    rotated = (times.hour == 0) & (times.minute == 0)
    before = np.concatenate([[0.0], written[:-1]])
    last = np.maximum.accumulate(np.where(rotated, before, 0.0))
    use: Array = role.disk * (start + 0.0008 * written + 0.03 * (written - last))
    return use


def observe(drivers: Drivers, role: Role) -> dict[str, Array]:
    """Turn what goes on inside a host into the five metrics that leave it.

    Args:
        drivers: Shape (n,), with or without faults.
        role: Sizes of the host.

    Returns:
        Metric name to values of shape (n,), rounded as an exporter would show them: CPU a
        ratio from 0 to 1, memory and disk in bytes available, network in bytes per second,
        load in processes.
    """
    share = drivers.traffic / role.traffic
    demand = role.idle_cpu + role.traffic_cpu * share + drivers.own_cpu
    demand = np.maximum(demand, 0.01)
    used = drivers.memory + 0.06 * role.memory * trailing_mean(share, 10)
    used = np.clip(used, 0.05 * role.memory, 0.985 * role.memory)
    free = np.clip(role.disk - drivers.disk, 0.002 * role.disk, role.disk)
    return {
        CPU: np.round(trailing_mean(np.minimum(demand, 0.995), 5), 4),
        MEMORY: np.floor((role.memory - used) / PAGE_BYTES) * PAGE_BYTES,
        DISK: np.floor(free / PAGE_BYTES) * PAGE_BYTES,
        NETWORK: np.round(trailing_mean(drivers.traffic, 5)),
        LOAD: np.round(damped(role.cores * demand + drivers.waiting), 2),
    }
