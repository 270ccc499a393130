"""What a detection run leaves in the store: its row, its scores, its events."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from lab.core.errors import BadInput
from lab.core.workspace import Workspace

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

    from lab.aiops.evaluate import Evaluation
    from lab.aiops.events import Event
    from lab.aiops.scan import Scan


@dataclass(frozen=True)
class Window:
    """Half-open windows: training is ``train_start <= t < start``, scoring ``start <= t < end``."""

    train_start: "pd.Timestamp"
    start: "pd.Timestamp"
    end: "pd.Timestamp"

    def up_to(self, scans: "Sequence[Scan]") -> "Window":
        """The same window, ended one step after the last scored row of any host."""
        ends = [
            scan.frame.index[-1] + (scan.frame.index[-1] - scan.frame.index[-2])
            for scan in scans
            if len(scan.frame) > 1
        ]
        return replace(self, end=max(ends, default=self.end))


@dataclass(frozen=True, eq=False)
class Verdict:
    """How good the events are.

    Args:
        figures: Recall, precision, delay and false alarms of the detector and of the baseline,
            under the names they have in ``anomaly_runs``.
        matched: For each event, in the order of the scans, the incident behind it, or empty.
    """

    figures: dict[str, Any]
    matched: list[str]


def scored_window(first: "pd.Timestamp", last: "pd.Timestamp", train_until: str | None) -> Window:
    """Place the end of training.

    Args:
        first: First time there is.
        last: Last time there is.
        train_until: First scored time as text, UTC when it names no zone; half of the data when
            not given.

    Raises:
        BadInput: It is not a time, or not within the data.
    """
    import pandas as pd

    end = last + pd.Timedelta(seconds=1)
    if train_until is None:
        return Window(first, (first + (last - first) / 2).ceil("min"), end)
    try:
        start = pd.Timestamp(train_until)
    except ValueError as error:
        raise BadInput(f"{train_until!r} is not a time.", "Write it as 2026-03-09.") from error
    start = start.tz_convert("UTC") if start.tzinfo else start.tz_localize("UTC")
    if not first < start <= last:
        raise BadInput(
            f"Training cannot end at {start:%Y-%m-%d %H:%M} UTC: the data run from "
            f"{first:%Y-%m-%d %H:%M} to {last:%Y-%m-%d %H:%M}.",
            "Choose a time between them.",
        )
    return Window(first, start, end)


def labelled(ws: Workspace, dataset: str) -> "pd.DataFrame | None":
    """The labelled incidents of a data set, in order of time; ``None`` when it has none."""
    if not ws.store.has("incidents"):
        return None
    found = ws.store.read('SELECT * FROM incidents WHERE dataset = ? ORDER BY "start"', [dataset])
    return None if found.empty else found


def judged(
    incidents: "pd.DataFrame | None",
    reached: Mapping[str, tuple[str, ...]],
    scans: "Sequence[Scan]",
    window: Window,
) -> Verdict:
    """Judge the events of all hosts, and the baseline's, by the labels there are.

    Incidents of hosts that were not looked at are left out.

    Args:
        incidents: The labels, as ``labelled`` gives them.
        reached: Hosts that an incident reached besides its own, by its id, where that is known.
        scans: What was found, host by host.
        window: What was scored.
    """
    from lab.aiops.evaluate import Interval, evaluate

    truth, ids = None, []
    if incidents is not None:
        seen = {"", *(scan.host for scan in scans if scan.scores is not None)}
        incidents = incidents[incidents["instance"].isin(seen)]
        ids = incidents["incident_id"].tolist()
        truth = [
            Interval(host, start, end, reached.get(one, ()))
            for one, host, start, end in zip(
                ids, incidents["instance"], incidents["start"], incidents["end"], strict=True
            )
        ]
    ours = evaluate(_intervals(scans, "events"), truth, window.start, window.end)
    fixed = evaluate(_intervals(scans, "baseline_events"), truth, window.start, window.end)
    matched = [] if ours is None else ours.incident_of_event
    return Verdict(
        figures={
            "events": sum(len(scan.events) for scan in scans),
            **_figures(ours, ("event_recall", "event_precision", "median_delay_seconds",
                              "false_alarms_per_day")),
            "baseline_events": sum(len(scan.baseline_events) for scan in scans),
            **_figures(fixed, ("baseline_recall", "baseline_precision", "baseline_delay_seconds",
                               "baseline_false_alarms_per_day")),
        },
        matched=["" if place is None else ids[place] for place in matched],
    )  # fmt: skip


def keep(ws: Workspace, summary: dict[str, Any], scans: "Sequence[Scan]", verdict: Verdict) -> None:
    """Land the run, its scores and its events together or not at all."""
    import pandas as pd

    from lab.core.schemas import ANOMALY_RUNS
    from lab.core.sql import write_rows

    same = {name: value for name, value in summary.items() if name in ANOMALY_RUNS.names}
    run = {
        **same,
        "created_at": pd.Timestamp.now("UTC"),
        "params": json.dumps(summary["params"]),
        "train_start": pd.Timestamp(summary["train_start"]),
        "train_end": pd.Timestamp(summary["train_end"]),
        "n_series": summary["series"],
        "n_points": summary["points"],
        "n_events": summary["events"],
    }
    about = {"run_id": summary["run_id"], "dataset": summary["dataset"]}
    scores, events = score_rows(scans, about), event_rows(scans, verdict.matched, about)

    def landing(connection: "duckdb.DuckDBPyConnection") -> None:
        write_rows(connection, "anomaly_runs", pd.DataFrame([run]))
        write_rows(connection, "anomaly_scores", scores)
        write_rows(connection, "anomaly_events", events)

    ws.need_space(int(scores.memory_usage(deep=True).sum()))
    ws.store.change(landing)


def score_rows(scans: "Sequence[Scan]", about: dict[str, str]) -> "pd.DataFrame":
    """Scores as rows of ``anomaly_scores``, one per series and time."""
    import numpy as np
    import pandas as pd

    parts = []
    for scan in scans:
        if scan.scores is None:
            continue
        for place, series_id in enumerate(scan.frame.columns):
            tables = {
                "value": scan.frame,
                "score": scan.scores.contributions,
                "expected": scan.scores.expected,
                "lower": scan.scores.lower,
                "upper": scan.scores.upper,
            }
            parts.append(
                pd.DataFrame(
                    {"series_id": series_id, "timestamp": scan.frame.index}
                    | {k: np.nan if t is None else t.iloc[:, place].to_numpy()
                       for k, t in tables.items()}
                )
            )  # fmt: skip
    return pd.concat(parts, ignore_index=True).assign(**about)


def event_rows(
    scans: "Sequence[Scan]", matched: Sequence[str], about: dict[str, str]
) -> "pd.DataFrame":
    """Events as rows of ``anomaly_events``, in order of time."""
    import pandas as pd

    columns = ["instance", "series_id", "start", "end", "peak_score", "peak_at"]
    found = [
        (scan.host, event.column, event.start, event.end, event.peak_score, event.peak_at)
        for scan in scans
        for event in scan.events
    ]
    rows = pd.DataFrame(found, columns=columns)
    rows["matched_incident"] = list(matched) or ""
    rows = rows.sort_values(["start", "instance"], ignore_index=True)
    rows["event_id"] = [f"event-{number:04d}" for number in range(1, len(rows) + 1)]
    return rows.assign(**about)


def _intervals(scans: "Sequence[Scan]", which: str) -> list[Any]:
    from lab.aiops.evaluate import Interval

    found: list[tuple[str, Event]] = [
        (scan.host, event) for scan in scans for event in getattr(scan, which)
    ]
    return [Interval(host, event.start, event.end) for host, event in found]


def _figures(evaluation: "Evaluation | None", names: tuple[str, ...]) -> dict[str, float | None]:
    if evaluation is None:
        return dict.fromkeys(names)
    values = (
        evaluation.recall,
        evaluation.precision,
        evaluation.median_delay_seconds,
        evaluation.false_alarms_per_day,
    )
    return dict(zip(names, values, strict=True))
