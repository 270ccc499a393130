"""What a stretch of the shop's life was like, minute by minute, before any lens looks at it."""

from dataclasses import dataclass

import pandas as pd

from lab.world.faults.fault import Incident
from lab.world.signals import Array


@dataclass(frozen=True)
class Flows:
    """Requests, resources and queues; T minutes, N nodes, E calls, H hosts.

    Per node, shape (T, N), in the order of ``NODES``:

    Attributes:
        arrivals: Requests that reached it in the minute, retries included.
        served: Of these, answered well.
        failed: Of these, failed or given up; ``arrivals == served + failed``.
        failed_here: Of the failed, those whose cause is this node itself.
        refused: Of the failed here, those refused as unauthorised.
        latency_seconds: Mean time a request spends here, its calls included.
        own_seconds: Mean time a request spends here, its calls excluded.
        utilisation: Share of workers busy, 0 to 1.
        in_flight: Mean requests inside (Little: arrivals per second times latency).
        replicas: Replicas that run.
        cpu_seconds: CPU seconds used in the minute.
        memory_bytes: Resident memory over all replicas.
        restarts: Restarts in the minute.
        calls: Shape (T, E), in the order of ``CALLS``: calls made, retries included.
        call_failures: Shape (T, E): of these, failed.
        cache_hits: Shape (T,): reads the cache answered.
        cache_misses: Shape (T,): reads it could not.
        queue_depth: Shape (T,): messages waiting at the end of the minute.
        queue_age_seconds: Shape (T,): age of the oldest.
        pool_in_use: Shape (T,): database connections in use.
        host_cpu: Shape (T, H): share of CPU in use, 0 to 1.
        host_memory_bytes: Shape (T, H): memory in use.
        host_swap_bytes: Shape (T, H): swap in use.
        host_disk_bytes: Shape (T, H): disk in use.
        host_network_bytes: Shape (T, H): bytes received in the minute.
        host_load: Shape (T, H): one-minute load average.
        sessions: Shape (T,): visits that began.
        checkouts: Shape (T,): orders tried.
        orders: Shape (T,): orders paid; ``orders <= checkouts <= arrivals at edge``.
    """

    arrivals: Array
    served: Array
    failed: Array
    failed_here: Array
    refused: Array
    latency_seconds: Array
    own_seconds: Array
    utilisation: Array
    in_flight: Array
    replicas: Array
    cpu_seconds: Array
    memory_bytes: Array
    restarts: Array
    calls: Array
    call_failures: Array
    cache_hits: Array
    cache_misses: Array
    queue_depth: Array
    queue_age_seconds: Array
    pool_in_use: Array
    host_cpu: Array
    host_memory_bytes: Array
    host_swap_bytes: Array
    host_disk_bytes: Array
    host_network_bytes: Array
    host_load: Array
    sessions: Array
    checkouts: Array
    orders: Array


@dataclass(frozen=True)
class ShopRun:
    """A stretch of the shop's life.

    Attributes:
        seed: World seed.
        first_minute: Minutes since the world began, of the first row.
        times: One UTC time per minute, shape (T,).
        flows: What happened.
        knobs: Value of every knob at every minute: shape (T, N), (T, H) or (T,) by its scope.
        incidents: What struck, whenever.
    """

    seed: int
    first_minute: int
    times: pd.DatetimeIndex
    flows: Flows
    knobs: dict[str, Array]
    incidents: tuple[Incident, ...] = ()
