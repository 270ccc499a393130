"""One host from its table to its events: fit, score, judge, beside the baseline."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from lab.aiops.detect.base import Scores, beside, make_detector
from lab.aiops.detect.standstill import moved, standstill_scores
from lab.aiops.detect.validate import (
    check_index,
    constant_columns,
    infinite_columns,
    training_problems,
)
from lab.aiops.events import find_events
from lab.core.errors import LabError

if TYPE_CHECKING:
    import pandas as pd

    from lab.aiops.detect.base import Detector
    from lab.aiops.events import Event

BASELINE = "static_threshold"
# Rows before the scored ones that fill trailing windows; the longest default window is a day.
WARM_UP_DAYS = 2


@dataclass(frozen=True, eq=False)
class Scan:
    """What was found on one host.

    Args:
        host: Its name.
        frame: The scored rows, usable columns only; empty when there are none.
        scores: Scores of those rows, or ``None`` when nothing could be learnt.
        events: Events of the detector.
        baseline_events: Events of the static threshold on the same rows.
        skipped: Reason by column for the columns that could not be learnt from.
    """

    host: str
    frame: pd.DataFrame
    scores: Scores | None = None
    events: list[Event] = field(default_factory=list)
    baseline_events: list[Event] = field(default_factory=list)
    skipped: dict[str, str] = field(default_factory=dict)


def scan(
    host: str,
    frame: pd.DataFrame,
    train_end: pd.Timestamp,
    detector: str,
    params: dict[str, Any] | None = None,
    threshold: float = 1.0,
    merge_seconds: float = 1800.0,
) -> Scan:
    """Fit a detector on the rows before a moment and score the rows from it on.

    Args:
        host: Name of the host, for messages.
        frame: Table (n, metrics), UTC index with a regular step; gaps are NaN.
        train_end: First scored time, UTC.
        detector: Name of the detector.
        params: Its parameters.
        threshold: Score from which a row alarms; the static threshold always alarms at 1.0.
        merge_seconds: Longest quiet stretch inside an event.

    Returns:
        Scores and events. Columns that cannot be learnt from are left out and named; of those
        that were constant in training, any that moved is scored by its moves.

    Raises:
        LabError: The detector refused the table; the message names the host.
    """
    check_index(frame)
    train, later = frame[frame.index < train_end], frame[frame.index >= train_end]
    skipped = training_problems(train) | infinite_columns(frame)
    usable = [name for name in frame.columns if str(name) not in skipped]
    still = [name for name in constant_columns(train) if name not in infinite_columns(frame)]
    still = moved(train[still], later[still])
    if later.empty or not (usable or still):
        return Scan(host, later[usable], skipped=skipped)
    try:
        ours = _scored(make_detector(detector, params), frame, train_end, usable, still)
        fixed = _scored(make_detector(BASELINE), frame, train_end, usable, still)
    except LabError as error:
        raise type(error)(f"{host}: {error.message}", error.hint) from error
    return Scan(
        host,
        later[[*usable, *still]],
        ours,
        _events(ours, threshold, merge_seconds),
        _events(fixed, 1.0, merge_seconds),
        {name: why for name, why in skipped.items() if name not in still},
    )


def _scored(
    detector: Detector,
    frame: pd.DataFrame,
    train_end: pd.Timestamp,
    usable: list[str],
    still: list[str],
) -> Scores:
    """What a detector says about what it can learn from, beside what moved though it never had."""
    train, later = frame[frame.index < train_end], frame[frame.index >= train_end]
    parts = []
    if usable:
        warm = frame[frame.index >= train_end - timedelta(days=WARM_UP_DAYS)]
        parts.append(_from(detector.fit(train[usable]).score(warm[usable]), train_end))
    if still:
        parts.append(standstill_scores(train[still], later[still]))
    return beside(parts)


def _events(scores: Scores, threshold: float, merge_seconds: float) -> list[Event]:
    columns = scores.contributions
    if columns is None:
        columns = scores.score.to_frame()
    return find_events(columns, threshold, merge_seconds)


def _from(scores: Scores, start: pd.Timestamp) -> Scores:
    """The scores from a moment on; what came before only warmed the windows up."""

    def cut(table: pd.DataFrame | None) -> pd.DataFrame | None:
        return None if table is None else table[table.index >= start]

    return Scores(
        scores.score[scores.score.index >= start],
        cut(scores.expected),
        cut(scores.lower),
        cut(scores.upper),
        cut(scores.contributions),
    )
