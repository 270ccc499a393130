"""How often calls are made, fail and are lost, minute by minute, as the run says."""

import numpy as np

from lab.world.shop.run import ShopRun
from lab.world.shop.topology import CALLS
from lab.world.shop.traffic import CALLEE, OUT
from lab.world.signals import Array


def blame(run: ShopRun, node: int) -> Array:
    """Chance that each call of a request fails for good, shape (T, calls of the node)."""
    columns = [
        failing(run, e) ** (CALLS[e].retries + 1) * first_calls(run, e)
        if CALLS[e].kind == "sync"
        else np.zeros(len(run.times))
        for e in OUT[node]
    ]
    return np.stack(columns, axis=1) if columns else np.zeros((len(run.times), 1))


def timed_out(run: ShopRun, node: int) -> Array:
    """Share of requests given up because their calls took too long, though none failed."""
    flows = run.flows
    beyond = flows.failed[:, node] - flows.failed_here[:, node]
    arrivals = np.maximum(flows.arrivals[:, node], 1.0)
    return np.asarray(np.clip(beyond / arrivals - blame(run, node).sum(axis=1), 0.0, 1.0))


def waits(run: ShopRun, node: int) -> Array:
    """Seconds that a request spends in each of its calls."""
    columns = [
        first_calls(run, e) * run.flows.latency_seconds[:, CALLEE[e]] * (CALLS[e].kind == "sync")
        for e in OUT[node]
    ]
    return np.stack(columns, axis=1) if columns else np.zeros((len(run.times), 1))


def unseen(run: ShopRun, node: int) -> Array:
    """Share of calls that a node never sees."""
    loss = run.knobs["loss"][:, node] ** 2
    up = run.knobs["reachable"][:, node] * (run.flows.replicas[:, node] > 0)
    return np.asarray(1 - up * (1 - loss))


def failing(run: ShopRun, edge: int) -> Array:
    """Share of the attempts of a call that fail, shape (T,)."""
    calls = run.flows.calls[:, edge]
    return np.asarray(run.flows.call_failures[:, edge] / np.maximum(calls, 1.0))


def first_calls(run: ShopRun, edge: int) -> Array:
    """Mean calls for one request, repeats left out, shape (T,)."""
    call, reads = CALLS[edge], run.flows.cache_hits + run.flows.cache_misses
    miss = run.flows.cache_misses / np.maximum(reads, 1.0) if call.after_miss else 1.0
    return np.full(len(run.times), call.per_request) * miss
