"""How good events are, judged by labelled incidents, and honest about having none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lab.core.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime


@dataclass(frozen=True)
class Interval:
    """A half-open stretch of time on one host: ``start <= t < end``.

    Args:
        host: Name of the host; on an incident, an empty name stands for every host.
        start: UTC.
        end: UTC, not before ``start``.
        reached: Of an incident, the hosts that felt it besides its own.
    """

    host: str
    start: datetime
    end: datetime
    reached: tuple[str, ...] = ()


@dataclass(frozen=True)
class Evaluation:
    """Event scores against labels.

    Args:
        incidents: Labelled incidents that touch the scored window.
        detected: How many of them an event on their own host overlaps.
        events: Events in all.
        matched: Events that overlap a labelled incident on its own host or on one it reached.
        recall: ``detected / incidents`` in [0, 1]; ``None`` without incidents.
        precision: ``matched / events`` in [0, 1]; ``None`` without events.
        median_delay_seconds: Median time from the start of a detected incident to the start of
            its first event, 0 when the event was already running; ``None`` when nothing was
            detected.
        false_alarms_per_day: Unmatched events of all hosts together, per day of scored time.
        incident_of_event: For each event, the place of the first incident it overlaps in the
            list of incidents given, one of its own host before one that reached it; or ``None``.
    """

    incidents: int
    detected: int
    events: int
    matched: int
    recall: float | None
    precision: float | None
    median_delay_seconds: float | None
    false_alarms_per_day: float
    incident_of_event: tuple[int | None, ...]


def evaluate(
    events: Sequence[Interval],
    incidents: Sequence[Interval] | None,
    start: datetime,
    end: datetime,
) -> Evaluation | None:
    """Judge events by labelled incidents.

    An event detects an incident when both are on the same host and overlap in time. On a host
    that the incident reached it is no false alarm, but does not find where it began either. Many
    events on one incident all count as matched; one event over two incidents detects both.

    Args:
        events: What a detector found between ``start`` and ``end``.
        incidents: The labels, or ``None`` when a data set has none. An empty sequence says that
            nothing happened, so that every event is a false alarm.
        start: First scored time.
        end: Just after the last scored time.

    Returns:
        The evaluation, or ``None`` without labels.

    Raises:
        BadInput: ``end`` is not after ``start``.

    Source: event-based recall and precision as in Tatbul et al., Precision and Recall for Time
    Series, 2018, section 3, with existence reward only.
    """
    if incidents is None:
        return None
    days = (end - start).total_seconds() / 86_400
    if not days > 0:
        raise BadInput(f"The scored window from {start} to {end} is empty.", "Score a later end.")
    relevant = [i for i, item in enumerate(incidents) if item.start < end and item.end > start]
    own = [[i for i in relevant if _overlap(event, incidents[i])] for event in events]
    felt = [[i for i in relevant if _felt(event, incidents[i])] for event in events]
    hits = [[*first, *second] for first, second in zip(own, felt, strict=True)]
    delays = _delays(events, incidents, relevant, start)
    matched = sum(bool(hit) for hit in hits)
    return Evaluation(
        incidents=len(relevant),
        detected=len(delays),
        events=len(events),
        matched=matched,
        recall=len(delays) / len(relevant) if relevant else None,
        precision=matched / len(events) if events else None,
        median_delay_seconds=_median(delays),
        false_alarms_per_day=(len(events) - matched) / days,
        incident_of_event=tuple(hit[0] if hit else None for hit in hits),
    )


def _overlap(event: Interval, incident: Interval) -> bool:
    return incident.host in ("", event.host) and _at_once(event, incident)


def _felt(event: Interval, incident: Interval) -> bool:
    return event.host in incident.reached and _at_once(event, incident)


def _at_once(event: Interval, incident: Interval) -> bool:
    return event.start < incident.end and event.end > incident.start


def _delays(
    events: Sequence[Interval],
    incidents: Sequence[Interval],
    relevant: Sequence[int],
    start: datetime,
) -> list[float]:
    delays = []
    for item in (incidents[i] for i in relevant):
        starts = [event.start for event in events if _overlap(event, item)]
        if starts:
            # An incident that was already running is timed from the first scored moment.
            delays.append(max(0.0, (min(starts) - max(item.start, start)).total_seconds()))
    return delays


def _median(values: Sequence[float]) -> float | None:
    from statistics import median

    return float(median(values)) if values else None
