"""One host of a detection run: a metric with its band, events and labels."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from lab.core.errors import NotFound
from lab.core.sql import literal
from lab.core.words import counted
from lab.core.workspace import Workspace
from lab.data.rollups import each_sample
from lab.flows.detection_rows import labelled
from lab.flows.detections import dataset_of, events_of
from lab.flows.metric_hosts import hosts
from lab.flows.picture import COLUMNS, Window, aligned, columns, stretch

if TYPE_CHECKING:
    import pandas as pd

MEASURES = ("value", "expected", "lower", "upper", "score")


@dataclass(frozen=True, eq=False)
class HostView:
    """One metric of one host in one run.

    Args:
        points: What a picture of it needs, as ``lab.flows.picture`` gives it; each of
            ``MEASURES`` is a series.
        scores: The same to read, a row a column of pixels: ``timestamp`` and ``MEASURES``,
            each as its mean, the score at its highest.
        events: Events of the host, whatever metric led them.
        incidents: Labelled incidents of the host; empty without labels.
        sentence: What the picture says.
    """

    points: "pd.DataFrame"
    scores: "pd.DataFrame"
    events: "pd.DataFrame"
    incidents: "pd.DataFrame"
    sentence: str


def host_metrics(ws: Workspace, run_id: str, host: str) -> list[str]:
    """Metrics of a host that a run scored; the one with the highest score first."""
    return list(_series_of(ws, run_id, host))


def host_view(
    ws: Workspace,
    run_id: str,
    host: str,
    metric: str,
    window: tuple[datetime, datetime] | None = None,
) -> HostView:
    """Read one metric of one host with its band, events and labels.

    Args:
        ws: The workspace.
        run_id: Id of the run.
        host: Name of the host.
        metric: One of ``host_metrics``.
        window: First moment to draw and first moment after; all that was scored when not given.

    Raises:
        NotFound: The run did not score it.
    """
    import pandas as pd

    series = _series_of(ws, run_id, host).get(metric)
    if series is None:
        raise NotFound(f"Run {run_id[:8]} did not score {metric} of {host}.", "Choose another.")
    points, first = _points(ws, run_id, series, window)
    events = events_of(ws, run_id)
    known = labelled(ws, dataset_of(ws, run_id))
    labels = pd.DataFrame(columns=["start", "end", "kind"])
    if known is not None:
        labels = known[known["instance"].isin(["", host]) & (known["end"] > first)]
    events = events[events["instance"] == host].reset_index(drop=True)
    said = _host_sentence(host, events)
    return HostView(points, _read_as(points), events, labels.reset_index(drop=True), said)


def _points(
    ws: Workspace, run_id: str, series: str, window: tuple[datetime, datetime] | None
) -> "tuple[pd.DataFrame, datetime]":
    """The points of a picture, and the first moment that was scored."""
    told: dict[str, object] = {"run": run_id, "series": series}
    scored = "anomaly_scores WHERE run_id = $run AND series_id = $series"
    with ws.store.connect() as connection:
        first, end = connection.execute(
            f"SELECT min(timestamp), max(timestamp) + INTERVAL 1 microsecond FROM {scored}", told
        ).fetchall()[0]
        shown = Window(*window) if window else Window(first, end)
        width = stretch(shown, COLUMNS)
        whole = aligned(shown, width)
        names, cells = ", ".join(map(literal, MEASURES)), ", ".join(MEASURES)
        each = (
            f"(SELECT run_id AS dataset, timestamp, unnest([{names}]) AS series_id, "
            f"unnest([{cells}]) AS value FROM {scored} "
            "AND timestamp >= $start AND timestamp < $end)"
        )
        told |= {"start": whole.start, "end": whole.end}
        return columns(connection, f"({each_sample(each)})", width, told), first


def _read_as(points: "pd.DataFrame") -> "pd.DataFrame":
    shown = points["value"].mask(points["series_id"] == "score", points["upper"])
    wide = points.assign(shown=shown).pivot(index="timestamp", columns="series_id", values="shown")
    return wide.reindex(columns=list(MEASURES)).reset_index().rename_axis(columns=None)


def _series_of(ws: Workspace, run_id: str, host: str) -> dict[str, str]:
    """Series by metric for one host of a run; several of one metric go by their own id."""
    dataset = dataset_of(ws, run_id)
    ids = [series_id for each in hosts(ws, dataset, instances=[host]) for series_id in each.series]
    rows = ws.store.rows(
        "SELECT s.metric, series_id, max(a.score) FROM anomaly_scores a JOIN series s"
        " USING (dataset, series_id) WHERE run_id = ? AND series_id IN (SELECT unnest(?))"
        " GROUP BY ALL ORDER BY 3 DESC NULLS LAST, 2",
        [run_id, ids],
    )
    names = [row[0] for row in rows]
    return {m if names.count(m) == 1 else series_id: series_id for m, series_id, _ in rows}


def _host_sentence(host: str, events: "pd.DataFrame") -> str:
    if events.empty:
        return f"No events on {host}."
    first = events.iloc[0]["start"]
    return f"{counted(len(events), 'event')} on {host}, the first at {first:%d %b %H:%M} UTC."
