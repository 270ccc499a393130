"""The log lens: the lines that services write, as rows and as they stand in a file."""

import numpy as np
import pandas as pd

from lab.world.lenses.dice import Dice, Numbers
from lab.world.lenses.logs_entries import INFO, LEVELS, NO_TRACE, Entries, Rows, joined
from lab.world.lenses.logs_notices import notice_entries
from lab.world.lenses.logs_requests import LOGS, request_entries
from lab.world.lenses.logs_writing import format_of, written
from lab.world.lenses.named import named
from lab.world.lenses.numbered import numbered
from lab.world.lenses.releases import Releases
from lab.world.lenses.traces import Traced, traced
from lab.world.lenses.traces_tree import TRACES
from lab.world.shop.run import ShopRun
from lab.world.shop.sizes import REPLICAS
from lab.world.shop.topology import NODE_AT, NODE_NAMES, NODES

LINES_A_MINUTE = 100_000  # more than a minute can hold; ids count within it


def logs(run: ShopRun) -> pd.DataFrame:
    """Return the log lines of a run.

    Args:
        run: What happened.

    Returns:
        One row a line, in the order of writing: ``log_id``, ``timestamp`` (UTC, by the clock of
        the writer, which may be wrong), ``service``, ``instance`` (replica), ``level``,
        ``message``, ``trace_id`` (empty for none; the others are in the spans), ``line`` (as
        written) and ``weight`` (requests a line stands for, as requests are sampled and failed
        ones more often; 1 for lines about no request).

    >>> from lab.world.shop.simulate import simulate
    >>> logs(simulate(7, "2026-03-02T10:00Z", 5)).columns.tolist()[:4]
    ['log_id', 'timestamp', 'service', 'instance']
    """
    return log_rows(run, traced(run))


def log_rows(run: ShopRun, found: Traced) -> pd.DataFrame:
    """Write down the lines of a run whose requests are traced."""
    parts = [*request_entries(run, found), *notice_entries(run), _releases(run)]
    entries = _kept(run, joined(parts))
    ids = np.asarray([*found.trace_ids(Dice(run.seed, TRACES)), None], dtype=object)
    traces = ids[entries.trace]
    skew = run.knobs["clock_skew_seconds"][entries.minute, entries.node]
    clock = entries.time + np.floor(skew * 1e6).astype(np.int64)
    replicas = (entries.bits % REPLICAS[entries.node].astype(np.uint64)).astype(np.int64)
    instances, places = _instances()
    codes = places[entries.node] + replicas
    return pd.DataFrame(
        {
            "log_id": _ids(run, entries),
            "timestamp": pd.DatetimeIndex(clock.view("datetime64[us]"), tz="UTC"),
            "service": named(entries.node, NODE_NAMES),
            "instance": named(codes, instances),
            "level": named(entries.level, LEVELS),
            "message": entries.messages,
            "trace_id": traces,
            "line": _written(run, entries, clock, [instances[i] for i in codes.tolist()], traces),
            "weight": np.round(entries.weight, 3),
        },
        copy=False,
    )


def _kept(run: ShopRun, entries: Entries) -> Entries:
    """Lines that are written where a fault swallows some."""
    share = run.knobs["log_lines"][entries.minute, entries.node]
    if (share >= 1).all():
        return entries
    return entries.picked(Dice(run.seed, LOGS).uniform("kept", entries.bits) < share)


def _instances() -> tuple[list[str], Rows]:
    names = [f"{node.name}-{i + 1}" for node in NODES for i in range(node.replicas)]
    return names, np.cumsum(REPLICAS) - REPLICAS


def _ids(run: ShopRun, entries: Entries) -> Rows:
    _, rank = numbered(np.bincount(entries.minute, minlength=len(run.times)))
    return np.asarray((run.first_minute + entries.minute) * LINES_A_MINUTE + rank)


def _releases(run: ShopRun) -> Entries:
    """The line of a service that starts with a new version or reads new settings."""
    known = [one for one in Releases(run).within() if one.service in NODE_NAMES and one.starts]
    times = pd.DatetimeIndex([one.at for one in known], tz="UTC").as_unit("us")
    minute = run.times.get_indexer(times)
    node = np.array([NODE_AT[one.service] for one in known], dtype=np.int64)
    words = {"config": "settings of version {} read", "deploy": "starting version {}",
             "rollback": "starting version {} again"}  # fmt: skip
    return Entries(
        minute, times.asi8, node, np.full(len(known), INFO), np.full(len(known), NO_TRACE),
        np.ones(len(known)), Dice(run.seed, LOGS).bits("release", minute + run.first_minute, node),
        [words[one.kind].format(one.version) for one in known],
    )  # fmt: skip


def _written(
    run: ShopRun, entries: Entries, clock: Rows, instances: list[str], traces: Numbers
) -> list[str]:
    changed = run.knobs["log_format"][entries.minute, entries.node] > 0
    forms = [[format_of(name, changed=one) for one in (False, True)] for name in NODE_NAMES]
    moments = np.datetime_as_string(clock.view("datetime64[us]"), unit="ms").tolist()
    rows = zip(
        entries.node.tolist(), changed.tolist(), moments, entries.level.tolist(), instances,
        traces.tolist(), entries.messages, strict=True,
    )  # fmt: skip
    return [
        written(
            forms[node][other], moment, LEVELS[level], NODE_NAMES[node], instance, trace or "", text
        )
        for node, other, moment, level, instance, trace, text in rows
    ]
