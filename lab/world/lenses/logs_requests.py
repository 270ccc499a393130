"""What services say about requests: one line for each traced request, and what went wrong in it."""

import numpy as np

from lab.world.lenses.dice import Dice
from lab.world.lenses.logs_entries import DEBUG, ERROR, INFO, WARN, Entries, Rows
from lab.world.lenses.logs_kinds import DISK_FULL, SERVICE, disk_share
from lab.world.lenses.traces import OPERATIONS, Traced
from lab.world.lenses.traces_tree import CALL, HERE, SLOW
from lab.world.shop.run import ShopRun
from lab.world.shop.topology import CALLS, NODE_AT, NODE_NAMES
from lab.world.signals import Array, Flags

LOGS = 503
SLOW_SECONDS, SLOW_QUERY_SECONDS = 1.0, 0.2
CALLER = np.array([-1, *(NODE_AT[call.caller] for call in CALLS)])
RETRIES = np.array([0, *(call.retries for call in CALLS)])
AFTER_MISS = np.array([False, *(call.after_miss for call in CALLS)])
REASON = {HERE: "internal error", CALL: "call to {} failed", SLOW: "timed out waiting for {}"}
STATUS = {HERE: 500, CALL: 502, SLOW: 504}


def request_entries(run: ShopRun, found: Traced) -> list[Entries]:
    """Return the lines that requests cause.

    Args:
        run: What happened.
        found: Its traced requests.

    Returns:
        One line for every request a service answered, which is an error exactly when the
        request failed; retries, slow requests and slow queries as warnings; cache misses.
    """
    spans, seconds = found.tree, found.timing.seconds
    seen = spans.seen
    served = SERVICE[spans.node] & seen
    again = spans.failed & (spans.place % 8 < RETRIES[spans.edge + 1])
    slow_query = ~SERVICE[spans.node] & seen & (seconds > SLOW_QUERY_SECONDS)
    stores = ~SERVICE[spans.node] & seen & spans.failed
    end = found.timing.start + (seconds * 1e6).astype(np.int64)
    callers = CALLER[spans.edge + 1]
    first = (spans.place % 64) == 0
    return [
        _lines(found, served, end, spans.node, _answered(run, found, served),
               np.where(spans.failed, ERROR, INFO)),
        _lines(found, again, end, callers, [
            f"call to {NODE_NAMES[node]} failed, trying again"
            for node in spans.node[again].tolist()], WARN),
        _lines(found, served & (seconds > SLOW_SECONDS), end, spans.node,
               _slow(found, served & (seconds > SLOW_SECONDS), "slow request"), WARN),
        _lines(found, slow_query, end, spans.node, _slow(found, slow_query, "slow query"), WARN),
        _lines(found, stores, end, spans.node, _store_failures(run, found, stores), ERROR),
        _lines(found, AFTER_MISS[spans.edge + 1] & first, found.timing.start, callers,
               [f"cache miss for product:{number}" for number in
                _numbers(found, AFTER_MISS[spans.edge + 1] & first)], DEBUG),
    ]  # fmt: skip


def _lines(
    found: Traced, chosen: Flags, time: Rows, node: Rows, messages: list[str], level: int | Rows
) -> Entries:
    spans = found.tree
    return Entries(
        spans.minute[chosen], time[chosen], node[chosen],
        np.broadcast_to(level, chosen.shape)[chosen], spans.trace[chosen], spans.weight[chosen],
        spans.bits[chosen], messages,
    )  # fmt: skip


def _numbers(found: Traced, chosen: Flags) -> list[int]:
    """Which product or basket each request was about: the same all along its trace."""
    roots = found.tree.bits[found.tree.parent < 0]
    numbers: list[int] = (roots[found.tree.trace[chosen]] % np.uint64(900)).astype(int).tolist()
    return numbers


def _operation(found: Traced, chosen: Flags) -> list[str]:
    names = [OPERATIONS[node] for node in NODE_NAMES]
    pairs = zip(
        found.tree.node[chosen].tolist(), found.page[chosen].tolist(), _numbers(found, chosen),
        strict=True,
    )  # fmt: skip
    return [names[node][page].replace("{id}", str(number)) for node, page, number in pairs]


def _answered(run: ShopRun, found: Traced, chosen: Flags) -> list[str]:
    """Method, path, status and time, and why it failed if it did."""
    spans, dice = found.tree, Dice(run.seed, LOGS)
    flows = run.flows
    share = flows.refused / np.maximum(flows.failed_here, 1.0)
    at = spans.minute[chosen], spans.node[chosen]
    refused = dice.uniform("refused", spans.bits[chosen]) < share[at]
    rows = zip(
        _operation(found, chosen), _milliseconds(found.timing.seconds[chosen]),
        spans.cause[chosen].tolist(), spans.culprit[chosen].tolist(), refused.tolist(), strict=True,
    )  # fmt: skip
    return [_answer(*row) for row in rows]


def _answer(operation: str, ms: int, cause: int, culprit: int, refused: bool) -> str:
    if not cause:
        return f"{operation} 200 {ms}ms"
    if cause == HERE and refused:
        return f"{operation} 401 {ms}ms unauthorised: token was not accepted"
    callee = CALLS[culprit].callee if culprit >= 0 else ""
    return f"{operation} {STATUS[cause]} {ms}ms {REASON[cause].format(callee)}"


def _slow(found: Traced, chosen: Flags, words: str) -> list[str]:
    rows = zip(_operation(found, chosen), _milliseconds(found.timing.seconds[chosen]), strict=True)
    return [f"{words}: {operation} took {ms}ms" for operation, ms in rows]


def _store_failures(run: ShopRun, found: Traced, chosen: Flags) -> list[str]:
    full = disk_share(run)[found.tree.minute[chosen], found.tree.node[chosen]] >= DISK_FULL
    reasons = ["no space left on device" if one else "request was not answered" for one in full]
    rows = zip(_operation(found, chosen), reasons, strict=True)
    return [f"{operation} failed: {reason}" for operation, reason in rows]


def _milliseconds(seconds: Array) -> list[int]:
    whole: list[int] = np.maximum(np.rint(seconds * 1000), 1).astype(int).tolist()
    return whole
