"""Which requests are traced, and the calls each of them made.

Requests that failed are traced more often than their share, as tail-based sampling does; the
weight of a trace says how many requests it stands for.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lab.world.lenses.dice import Bits, Dice
from lab.world.lenses.numbered import numbered
from lab.world.lenses.traces_rates import blame, failing, first_calls, unseen, waits
from lab.world.shop.run import ShopRun
from lab.world.shop.topology import CALLS
from lab.world.shop.traffic import CALLEE, CALLERS_FIRST, OUT
from lab.world.signals import Array, Flags

Rows = NDArray[np.int64]

TRACES = 501
REQUESTS_PER_TRACE = 1200.0
MOST_GOOD, MOST_FAILED = 6.0, 3.0
GOOD, HERE, CALL, SLOW = 0, 1, 2, 3  # why a span failed, if it did
WELL, BADLY = 1, 2  # how an attempt went
NOBODY = -1


@dataclass(frozen=True)
class Tree:
    """Spans in columns, callers before those they call; S spans, shape (S,) each.

    Attributes:
        trace: Number of the trace within the stretch.
        minute: Row of the minute.
        parent: Row of the caller's span; -1 for the first of a trace.
        node: Number of the node that was asked.
        edge: Number of the call in ``CALLS``; -1 for the first of a trace.
        place: Order among the calls of the same caller.
        bits: What tells this span from every other.
        cause: 0 when all went well, else why it failed.
        culprit: Number of the call that failed it or held it up; -1 if none.
        seen: Whether the node noticed the call at all.
        weight: Requests that one stands for.
    """

    trace: Rows
    minute: Rows
    parent: Rows
    node: Rows
    edge: Rows
    place: Rows
    bits: Bits
    cause: Rows
    culprit: Rows
    seen: Flags
    weight: Array

    @property
    def failed(self) -> Flags:
        """Which spans failed."""
        return np.asarray(self.cause != GOOD)


@dataclass(frozen=True)
class Asked:
    """Requests to one node before it is known what they do; columns as in ``Tree``."""

    trace: Rows
    minute: Rows
    parent: Rows
    edge: Rows
    place: Rows
    bits: Bits
    failed: Flags
    weight: Array


def tree(run: ShopRun) -> Tree:
    """Trace some requests of every minute through the topology.

    Args:
        run: What happened.

    Returns:
        Their spans, node by node.
    """
    dice = Dice(run.seed, TRACES)
    waiting: dict[int, list[Asked]] = {node: [] for node in CALLERS_FIRST}
    waiting[0].append(_sampled(run, dice))
    parts: list[Tree] = []
    rows = 0
    for node in CALLERS_FIRST:
        part = _answered(run, dice, node, _joined(waiting[node]))
        for edge in OUT[node]:
            waiting[CALLEE[edge]].append(_called(run, dice, edge, part, rows))
        parts.append(part)
        rows += len(part.trace)
    names = Tree.__dataclass_fields__
    return Tree(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in names})


def _sampled(run: ShopRun, dice: Dice) -> Asked:
    minutes = run.first_minute + np.arange(len(run.times))
    failed, good = run.flows.failed[:, 0], run.flows.served[:, 0]
    picked_good = np.clip(np.rint(good / REQUESTS_PER_TRACE), 1, MOST_GOOD) * (good > 0)
    picked_failed = np.minimum(failed, MOST_FAILED)
    both = np.stack([picked_failed, picked_good], axis=1).astype(np.int64)
    shares = np.stack([failed, good], axis=1) / np.maximum(both, 1)
    cell, number = numbered(both.ravel())
    minute, kind = np.divmod(cell, 2)
    nobody = np.full(len(minute), NOBODY)
    return Asked(
        trace=np.arange(len(minute)),
        minute=minute,
        parent=nobody,
        edge=nobody,
        place=np.zeros(len(minute), dtype=np.int64),
        bits=dice.bits("request", minutes[minute], kind, number),
        failed=kind == 0,
        weight=shares[minute, kind],
    )


def _joined(parts: list[Asked]) -> Asked:
    names = Asked.__dataclass_fields__
    return Asked(**{name: np.concatenate([getattr(p, name) for p in parts]) for name in names})


def _answered(run: ShopRun, dice: Dice, node: int, asked: Asked) -> Tree:
    """Say why each request to a node failed, if it did, and whether it got there."""
    at, flows = asked.minute, run.flows
    failed = np.maximum(flows.failed[:, node], 1e-12)
    share_here = np.minimum(flows.failed_here[:, node] / failed, 1.0)
    beyond = np.maximum(failed - flows.failed_here[:, node], 1e-12)
    blamed = blame(run, node)
    by_call = np.minimum(blamed.sum(axis=1) * flows.arrivals[:, node] / beyond, 1.0)
    here = dice.uniform("here", asked.bits) < share_here[at]
    call = dice.uniform("call", asked.bits) < by_call[at]
    cause = np.where(here, HERE, np.where(call, CALL, SLOW)) * asked.failed
    culprit = _drawn(blamed, dice.uniform("culprit", asked.bits), at, OUT[node])
    slowest = _drawn(waits(run, node), dice.uniform("slow", asked.bits), at, OUT[node])
    culprit = np.select([cause == CALL, cause == SLOW], [culprit, slowest], NOBODY)
    cause = np.where((culprit == NOBODY) & asked.failed, HERE, cause)
    lost = unseen(run, node) / np.maximum(failed / np.maximum(flows.arrivals[:, node], 1), 1e-12)
    missed = asked.failed & (dice.uniform("lost", asked.bits) < lost[at]) & (asked.parent >= 0)
    return Tree(
        asked.trace, at, asked.parent, np.full(len(at), node), asked.edge, asked.place, asked.bits,
        np.where(missed, HERE, cause), np.where(missed, NOBODY, culprit), ~missed, asked.weight,
    )  # fmt: skip


def _drawn(weights: Array, chance: Array, at: Rows, edges: list[int]) -> Rows:
    """Draw one of the calls by weight; -1 where none has any."""
    if not edges:
        return np.full(len(at), NOBODY)
    upto = np.cumsum(weights, axis=1)[at]
    picked = (upto <= chance[:, None] * upto[:, -1:]).sum(axis=1)
    return np.where(upto[:, -1] > 0, np.asarray(edges)[np.minimum(picked, len(edges) - 1)], NOBODY)


def _called(run: ShopRun, dice: Dice, edge: int, part: Tree, first_row: int) -> Asked:
    """The calls along one edge that a node's requests make, one row for each attempt."""
    attempts = _attempts(run, dice, edge, part)
    caller, which, attempt = np.nonzero(attempts)
    place = (edge * 8 + which) * 8 + attempt
    return Asked(
        part.trace[caller], part.minute[caller], caller + first_row, np.full(len(caller), edge),
        place, dice.bits("span", part.bits[caller], place),
        attempts[caller, which, attempt] == BADLY, part.weight[caller],
    )  # fmt: skip


