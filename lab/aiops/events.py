"""From scores to events: stretches of time that a person would look at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from lab.core.errors import BadInput

if TYPE_CHECKING:
    from datetime import datetime

    import pandas as pd


@dataclass(frozen=True)
class Event:
    """One stretch of anomalous time on one host.

    Args:
        start: First alarming time, UTC.
        end: Just after the last alarming time (half-open), UTC.
        column: Column with the highest score.
        peak_at: Time of the highest score.
        peak_score: Highest score, at least 1.0.
    """

    start: datetime
    end: datetime
    column: str
    peak_at: datetime
    peak_score: float


def find_events(
    contributions: pd.DataFrame,
    threshold: float = 1.0,
    merge_seconds: float = 1800.0,
    minimum_seconds: float = 0.0,
) -> list[Event]:
    """Join alarming rows of one host into events.

    A row alarms when any column reaches the threshold. Two alarms at most ``merge_seconds``
    apart belong to one event, whatever lies between them. Missing scores never alarm.

    Args:
        contributions: Table (n, metrics) of scores, UTC index with a regular step.
        threshold: Alarming score, above 0.
        merge_seconds: Longest quiet stretch inside an event, at least 0.
        minimum_seconds: Shortest event to keep, end minus start; 0 keeps all.

    Returns:
        Events in order of time; they do not overlap. A table of one row knows no step, so what
        it holds ends where it starts.

    Raises:
        BadInput: The threshold is not above 0 or a duration is below 0.
    """
    import numpy as np
    import pandas as pd

    if not threshold > 0 or merge_seconds < 0 or minimum_seconds < 0:
        raise BadInput(
            f"threshold must be above 0 and durations at least 0, got {threshold!r}, "
            f"{merge_seconds!r} and {minimum_seconds!r}.",
            "The usual threshold is 1.0.",
        )
    worst = contributions.max(axis=1)
    alarms = worst.index[worst >= threshold]
    if len(alarms) == 0:
        return []
    step = worst.index[1] - worst.index[0] if len(worst) > 1 else pd.Timedelta(0)
    quiet = alarms[1:] - (alarms[:-1] + step)
    breaks = np.flatnonzero(quiet > pd.Timedelta(seconds=merge_seconds)) + 1
    events = []
    for part in np.split(np.arange(len(alarms)), breaks):
        first, last = alarms[part[0]], alarms[part[-1]]
        if (last + step - first).total_seconds() >= minimum_seconds:
            events.append(_event(contributions, worst.loc[first:last], last + step))
    return events


def _event(contributions: pd.DataFrame, worst: pd.Series, end: pd.Timestamp) -> Event:
    import numpy as np

    place = int(np.nanargmax(worst.to_numpy()))  # the first row of an event is never missing
    peak_at = cast("datetime", worst.index[place])
    return Event(
        start=worst.index[0],
        end=end,
        column=str(contributions.loc[peak_at].idxmax()),
        peak_at=peak_at,
        peak_score=float(worst.iloc[place]),
    )
