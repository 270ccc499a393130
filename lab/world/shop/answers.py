"""From the depths outwards: how long each node takes, and what fails with what it calls."""

from dataclasses import dataclass, fields

import numpy as np

from lab.world.shop.exact import power
from lab.world.shop.queueing import given_up, spent, waiting
from lab.world.shop.resources import Resources
from lab.world.shop.topology import CALLS, NODE_AT, NODES
from lab.world.shop.traffic import CALLEE, CALLERS_FIRST, OUT, Chance, Demand
from lab.world.shop.workload import share_of
from lab.world.signals import Array

PACKETS = 6  # packets a request and its answer take, each of which may be lost
RESEND_SECONDS = 0.2  # least time until a lost packet is sent again (RFC 6298 as Linux has it)
PUBLISH_SECONDS = 0.002  # until the queue has taken a message
EFFORT_ASTRAY = 0.03  # deviation of the work of a minute's requests, as a share of it
QUEUE = NODE_AT["queue"]


@dataclass(frozen=True)
class Answers:
    """What became of the requests; shapes (T, N).

    Attributes:
        failed: Requests that failed, whole numbers.
        failed_here: Of these, by the node's own fault.
        failing: Share that can be expected to fail, before chance.
        latency: Mean seconds spent at the node, its calls included.
        own: Mean seconds, its calls left out.
        load: Offered load for each worker, from 0; above 1 there is more than can be done.
        work: Mean seconds of work for a request, as fast as the host is now.
    """

    failed: Array
    failed_here: Array
    failing: Array
    latency: Array
    own: Array
    load: Array
    work: Array


@dataclass(frozen=True)
class Pace:
    """How fast a node works in each minute, shape (T,) each.

    Attributes:
        work: Seconds of work for a request.
        held: Further seconds that a request keeps its worker waiting.
        fixed: Seconds that every request takes on top, ``held`` included.
        workers: Workers that answer.
    """

    work: Array
    held: Array
    fixed: Array
    workers: Array


def answered(
    demand: Demand, found: Resources, knobs: dict[str, Array], stretch: Array, chance: Chance
) -> Answers:
    """Work out latency and failures, callees before callers.

    Args:
        demand: Arrivals and calls.
        found: Replicas and disks.
        knobs: Values of every knob.
        stretch: Factor by which the host slows a node down, shape (T, N).
        chance: Noise.

    Returns:
        What became of the requests. Nothing flows from a caller to what it calls but load.
    """
    made = {field.name: np.zeros(demand.arrivals.shape) for field in fields(Answers)}
    effort = 1 + EFFORT_ASTRAY * chance.effort
    for node in reversed(CALLERS_FIRST):
        pace = _pace(node, found, knobs, stretch[:, node] * effort[:, node])
        for name, values in _one(node, pace, demand, knobs, chance, made).items():
            made[name][:, node] = values
    return Answers(**made)


def _one(
    node: int,
    pace: Pace,
    demand: Demand,
    knobs: dict[str, Array],
    chance: Chance,
    made: dict[str, Array],
) -> dict[str, Array]:
    arrivals, turned_away = demand.arrivals[:, node], demand.turned_away[:, node]
    timeout, handled = NODES[node].timeout_seconds, arrivals - turned_away
    some, nothing = np.maximum(demand.started[:, node], 1.0), np.zeros(len(arrivals))
    spans = (demand.calls[:, e] * made["latency"][:, CALLEE[e]] for e in _sync(node))
    calling = sum(spans, nothing) / some
    wait, load = _wait(handled, pace, calling)
    alone, alone_load = _wait(handled, pace, nothing)
    late = _late(timeout, pace, alone, alone_load, nothing)
    late = 1 - (1 - late) * (1 - paused_out(knobs["pause_seconds"][:, node], timeout))
    all_late = np.maximum(_late(timeout, pace, wait, load, calling), late)
    here = turned_away + share_of(handled, late, chance.here[:, node])
    left, rest = arrivals - here, 1 - (1 - all_late) / np.maximum(1 - late, 1e-12)
    beyond = 1 - _calls_succeed(node, demand, made, some) * (1 - np.clip(rest, 0.0, 1.0))
    beyond = np.clip(beyond, 0.0, 1.0)
    failed = here + share_of(left, beyond, chance.beyond[:, node])
    well = handled * (1 - late) * (1 - beyond) / np.maximum(arrivals, 1.0)
    own = pace.work + wait + pace.fixed
    taken = spent(timeout, pace.fixed, np.maximum(pace.work + wait + calling, 1e-9))
    # Requests that are turned away cost a moment each, those that wait in vain as long as others.
    share = handled / np.maximum(arrivals, 1.0)
    latency = taken * share + np.minimum(pace.work, timeout) * (1 - share)
    latency = np.where(arrivals > 0, latency, np.minimum(own, timeout))
    return {"failed": failed, "failed_here": here, "failing": 1 - well, "latency": latency,
            "own": latency * (own / (own + calling)), "load": load, "work": pace.work}  # fmt: skip


def _pace(node: int, found: Resources, knobs: dict[str, Array], slower: Array) -> Pace:
    loss, pause = knobs["loss"][:, node], knobs["pause_seconds"][:, node]
    seconds = PUBLISH_SECONDS if node == QUEUE else NODES[node].work_seconds
    work = seconds * knobs["slowdown"][:, node] * slower
    resent = PACKETS * RESEND_SECONDS * loss / (1 - np.minimum(loss, 0.9))
    held = knobs["latency_seconds"][:, node]
    # Who arrives within a pause waits half of it on average.
    paused = pause * pause / 120.0
    fixed = held + knobs["delay_seconds"][:, node] + resent + paused
    workers = NODES[node].workers * np.maximum(found.replicas[:, node], 1.0)
    answering = np.maximum(1 - pause / 60.0, 0.05) * np.maximum(knobs["reachable"][:, node], 0.05)
    return Pace(work, held, fixed, workers * answering)


def _sync(node: int) -> list[int]:
    return [e for e in OUT[node] if CALLS[e].kind == "sync"]


def _wait(handled: Array, pace: Pace, calling: Array) -> tuple[Array, Array]:
    """Seconds until a worker is free, and the load; a worker is held while its calls last."""
    service = pace.work + pace.held + calling
    load = handled / 60.0 * service / pace.workers
    return waiting(load, pace.workers) * service, load


def _late(timeout: float, pace: Pace, wait: Array, load: Array, calling: Array) -> Array:
    """Share that the caller gives up on: too slow, or more than there is capacity for."""
    varying = np.maximum(pace.work + wait + calling, 1e-9)
    late = given_up(timeout, pace.fixed, varying)
    return np.maximum(late, 1 - 1 / np.maximum(load, 1.0))


def paused_out(pause: Array, timeout: float) -> Array:
    """Share of requests that meet a pause longer than their caller waits."""
    return np.clip((pause - timeout) / 60.0, 0.0, 1.0)


def _calls_succeed(node: int, demand: Demand, made: dict[str, Array], some: Array) -> Array:
    """Chance that no call of a request fails for good, after its retries."""
    well = np.ones(len(some))
    for e in _sync(node):
        callee, per_request = CALLEE[e], demand.firsts[:, e] / some
        failing = made["failed"][:, callee] / np.maximum(demand.arrivals[:, callee], 1.0)
        lasting = failing
        for _ in range(CALLS[e].retries):
            lasting = lasting * failing
        several = power(1 - lasting, np.maximum(per_request, 1.0))
        well = well * np.where(per_request < 1, 1 - per_request * lasting, several)
    return well
