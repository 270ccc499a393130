"""The golden signals of each part of the shop, minute by minute, and how it is doing in a word."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from lab.world.shop.run import ShopRun
from lab.world.shop.topology import CALLS, NODES
from lab.world.signals import Array

Health = Literal["healthy", "busy", "slow", "failing", "down", "unseen"]
# Shares of requests that fail, and of workers busy, from which a person would look.
FAILING, DOWN, BUSY = 0.02, 0.5, 0.85
# Nobody notices less than this; above it, how many times the usual is slow.
NOTICED_MS, SLOW = 50.0, 3.0


@dataclass(frozen=True)
class Signals:
    """One part of the shop in one minute.

    Args:
        name: Service or store.
        health: How it is doing in a word; ``unseen`` when its metrics cannot be scraped.
        latency_ms: 95th percentile of how long it takes to answer, its calls included.
        traffic: Requests in a second.
        errors: Share of requests that fail, 0 to 1.
        saturation: Share of workers busy, 0 to 1.
        replicas: Replicas that run.
    """

    name: str
    health: Health
    latency_ms: float
    traffic: float
    errors: float
    saturation: float
    replicas: int


@dataclass(frozen=True)
class Edge:
    """Calls from one part to another in one minute.

    Args:
        caller: Who calls.
        callee: Who is called.
        traffic: Calls in a second.
        errors: Share of them that fail, 0 to 1.
    """

    caller: str
    callee: str
    traffic: float
    errors: float


def nodes(
    run: ShopRun, at: int, p95_ms: Mapping[str, float], usual_ms: Mapping[str, float]
) -> tuple[Signals, ...]:
    """Every part of the shop in one minute.

    Args:
        run: A stretch of the shop's life.
        at: Row of the minute in it.
        p95_ms: 95th percentile of latency by node; the mean where it is not known.
        usual_ms: What that is when all is well, by node; nothing is slow where it is not known.
    """
    flows, found = run.flows, []
    for place, node in enumerate(NODES):
        arrivals = float(flows.arrivals[at, place])
        errors = float(flows.failed[at, place]) / arrivals if arrivals else 0.0
        latency = p95_ms.get(node.name, 1000 * float(flows.latency_seconds[at, place]))
        replicas = int(flows.replicas[at, place])
        busy = float(flows.utilisation[at, place])
        health: Health = "unseen"
        if run.knobs["scrape"][at, place] > 0:
            slow = latency > max(NOTICED_MS, SLOW * usual_ms.get(node.name, math.inf))
            health = _health(errors, slow, busy, replicas)
        found.append(Signals(node.name, health, latency, arrivals / 60, errors, busy, replicas))
    return tuple(found)


def edges(run: ShopRun, at: int) -> tuple[Edge, ...]:
    """Every call of one minute, in the order of ``CALLS``."""
    made, failed = run.flows.calls[at], run.flows.call_failures[at]
    return tuple(
        Edge(call.caller, call.callee, float(made[i]) / 60, float(failed[i] / max(made[i], 1)))
        for i, call in enumerate(CALLS)
    )


def quantile(share: float, bounds: Sequence[float], counts: Array) -> float:
    """A quantile from the buckets of a histogram, as Prometheus works it out.

    Args:
        share: Which, above 0 and below 1.
        bounds: Upper bounds, ascending, the last infinite.
        counts: Observations up to each bound, shape (B,).

    Returns:
        The quantile in the unit of the bounds, straight within a bucket; the last finite bound
        when it lies beyond; NaN without observations.

    >>> quantile(0.5, [1.0, 2.0, float("inf")], np.array([0.0, 10.0, 10.0]))
    1.5
    """
    total = float(counts[-1])
    if not total > 0:
        return float("nan")
    rank = share * total
    place = int(np.searchsorted(counts, rank))
    if place >= len(bounds) - 1:
        return float(bounds[-2])
    low, before = (bounds[place - 1], float(counts[place - 1])) if place else (0.0, 0.0)
    inside = float(counts[place]) - before
    return float(low + (bounds[place] - low) * (rank - before) / inside)


def _health(errors: float, slow: bool, busy: float, replicas: int) -> Health:
    if replicas == 0 or errors >= DOWN:
        return "down"
    if errors >= FAILING:
        return "failing"
    if slow:
        return "slow"
    return "busy" if busy >= BUSY else "healthy"
