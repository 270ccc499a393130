"""Laying planned faults over samples; what lies outside their windows stays as it was."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from lab.world.overlay.meaning import is_counter
from lab.world.overlay.plan import Overlay, Touch
from lab.world.overlay.scale import scale
from lab.world.overlay.shapes import Piece, shaped
from lab.world.signals import Array, Flags, generator


@dataclass(frozen=True, eq=False)
class Changed:
    """What an overlay did.

    Attributes:
        samples: ``series_id``, ``timestamp`` and the new ``value`` of every sample that is
            another now; NaN where it is gone. A counter that grew by more or less keeps the
            difference afterwards.
        overlays: What could be laid, each with the window in which it really changes
            something: from the first such sample until just after the last.
    """

    samples: pd.DataFrame
    overlays: tuple[Overlay, ...]


def lay(samples: pd.DataFrame, overlays: Sequence[Overlay], step_seconds: float) -> Changed:
    """Lay faults over samples.

    Args:
        samples: ``series_id``, ``timestamp`` (UTC) and ``value``, in order of both; not changed.
        overlays: Planned faults; their windows do not overlap on a host.
        step_seconds: Usual distance of samples, after which the last one of a window ends.

    Returns:
        Only what differs.
    """
    before = {
        str(name): group.dropna(subset="value")
        for name, group in samples.groupby("series_id", sort=True)
    }
    after = {name: group["value"].to_numpy(dtype=float) for name, group in before.items()}
    laid = []
    for overlay in overlays:
        windows = list(_touched(before, after, overlay))
        if windows:
            step = pd.Timedelta(seconds=step_seconds)
            first, last = min(w[0] for w in windows), max(w[1] for w in windows)
            laid.append(replace(overlay, start=first, end=last + step))
    return Changed(_differing(before, after), tuple(laid))


def _touched(
    before: dict[str, pd.DataFrame], after: dict[str, Array], overlay: Overlay
) -> Iterator[tuple[pd.Timestamp, pd.Timestamp]]:
    """Change each series an overlay touches; give first and last time of what it changed."""
    for number, touch in enumerate(overlay.touches):
        name = touch.series.series_id
        if name not in before:
            continue
        group = before[name]
        times = pd.DatetimeIndex(group["timestamp"])
        inside = np.asarray(
            (times >= pd.Timestamp(overlay.start)) & (times < pd.Timestamp(overlay.end))
        )
        if not inside.any():
            continue
        rng = generator(overlay.seed, number)
        change = _change(touch, overlay.severity, times, group, inside, rng)
        hit = times[(change != 0) & inside]
        if len(hit):
            after[name] = after[name] + change
            yield hit[0], hit[-1]


def _change(
    touch: Touch,
    severity: float,
    times: pd.DatetimeIndex,
    group: pd.DataFrame,
    inside: Flags,
    rng: np.random.Generator,
) -> Array:
    """What is added to each sample; NaN where it is taken away."""
    effect = touch.effect
    seconds = np.asarray(times.as_unit("ns").asi8 / 1e9)
    values = group["value"].to_numpy(dtype=float)
    grows = is_counter(touch.series.metric) and effect.shape != "gap"
    if effect.shape == "reset":
        first = int(np.argmax(inside))
        return np.where(np.arange(len(values)) >= first, -values[first], 0.0)
    ordinary = np.diff(values, prepend=values[0]) if grows else values
    piece = Piece(
        seconds, ordinary, inside, scale(seconds, ordinary), effect.amount * severity, rng
    )
    change = shaped(effect.shape, piece) - ordinary
    return np.cumsum(change) if grows else change


def _differing(before: dict[str, pd.DataFrame], after: dict[str, Array]) -> pd.DataFrame:
    parts = [
        group[["series_id", "timestamp"]].assign(value=after[name])[
            after[name] != group["value"].to_numpy(dtype=float)
        ]
        for name, group in before.items()
    ]
    differing: pd.DataFrame = pd.concat(parts, ignore_index=True)
    return differing
