"""When each span began and how long it took: no caller is done before those it waits for."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lab.world.lenses.dice import Dice
from lab.world.lenses.traces_rates import timed_out
from lab.world.lenses.traces_tree import SLOW, TRACES, Rows, Tree
from lab.world.shop.run import ShopRun
from lab.world.shop.topology import CALLS, NODES
from lab.world.shop.traffic import CALLEE, CALLERS_FIRST, OUT
from lab.world.signals import Array, Flags

SPREAD = 0.4  # deviation of the logarithm of a span's own time
LEAST_OWN = 0.02  # share of its time that a node needs itself, however slow its calls are
REFUSED_SECONDS = 0.002  # until a call that does not get through is given up
BEFORE_CALLS = 0.4  # share of its own time that a node spends before its first call


@dataclass(frozen=True)
class Timing:
    """Start and duration of every span of a tree, shape (S,) each.

    Attributes:
        start: Nanoseconds do not matter: microseconds since 1970, UTC.
        seconds: Duration.
    """

    start: NDArray[np.int64]
    seconds: Array


def timing(run: ShopRun, spans: Tree) -> Timing:
    """Give spans times whose mean is the latency of their node in their minute.

    Args:
        run: What happened.
        spans: Its spans.

    Returns:
        Start and duration of each; what a caller waits for lies within its own span.
    """
    dice = Dice(run.seed, TRACES)
    waited = np.array([True, *(call.kind == "sync" for call in CALLS)])[spans.edge + 1]
    own = _own(run, spans, dice)
    rows = [np.flatnonzero(spans.node == node) for node in range(len(NODES))]
    seconds, cut = _summed(spans, own, waited, rows)
    kept = np.ones(len(own))
    for node in CALLERS_FIRST:
        at = rows[node]
        above = np.where(spans.parent[at] >= 0, kept[spans.parent[at]], 1.0)
        kept[at] = cut[at] * np.where(waited[at], above, 1.0)
    seconds = seconds * kept / cut
    return Timing(_starts(run, spans, dice, own * kept, seconds * waited, rows), seconds)


def _own(run: ShopRun, spans: Tree, dice: Dice) -> Array:
    """Seconds of each span without its calls."""
    means = np.stack([_own_mean(run, node) for node in range(len(NODES))], axis=1)
    shape = np.exp(SPREAD * dice.normal("own", spans.bits) - SPREAD**2 / 2)
    own = means[spans.minute, spans.node] * shape
    return np.where(spans.seen, own, REFUSED_SECONDS)


def _own_mean(run: ShopRun, node: int) -> Array:
    flows = run.flows
    latency = flows.latency_seconds[:, node]
    arrivals = np.maximum(flows.arrivals[:, node], 1.0)
    calling = sum(
        (
            flows.calls[:, e] / arrivals * flows.latency_seconds[:, CALLEE[e]]
            for e in OUT[node]
            if CALLS[e].kind == "sync"
        ),
        np.zeros(len(latency)),
    )
    # What was given up on took all its time; the others share the rest.
    slow = np.minimum(timed_out(run, node), 0.9)
    usual = (latency - slow * NODES[node].timeout_seconds) / (1 - slow)
    return np.asarray(np.maximum(usual - calling, LEAST_OWN * latency))


def _summed(spans: Tree, own: Array, waited: Flags, rows: list[Rows]) -> tuple[Array, Array]:
    """Seconds of each span with its calls, and the factor by which its caller cuts it short."""
    seconds, cut = own.copy(), np.ones(len(own))
    calls = np.zeros(len(own))
    for node in reversed(CALLERS_FIRST):
        at = rows[node]
        timeout = NODES[node].timeout_seconds
        # Whoever was given up on for being slow had used up all of its time.
        whole = np.maximum(own[at] + calls[at], timeout * (spans.cause[at] == SLOW))
        cut[at] = np.minimum(1.0, timeout / np.maximum(whole, 1e-9))
        seconds[at] = whole * cut[at]
        inner = at[waited[at] & (spans.parent[at] >= 0)]
        np.add.at(calls, spans.parent[inner], seconds[inner])
    return seconds, cut


def _starts(
    run: ShopRun, spans: Tree, dice: Dice, own: Array, waits: Array, rows: list[Rows]
) -> NDArray[np.int64]:
    """Calls follow one another within their caller, in the order of their places."""
    order = np.lexsort((spans.place, spans.parent))
    before = np.cumsum(waits[order]) - waits[order]
    family = spans.parent[order]
    first = np.searchsorted(family, family, side="left")
    earlier = np.empty(len(own))
    earlier[order] = before - before[first]
    since = dice.uniform("start", spans.bits) * 60.0
    for node in CALLERS_FIRST:
        inner = rows[node][spans.parent[rows[node]] >= 0]
        above = spans.parent[inner]
        since[inner] = since[above] + BEFORE_CALLS * own[above] + earlier[inner]
    minutes = pd.DatetimeIndex(run.times).as_unit("us").asi8
    return np.asarray(minutes[spans.minute] + np.floor(since * 1e6).astype(np.int64))
