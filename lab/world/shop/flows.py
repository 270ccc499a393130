"""Everything of a stretch put together as ``Flows``."""

import numpy as np

from lab.world.shop.answers import PUBLISH_SECONDS
from lab.world.shop.backlog import Backlog, consumer_speed
from lab.world.shop.machines import machines
from lab.world.shop.resources import Resources
from lab.world.shop.run import Flows
from lab.world.shop.settling import Traffic
from lab.world.shop.topology import CALLS, NODE_AT, NODES
from lab.world.shop.traffic import INTO, OUT, Demand
from lab.world.signals import Array

# What is left of a load average after a minute: e to the power of -1.
LOAD_KEPT = 0.36787944117144233
QUEUE, CACHE, DATABASE, PAYMENT = (
    NODE_AT[name] for name in ("queue", "cache", "database", "payment")
)
CHECKOUT = next(e for e in OUT[NODE_AT["cart"]] if CALLS[e].callee == "payment")


class LoadAverage:
    """The one-minute load averages of the hosts."""

    def __init__(self) -> None:
        """Begin with what runs in the first minute."""
        self.load: list[float] = []

    def advance(self, running: Array) -> Array:
        """Go on for some minutes.

        Args:
            running: Processes that run or wait for a CPU, shape (T, H).

        Returns:
            Load averages, shape (T, H).
        """
        rows = []
        self.load = self.load or running[0].tolist()
        for now in running.tolist():
            pairs = zip(self.load, now, strict=True)
            self.load = [LOAD_KEPT * old + (1 - LOAD_KEPT) * new for old, new in pairs]
            rows.append(self.load)
        return np.asarray(rows)


def gathered(
    sessions: Array,
    traffic: Traffic,
    found: Resources,
    knobs: dict[str, Array],
    backlog: Backlog,
    average: LoadAverage,
    chance: Array,
) -> Flows:
    """Put the parts of a stretch together.

    Args:
        sessions: Visits that began, shape (T,).
        traffic: What came and what became of it.
        found: Replicas, disks, cache.
        knobs: Values of every knob.
        backlog: The queue so far; it goes on.
        average: The load averages so far; they go on.
        chance: Noise of hosts, shape (T, N + H).

    Returns:
        The flows of the stretch.
    """
    demand, answers = traffic.demand, traffic.answers
    seen = machines(demand, answers, traffic.cores, found, knobs, chance)
    served = demand.arrivals - answers.failed
    slower = answers.work[:, QUEUE] / PUBLISH_SECONDS
    speed = consumer_speed(found.replicas[:, QUEUE], knobs["consumers"], slower)
    depth, age, done = backlog.advance(served[:, QUEUE], speed)
    utilisation = np.minimum(answers.load, 1.0)
    utilisation[:, QUEUE] = np.minimum(done / np.maximum(speed, 1.0), 1.0)
    hits, misses = _reads(demand, served[:, CACHE], found.miss)
    checkouts = demand.firsts[:, CHECKOUT]
    return Flows(
        arrivals=demand.arrivals,
        served=served,
        failed=answers.failed,
        failed_here=answers.failed_here,
        refused=np.minimum(answers.failed_here, np.floor(demand.arrivals * knobs["refused"] + 0.5)),
        latency_seconds=answers.latency,
        own_seconds=answers.own,
        utilisation=utilisation,
        in_flight=demand.arrivals / 60.0 * answers.latency,
        replicas=found.replicas,
        cpu_seconds=seen.cpu_seconds,
        memory_bytes=seen.memory_bytes,
        restarts=found.restarts,
        calls=demand.calls,
        call_failures=_call_failures(demand.calls, answers.failed),
        cache_hits=hits,
        cache_misses=misses,
        queue_depth=depth,
        queue_age_seconds=age,
        pool_in_use=utilisation[:, DATABASE]
        * NODES[DATABASE].workers
        * found.replicas[:, DATABASE],
        host_cpu=seen.host_cpu,
        host_memory_bytes=seen.host_memory_bytes,
        host_swap_bytes=found.swap,
        host_disk_bytes=found.disk,
        host_network_bytes=np.floor(seen.host_network_bytes),
        host_load=average.advance(seen.host_running),
        sessions=sessions,
        checkouts=checkouts,
        orders=np.minimum(checkouts, served[:, PAYMENT]),
    )


def _reads(demand: Demand, served: Array, miss: Array) -> tuple[Array, Array]:
    """Reads the cache answered, and reads it could not; each that needs the database is a miss."""
    sent_on = sum(demand.firsts[:, e] for e, call in enumerate(CALLS) if call.after_miss)
    readers = {call.caller for call in CALLS if call.after_miss}
    others = [e for e in INTO[CACHE] if CALLS[e].caller not in readers]
    misses = sent_on + sum(np.floor(demand.calls[:, e] * miss + 0.5) for e in others)
    misses = np.minimum(misses, served)
    return served - misses, misses


def _call_failures(calls: Array, failed: Array) -> Array:
    """Failures of each node shared out among those who called it, in whole numbers."""
    failures = np.zeros(calls.shape)
    for node in range(len(NODES)):
        total = np.maximum(sum(calls[:, e] for e in INTO[node]), 1.0) if INTO[node] else 1.0
        before = seen = np.zeros(len(calls))
        for e in INTO[node]:
            seen = seen + calls[:, e]
            upto = np.floor(failed[:, node] * (seen / total))
            failures[:, e], before = upto - before, upto
    return failures
