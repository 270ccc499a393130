"""Find anomalies in the metrics of a data set, host by host, and keep what was found."""

import hashlib
import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from lab.core.errors import BadInput
from lab.core.progress import Progress, Steps
from lab.core.workspace import Workspace
from lab.flows.detection_rows import judged, keep, labelled, scored_window
from lab.flows.metric_hosts import Host, host_frame, hosts, span
from lab.flows.world_truth import reached

if TYPE_CHECKING:
    import pandas as pd

    from lab.aiops.scan import Scan
    from lab.mlops.tracking import Run

EXPERIMENT = "anomalies"


@dataclass(frozen=True)
class DetectionSummary:
    """What a detection run came to.

    Args:
        run_id: Its id, the same in the store and in MLflow.
        dataset: Data set it read.
        detector: Name of the detector.
        params: Every parameter it ran with, ``threshold`` and ``merge_seconds`` too.
        train_start: First time learnt from, ISO.
        train_end: First scored time, ISO.
        score_end: First time after the scored ones, ISO.
        hosts: Hosts scored.
        series: Series scored.
        points: Values scored.
        skipped: Series that could not be learnt from, each with its reason.
        events: Events found.
        event_recall: Labelled incidents found, 0 to 1; ``None`` without labels.
        event_precision: Events on hosts that an incident reached, 0 to 1; ``None`` without labels
            or events.
        median_delay_seconds: From the start of an incident to its first event.
        false_alarms_per_day: Events that match nothing, over all hosts; ``None`` without labels.
        baseline_events: Events of a static threshold on the same rows.
        baseline_recall: Its recall.
        baseline_precision: Its precision.
        baseline_delay_seconds: Its median delay.
        baseline_false_alarms_per_day: Its false alarms per day.
        data_sha256: Hash of everything that was read.
        seconds: How long it took.
    """

    run_id: str
    dataset: str
    detector: str
    params: dict[str, Any]
    train_start: str
    train_end: str
    score_end: str
    hosts: int
    series: int
    points: int
    skipped: tuple[str, ...]
    events: int
    event_recall: float | None
    event_precision: float | None
    median_delay_seconds: float | None
    false_alarms_per_day: float | None
    baseline_events: int
    baseline_recall: float | None
    baseline_precision: float | None
    baseline_delay_seconds: float | None
    baseline_false_alarms_per_day: float | None
    data_sha256: str
    seconds: float


