"""One host of a detection run: a metric with its band, events and labels."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lab.core.errors import NotFound
from lab.core.words import counted
from lab.core.workspace import Workspace
from lab.flows.detection_rows import labelled
from lab.flows.detections import dataset_of, events_of
from lab.flows.metric_hosts import hosts

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class HostView:
    """One metric of one host in one run.

    Args:
        scores: ``timestamp``, ``value``, ``score``, ``expected``, ``lower``, ``upper``.
        events: Events of the host, whatever metric led them.
        incidents: Labelled incidents of the host; empty without labels.
        sentence: What the picture says.
    """

    scores: "pd.DataFrame"
    events: "pd.DataFrame"
    incidents: "pd.DataFrame"
    sentence: str


def host_metrics(ws: Workspace, run_id: str, host: str) -> list[str]:
    """Metrics of a host that a run scored; the one with the highest score first."""
    return list(_series_of(ws, run_id, host))


def host_view(ws: Workspace, run_id: str, host: str, metric: str) -> HostView:
    """Read one metric of one host with its band, events and labels.

    Raises:
        NotFound: The run did not score it.
    """
    import pandas as pd

    series = _series_of(ws, run_id, host).get(metric)
    if series is None:
        raise NotFound(f"Run {run_id[:8]} did not score {metric} of {host}.", "Choose another.")
    scores = ws.store.read(
        "SELECT timestamp, value, score, expected, lower, upper FROM anomaly_scores"
        " WHERE run_id = ? AND series_id = ? ORDER BY timestamp",
        [run_id, series],
    )
    events = events_of(ws, run_id)
    known = labelled(ws, dataset_of(ws, run_id))
    labels = pd.DataFrame(columns=["start", "end", "kind"])
    if known is not None:
        labels = known[known["instance"].isin(["", host]) & (known["end"] > scores.iat[0, 0])]
    events = events[events["instance"] == host].reset_index(drop=True)
    return HostView(scores, events, labels.reset_index(drop=True), _host_sentence(host, events))


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
