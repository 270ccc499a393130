"""When the shop is healthy again, read from the metrics anybody can see."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lab.core.errors import BadInput
from lab.world.faults.fault import Fault, Health
from lab.world.shop.topology import CALLS, NODES

if TYPE_CHECKING:
    from lab.world.signals import Array

FAILED = r'code="(?:401|5..)"'
TREND_MINUTES = 5
FULL_BYTES = 2 * 1024**3


def measured(fault: Fault) -> bool:
    """Whether the end of a fault can be read from metrics alone."""
    return "." not in fault.healthy.metric and fault.healthy.of in READINGS


def healthy(fault: Fault, rows: pd.DataFrame, target: str = "") -> bool:
    """Say whether a fault is over, by the last minutes of the metrics.

    Args:
        fault: The fault, whose predicate is used.
        rows: As in ``observations``: ``timestamp`` (UTC), ``series_id``, ``value``.
        target: The node or host to look at; the usual target when not given.

    Returns:
        True when every one of the last minutes keeps the predicate. Nothing seen is not
        healthy: silence is no proof.

    Raises:
        BadInput: The fault does not show in metrics.
    """
    if not measured(fault):
        raise BadInput(
            f"Whether {fault.kind} is over cannot be read from metrics.",
            f"Look at {fault.healthy.metric}.",
        )
    values = observed(fault.healthy, rows, target or fault.targets[0])
    last = values[-fault.healthy.minutes :]
    if len(last) < fault.healthy.minutes or not np.isfinite(last).all():
        return False
    below, above = fault.healthy.below, fault.healthy.above
    return bool((below is None or (last < below).all()) and (above is None or (last > above).all()))


def observed(health: Health, rows: pd.DataFrame, target: str) -> "Array":
    """Return what a predicate looks at, minute by minute.

    Args:
        health: The predicate.
        rows: As in ``observations``.
        target: A node or a host, the value of label ``service`` or ``instance``.

    Returns:
        Shape (T,), one for every time in the rows; NaN where nothing was seen.
    """
    times = pd.DatetimeIndex(sorted(rows["timestamp"].unique()))
    at_target = rows["series_id"].str.contains(rf'(?:service|instance)="{target}"', regex=True)
    wide = _wide(rows[at_target & _named(rows, health.metric)], times)
    return READINGS[health.of](wide, target).to_numpy(dtype=float)


def _wide(rows: pd.DataFrame, times: pd.DatetimeIndex) -> pd.DataFrame:
    return rows.pivot_table("value", "timestamp", "series_id", "last").reindex(times)


def _named(rows: pd.DataFrame, metric: str) -> "pd.Series[bool]":
    """Rows of a metric, or of the sum and count of a histogram."""
    return rows["series_id"].str.match(rf"{metric}(?:_sum|_count)?(?:{{|$)")


def _grown(wide: pd.DataFrame) -> pd.DataFrame:
    """Growth of counters in each minute; after a restart they grew from zero."""
    step = wide.diff()
    return step.mask(step < 0, wide)


def _like(wide: pd.DataFrame, pattern: str) -> pd.DataFrame:
    return wide.loc[:, wide.columns.str.contains(pattern, regex=True)]


def _total(wide: pd.DataFrame) -> pd.Series:
    return wide.sum(axis=1, min_count=1)


def _error_ratio(wide: pd.DataFrame) -> pd.Series:
    grown = _grown(wide)
    failed = _like(grown, FAILED).sum(axis=1)
    return failed / _total(grown).replace(0, np.nan)


def _latency(wide: pd.DataFrame) -> pd.Series:
    grown = _grown(wide)
    count = _total(_like(grown, "_count(?:{|$)"))
    return _total(_like(grown, "_sum(?:{|$)")) / count.replace(0, np.nan)


def _busy(wide: pd.DataFrame) -> pd.Series:
    grown = _grown(wide)
    return 1 - _total(_like(grown, 'mode="idle"')) / _total(grown).replace(0, np.nan)


def _resets(wide: pd.DataFrame) -> pd.Series:
    return (wide.diff() < 0).any(axis=1).astype(float).where(wide.notna().any(axis=1))


def _hit_ratio(wide: pd.DataFrame) -> pd.Series:
    grown = _grown(wide)
    return _total(_like(grown, "hits")) / _total(grown).replace(0, np.nan)


def _growth(wide: pd.DataFrame) -> pd.Series:
    """Growth in a minute, over the last few; what fell was given back, and is no leak."""
    return wide.sum(axis=1, min_count=1).diff().rolling(TREND_MINUTES).mean()


def _room(wide: pd.DataFrame) -> pd.Series:
    """Growth of what is free in a minute; a full disk has no room however still it stands."""
    free = wide.mean(axis=1)
    return free.diff().where(free > FULL_BYTES, -np.inf)


def _skew(wide: pd.DataFrame) -> pd.Series:
    """How far clocks are ahead of the scrape, in seconds."""
    epoch = pd.DatetimeIndex(wide.index).as_unit("ns").asi8 / 1e9
    return wide.mean(axis=1) - epoch


def _slowness(wide: pd.DataFrame, target: str) -> pd.Series:
    return _latency(wide) / usual_seconds(target)


READINGS: dict[str, Callable[[pd.DataFrame, str], pd.Series]] = {
    "error_ratio": lambda wide, _: _error_ratio(wide),
    "latency": lambda wide, _: _latency(wide),
    "slowness": _slowness,
    "value": lambda wide, _: wide.mean(axis=1),
    "growth": lambda wide, _: _growth(wide),
    "hit_ratio": lambda wide, _: _hit_ratio(wide),
    "busy": lambda wide, _: _busy(wide),
    "room": lambda wide, _: _room(wide),
    "skew": lambda wide, _: _skew(wide),
    "up": lambda wide, _: wide.min(axis=1),
    "present": lambda wide, _: wide.notna().any(axis=1).astype(float),
    "resets": lambda wide, _: _resets(wide),
}


def usual_seconds(node: str) -> float:
    """Return how long a request takes at a node when nothing waits, its calls included.

    >>> round(usual_seconds("payment"), 3)
    0.14
    """
    own = next(each.work_seconds for each in NODES if each.name == node)
    return own + sum(
        call.per_request * usual_seconds(call.callee)
        for call in CALLS
        if call.caller == node and call.kind == "sync" and not call.after_miss
    )
