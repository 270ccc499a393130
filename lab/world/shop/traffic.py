"""From customers inwards: who is called how often, and how many fail before any work is done."""

from dataclasses import dataclass

import numpy as np

from lab.world.shop.resources import Resources
from lab.world.shop.topology import CALLS, NODE_AT, NODE_HOST, NODE_NAMES, NODES
from lab.world.shop.workload import count, share_of
from lab.world.signals import Array

# Calls that leave a node and calls that reach it, by number.
OUT = [[e for e, call in enumerate(CALLS) if call.caller == name] for name in NODE_NAMES]
INTO = [[e for e, call in enumerate(CALLS) if call.callee == name] for name in NODE_NAMES]
CALLEE = [NODE_AT[call.callee] for call in CALLS]


def _callers_first() -> list[int]:
    order: list[int] = []
    while len(order) < len(NODES):
        order += [
            place
            for place in range(len(NODES))
            if place not in order and all(NODE_AT[CALLS[e].caller] in order for e in INTO[place])
        ]
    return order


CALLERS_FIRST = _callers_first()

BASE_ERRORS = 0.0002  # share of requests that fail here on the best of days
DISK_FULL_ERRORS = {"database": 0.6, "queue": 1.0}  # share of requests that write


@dataclass(frozen=True)
class Chance:
    """Standard normal noise for every number that is drawn.

    Attributes:
        calls: Shape (T, E).
        here: For failures that begin at a node, shape (T, N).
        beyond: For failures that come from its calls, shape (T, N).
        effort: For the work that requests of a minute take, shape (T, N).
    """

    calls: Array
    here: Array
    beyond: Array
    effort: Array


@dataclass(frozen=True)
class Demand:
    """Who is asked how much in each minute, whole numbers.

    Attributes:
        arrivals: Requests that reach a node, shape (T, N).
        turned_away: Of these, failed before any work was done, shape (T, N).
        started: Of the others, those for which a worker was found in time, shape (T, N).
        firsts: Calls made for the first time, shape (T, E).
        calls: Calls made, retries included, shape (T, E).
    """

    arrivals: Array
    turned_away: Array
    started: Array
    firsts: Array
    calls: Array


def failing_at_once(knobs: dict[str, Array], found: Resources) -> Array:
    """Return the share of requests that each node fails by itself, whatever the load.

    Args:
        knobs: Values of every knob.
        found: Replicas and disks.

    Returns:
        Shape (T, N), from 0 to 1.
    """
    # A request outlives a lost packet or two; what is lost over and over fails.
    lost = knobs["loss"] * knobs["loss"]
    kept = (1 - BASE_ERRORS) * (1 - knobs["error_rate"]) * (1 - knobs["refused"]) * (1 - lost)
    kept = kept * knobs["reachable"] * (found.replicas > 0)
    for name, share in DISK_FULL_ERRORS.items():
        node = NODE_AT[name]
        kept[:, node] *= 1 - share * found.disk_full[:, NODE_HOST[node]]
    return np.asarray(1 - np.clip(kept, 0.0, 1.0))


def demanded(
    requests: Array, at_once: Array, failing: Array, left: Array, miss: Array, chance: Chance
) -> Demand:
    """Follow the customers' requests through the topology.

    Args:
        requests: Requests of customers, whole numbers, shape (T,).
        at_once: Share that fails before any work is done, shape (T, N).
        failing: Share of all requests to a node that fails, as callers meet it, shape (T, N).
        left: Share of what a node would handle that it never begins, shape (T, N).
        miss: Share of reads that the cache cannot answer, shape (T,).
        chance: Noise.

    Returns:
        Arrivals and calls; every node receives exactly what its callers send.
    """
    shape = at_once.shape
    arrivals, away, started = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    firsts, calls = np.zeros((len(requests), len(CALLS))), np.zeros((len(requests), len(CALLS)))
    arrivals[:, 0] = requests
    for node in CALLERS_FIRST:
        if node:
            arrivals[:, node] = sum(calls[:, e] for e in INTO[node])
        away[:, node] = share_of(arrivals[:, node], at_once[:, node], chance.here[:, node])
        handled = arrivals[:, node] - away[:, node]
        started[:, node] = np.floor(handled * (1 - left[:, node]) + 0.5)
        for e in OUT[node]:
            firsts[:, e] = _first_calls(e, started[:, node], miss, chance.calls[:, e])
            again = _tries(failing[:, CALLEE[e]], CALLS[e].retries)
            calls[:, e] = np.floor(firsts[:, e] * again + 0.5)
    return Demand(arrivals, away, started, firsts, calls)


def _first_calls(number: int, started: Array, miss: Array, chance: Array) -> Array:
    call = CALLS[number]
    if call.per_request == 1.0:
        return started
    mean = started * call.per_request * (miss if call.after_miss else 1.0)
    return count(mean, chance, started * np.ceil(call.per_request))


def _tries(failing: Array, retries: int) -> Array:
    """Mean attempts for one call: the first, and another after each failure while any is left."""
    tries, chance = np.ones_like(failing), np.ones_like(failing)
    for _ in range(retries):
        chance = chance * failing
        tries = tries + chance
    return tries