def detect(
    ws: Workspace,
    dataset: str,
    detector: str = "seasonal_robust",
    *,
    metrics: Sequence[str] | None = None,
    instances: Sequence[str] | None = None,
    params: dict[str, Any] | None = None,
    train_until: str | None = None,
    threshold: float = 1.0,
    merge_seconds: float = 1800.0,
    experiment: str = EXPERIMENT,
) -> Steps[DetectionSummary]:
    """Learn from the first part of the metrics, score the rest, and judge what was found.

    Every host is learnt by itself. Where the data set has labelled incidents, the events are
    judged by them, beside those of a static threshold on the same rows. Scores, events and the
    run land in the store together or not at all.

    Args:
        ws: The workspace.
        dataset: Data set with metrics.
        detector: See ``lab.aiops.detect.base.detectors``.
        metrics: Metrics to look at; all when not given.
        instances: Hosts to look at; all when not given.
        params: Parameters of the detector other than its defaults.
        train_until: First scored time, such as ``"2026-03-09"``; half of the data when not given.
        threshold: Score from which a point alarms, above 0; raise it for fewer false alarms.
        merge_seconds: Alarms at most this far apart are one event.
        experiment: MLflow experiment to log to.

    Yields:
        Progress by host, with the number of ``events`` so far.

    Returns:
        Counts and scores; ``lab.flows.detections`` reads the rest.

    Raises:
        NotFound: The data set, a metric, a host or the detector does not exist.
        BadInput: Nothing can be learnt from the chosen window.
        Unavailable: The detector needs a library that is not installed.
    """
    from lab.aiops.detect.base import make_detector, parameters
    from lab.mlops.tracking import track

    began = time.monotonic()
    own = parameters(make_detector(detector, params))  # refuse before any work
    full = {**own, "threshold": threshold, "merge_seconds": merge_seconds}
    chosen = hosts(ws, dataset, metrics, instances)
    window = scored_window(*span(ws, dataset, chosen), train_until)
    yield Progress(0, len(chosen) + 2, "Opening a run")
    logged = {"detector": detector, "train_end": window.start.isoformat(),
              "hosts": len(chosen), **full}  # fmt: skip
    name = f"{detector} on {dataset}"
    with track(ws, experiment, name, logged, {"lab.dataset": dataset}) as run:
        sha256 = hashlib.sha256()
        frames = _frames(ws, dataset, chosen, sha256)
        how = (window.start, detector, own, threshold, merge_seconds)
        scans = yield from _scan_all(frames, len(chosen), how)
        yield Progress(len(chosen) + 1, len(chosen) + 2, "Judging and keeping what was found")
        window = window.up_to(scans)
        verdict = judged(labelled(ws, dataset), reached(ws, dataset), scans, window)
        summary = DetectionSummary(
            run_id=run.run_id,
            dataset=dataset,
            detector=detector,
            params=full,
            train_start=window.train_start.isoformat(),
            train_end=window.start.isoformat(),
            score_end=window.end.isoformat(),
            **_counts(scans),
            **verdict.figures,
            data_sha256=sha256.hexdigest(),
            seconds=round(time.monotonic() - began, 2),
        )
        keep(ws, asdict(summary), scans, verdict)
        _log(run, summary)
    return summary


def _frames(
    ws: Workspace, dataset: str, chosen: Sequence[Host], sha256: "hashlib._Hash"
) -> "Iterator[tuple[str, pd.DataFrame]]":
    """Each host with its table, read when it is its turn; the hash takes everything in."""
    for host in chosen:
        frame = host_frame(ws, dataset, host)
        sha256.update(json.dumps([host.name, list(host.series), len(frame)]).encode())
        sha256.update(str(frame.index[0].isoformat()).encode())
        sha256.update(frame.to_numpy().tobytes())
        yield host.name, frame


def _scan_all(
    frames: "Iterator[tuple[str, pd.DataFrame]]", count: int, how: tuple[Any, ...]
) -> "Steps[list[Scan]]":
    """Scan host after host; on a cluster, as many at once as it has room for."""
    from joblib import Parallel, delayed

    from lab.aiops.scan import scan

    scans: list[Scan] = []
    work = Parallel(return_as="generator")(
        delayed(scan)(name, frame, *how) for name, frame in frames
    )
    for done in work:
        scans.append(done)
        found = sum(len(each.events) for each in scans)
        yield Progress(len(scans), count + 2, f"Learnt {done.host}", {"events": float(found)})
    if all(each.scores is None for each in scans):
        raise BadInput(
            f"Nothing can be learnt before {how[0]:%Y-%m-%d %H:%M}: "
            f"{'; '.join(_skipped(scans)[:3])}.",
            "Choose a later end of training or other metrics.",
        )
    return scans


def _counts(scans: "Sequence[Scan]") -> dict[str, Any]:
    return {
        "hosts": sum(scan.scores is not None for scan in scans),
        "series": sum(scan.frame.shape[1] for scan in scans),
        "points": sum(int(scan.frame.notna().to_numpy().sum()) for scan in scans),
        "skipped": _skipped(scans),
    }


def _skipped(scans: "Sequence[Scan]") -> tuple[str, ...]:
    return tuple(f"{name} {why}" for scan in scans for name, why in scan.skipped.items())


def _log(run: "Run", summary: DetectionSummary) -> None:
    values = asdict(summary)
    numbers = {k: v for k, v in values.items() if isinstance(v, (int, float)) and k != "params"}
    run.log_metrics(numbers)
    run.set_tags({"lab.data_sha256": summary.data_sha256})
    run.log_dict(values, "detection.json")