def _attempts(run: ShopRun, dice: Dice, edge: int, part: Tree) -> Rows:
    """How every attempt went, shape (spans, calls, attempts); 0 where there was none."""
    call, at = CALLS[edge], part.minute
    most = int(np.ceil(call.per_request))
    blamed = part.culprit == edge
    fails, held_up = (part.cause == CALL) & blamed, (part.cause == SLOW) & blamed
    # Whoever fails by itself fails before it calls; whoever fails by a call stops there.
    reached = (part.cause != HERE) & ((part.cause != CALL) | (part.culprit >= edge))
    mean = first_calls(run, edge)[at]
    rate = np.clip(failing(run, edge)[at], 0.0, 1 - 1e-9)
    found = np.zeros((len(at), most, call.retries + 1), dtype=np.int64)
    for number in range(most):
        numbers = np.full(len(at), edge * 8 + number)
        share = mean / most if call.after_miss else np.clip(mean - number, 0.0, 1.0)
        made = reached & (dice.uniform("made", part.bits, numbers) < share)
        made |= held_up & (number == 0)
        chance = dice.uniform("tries", part.bits, numbers)
        if call.kind == "async":  # nobody waits for these, so they may fail without a word
            found[:, number, 0] = made * np.where(chance < rate, BADLY, WELL)
            continue
        wasted = _wasted(chance, rate, call.retries)
        for attempt in range(call.retries + 1):
            went = np.where(attempt == wasted, WELL, np.where(attempt < wasted, BADLY, 0)) * made
            found[:, number, attempt] = np.where(fails & (number == 0), BADLY, went)
    return found


def _wasted(chance: Array, rate: Array, retries: int) -> Rows:
    """Failed attempts before the one that went well: geometric, cut off at the retries."""
    if not retries:
        return np.zeros(len(chance), dtype=np.int64)
    left = 1 - chance * (1 - rate ** (retries + 1))
    wasted = np.floor(np.log(left) / np.log(np.maximum(rate, 1e-12)))
    return np.minimum(wasted, retries).astype(np.int64)
