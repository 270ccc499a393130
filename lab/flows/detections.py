"""Read what detection runs found: the runs, and one run with its events and its verdict."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lab.core.errors import NotFound
from lab.core.words import counted
from lab.core.workspace import Workspace
from lab.flows.detection_rows import labelled
from lab.flows.detectors import detector_titles
from lab.flows.metric_hosts import hosts

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class Detection:
    """One detection run as a page shows it.

    Args:
        run: Its row of ``anomaly_runs``; ``params`` as a mapping, missing figures as ``None``.
        title: Name of the detector for people.
        sentence: What it found, in one sentence.
        events: Rows of ``anomaly_events`` with the column ``metric``, in order of time.
        incidents: Labelled incidents of the scored window, with ``found``; ``None`` without
            labels.
        comparison: One row for the detector and one for the static threshold: ``detector``,
            ``events``, ``recall``, ``precision``, ``delay_seconds``, ``false_alarms_per_day``.
        hosts: Hosts that were scored; those with events first, the strongest leading.
    """

    run: Mapping[str, Any]
    title: str
    sentence: str
    events: "pd.DataFrame"
    incidents: "pd.DataFrame | None"
    comparison: "pd.DataFrame"
    hosts: tuple[str, ...]


def run_labels(ws: Workspace, dataset: str) -> dict[str, str]:
    """A line for each detection run on a data set by its id, newest first."""
    if not ws.store.has("anomaly_runs"):
        return {}
    titles = detector_titles()
    rows = ws.store.rows(
        "SELECT run_id, detector, n_events, created_at FROM anomaly_runs WHERE dataset = ?"
        " ORDER BY created_at DESC",
        [dataset],
    )
    return {
        run_id: f"{titles.get(name, name)}, {counted(events, 'event')}, {when:%d %b %H:%M} UTC"
        for run_id, name, events, when in rows
    }


def detection_runs(ws: Workspace, dataset: str | None = None) -> "pd.DataFrame":
    """Detection runs, newest first, as in ``anomaly_runs``; empty before the first.

    Args:
        ws: The workspace.
        dataset: Only runs on this data set.
    """
    import pandas as pd

    from lab.core.schemas import ANOMALY_RUNS

    if not ws.store.has("anomaly_runs"):
        return pd.DataFrame(columns=ANOMALY_RUNS.names)
    sql = "SELECT * FROM anomaly_runs WHERE ? IS NULL OR dataset = ? ORDER BY created_at DESC"
    return ws.store.read(sql, [dataset, dataset])


def detection(ws: Workspace, run_id: str) -> Detection:
    """Read one detection run.

    Args:
        ws: The workspace.
        run_id: Its id, as ``detect`` gave it or as in table ``anomaly_runs``.

    Returns:
        Its figures beside the baseline's, its events, and the labelled incidents.

    Raises:
        NotFound: There is no such run.
    """
    runs = detection_runs(ws)
    rows = runs[runs["run_id"] == run_id].to_dict(orient="records")
    if not rows:
        raise NotFound(f"There is no detection run {run_id!r}.", "Look at detection_runs.")
    run: dict[str, Any] = {
        str(key): None if value != value else value  # NaN and NaT stand for "no labels"
        for key, value in rows[0].items()
    }
    run["params"] = json.loads(run["params"])
    events = events_of(ws, run_id)
    return Detection(
        run=run,
        title=detector_titles().get(run["detector"], run["detector"]),
        sentence=_sentence(run, events),
        events=events,
        incidents=_incidents(ws, run, events),
        comparison=_comparison(run),
        hosts=_hosts(ws, run_id, events),
    )


def events_of(ws: Workspace, run_id: str) -> "pd.DataFrame":
    """Events of a run in order of time, each with the metric that led it."""
    return ws.store.read(
        'SELECT e.event_id, e.instance, s.metric, e."start", e."end", e.peak_score, e.peak_at,'
        " e.matched_incident, e.series_id FROM anomaly_events e LEFT JOIN series s"
        " USING (dataset, series_id) WHERE run_id = ? ORDER BY event_id",
        [run_id],
    )


def _incidents(
    ws: Workspace, run: Mapping[str, Any], events: "pd.DataFrame"
) -> "pd.DataFrame | None":
    known = labelled(ws, run["dataset"])
    if known is None:
        return None
    scored: pd.DataFrame = known[known["end"] > run["train_end"]].reset_index(drop=True)
    # By host and time, not by the one incident that an event is filed under.
    pairs = scored.merge(events, how="cross", suffixes=("", "_of_event"))
    same_host = (pairs["instance"] == "") | (pairs["instance"] == pairs["instance_of_event"])
    at_once = (pairs["start"] < pairs["end_of_event"]) & (pairs["end"] > pairs["start_of_event"])
    hit = pairs.loc[same_host & at_once, "incident_id"]
    return scored.assign(found=scored["incident_id"].isin(hit))


def _comparison(run: Mapping[str, Any]) -> "pd.DataFrame":
    import pandas as pd

    titles = detector_titles()
    rows = []
    for name, prefix, events in (
        (run["detector"], "event_", "n_events"),
        ("static_threshold", "baseline_", "baseline_events"),
    ):
        own = prefix == "event_"
        rows.append(
            {
                "detector": titles.get(name, name),
                "events": run[events],
                "recall": run[f"{prefix}recall"],
                "precision": run[f"{prefix}precision"],
                "delay_seconds": run["median_delay_seconds" if own else "baseline_delay_seconds"],
                "false_alarms_per_day": run[
                    "false_alarms_per_day" if own else "baseline_false_alarms_per_day"
                ],
            }
        )
    return pd.DataFrame(rows)


def _hosts(ws: Workspace, run_id: str, events: "pd.DataFrame") -> tuple[str, ...]:
    peaks = events.groupby("instance")["peak_score"].max().sort_values(ascending=False)
    seen = _scored(ws, run_id)
    scored = {host.name for host in hosts(ws, dataset_of(ws, run_id)) if seen & set(host.series)}
    return (*(str(name) for name in peaks.index), *sorted(scored - set(peaks.index)))


def dataset_of(ws: Workspace, run_id: str) -> str:
    """The data set a run read.

    Raises:
        NotFound: There is no such run.
    """
    rows = ws.store.rows("SELECT dataset FROM anomaly_runs WHERE run_id = ?", [run_id])
    if not rows:
        raise NotFound(f"There is no detection run {run_id!r}.", "Look at detection_runs.")
    return str(rows[0][0])


def _scored(ws: Workspace, run_id: str) -> set[str]:
    sql = "SELECT DISTINCT series_id FROM anomaly_scores WHERE run_id = ?"
    return {row[0] for row in ws.store.rows(sql, [run_id])}


def _sentence(run: Mapping[str, Any], events: "pd.DataFrame") -> str:
    if events.empty:
        return f"No events in {run['n_series']} series; nothing left its usual range."
    first = events.iloc[0]
    return (
        f"{counted(len(events), 'event')} on {counted(events['instance'].nunique(), 'host')}, "
        f"the first on {first['instance']} at {first['start']:%d %b %H:%M} UTC."
    )
