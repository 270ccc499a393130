"""Rehearse faults: lay them over your own metrics and see which a detector would catch."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from lab.core.errors import NotFound
from lab.core.progress import Steps, scaled
from lab.core.workspace import Workspace
from lab.flows.overlay import SEVERITIES, overlay

if TYPE_CHECKING:
    from lab.flows.detect import DetectionSummary

EXPERIMENT = "rehearsals"


@dataclass(frozen=True)
class Rehearsal:
    """How a detector did on faults laid over a data set.

    Args:
        dataset: Data set with the faults.
        original: Data set without.
        detector: Name of the detector.
        run_id: Detection run with the faults.
        twin_run_id: Detection run without them.
        faults: Faults laid.
        asked: Faults asked for; where time is short, some found no room.
        caught: Of these, those with an event that is not there without the fault.
        recall: ``caught / faults``, 0 to 1.
        median_delay_seconds: From the start of a fault to its first event.
        false_pages_per_day: Events on the untouched series, per day over all hosts; those that
            match incidents of its own are no false ones.
    """

    dataset: str
    original: str
    detector: str
    run_id: str
    twin_run_id: str
    faults: int
    asked: int
    caught: int
    recall: float
    median_delay_seconds: float | None
    false_pages_per_day: float


def rehearse(
    ws: Workspace,
    dataset: str,
    detector: str = "seasonal_robust",
    *,
    faults: Sequence[str] | None = None,
    metrics: Sequence[str] | None = None,
    severity: Sequence[float] = SEVERITIES,
    count: int = 1,
    seed: int = 1,
    name: str = "",
    train_until: str | None = None,
    params: dict[str, Any] | None = None,
    threshold: float = 1.0,
) -> Steps[Rehearsal]:
    """Lay faults over your own metrics and see which of them a detector would catch.

    The faults go into a copy of the data set; the original stays as it is and shows how often
    the detector would have paged for nothing.

    Args:
        ws: The workspace.
        dataset: Data set with metrics.
        detector: See ``lab.aiops.detect.base.detectors``.
        faults: Kinds of faults; all that strike one of its series when not given.
        metrics: Metrics to lay faults over and to look at; all when not given.
        severity: How hard each is laid, above 0, to 1; in units of what is ordinary for a series.
        count: How often each fault is laid at each severity, 1 or more.
        seed: What draws hosts and times.
        name: Name of the copy; that of the data set and ``_with_faults`` when not given.
        train_until: The detector learns until then; half of the data when not given.
        params: Parameters of the detector other than its defaults.
        threshold: Score from which a point alarms, above 0; raise it for fewer false alarms.

    Yields:
        Progress.

    Returns:
        The judgement; ``lab.flows.rehearsed`` reads the rest.

    Raises:
        NotFound: There is no such data set, detector or fault.
        BadInput: No fault could be laid, or nothing can be learnt.
    """
    from lab.aiops.detect.base import make_detector

    make_detector(detector, params)  # refuse before any work
    steps = overlay(ws, dataset, faults, metrics=metrics, severity=severity, count=count,
                    seed=seed, name=name, train_until=train_until)  # fmt: skip
    made = yield from scaled(steps, 0, 1, 5)
    judging = proof(ws, made.dataset, detector, metrics=metrics, params=params, threshold=threshold)
    judged = yield from scaled(judging, 1, 5, 5)
    return replace(judged, asked=made.asked)


def proof(
    ws: Workspace,
    dataset: str,
    detector: str = "seasonal_robust",
    *,
    metrics: Sequence[str] | None = None,
    params: dict[str, Any] | None = None,
    threshold: float = 1.0,
) -> Steps[Rehearsal]:
    """Run a detector on a data set with faults and on the original, and compare.

    A fault counts as caught only when an event overlaps it that is not there without it.

    Args:
        ws: The workspace.
        dataset: What ``overlay`` made.
        detector: See ``lab.aiops.detect.base.detectors``.
        metrics: Metrics to look at; all when not given.
        params: Parameters of the detector other than its defaults.
        threshold: Score from which a point alarms, above 0.

    Yields:
        Progress.

    Returns:
        The judgement.

    Raises:
        NotFound: No faults were laid into the data set, or there is no such detector.
    """
    from lab.flows.detect import detect
    from lab.flows.rehearsed import verdicts

    original, until = _origin(ws, dataset)
    how: dict[str, Any] = {"metrics": metrics, "params": params, "threshold": threshold,
                           "train_until": until, "experiment": EXPERIMENT}  # fmt: skip
    struck = yield from scaled(detect(ws, dataset, detector, **how), 0, 1, 2)
    quiet = yield from scaled(detect(ws, original, detector, **how), 1, 2, 2)
    judged = verdicts(ws, struck.run_id, quiet.run_id)
    caught = judged[judged["verdict"] == "caught"]
    return Rehearsal(
        dataset=dataset,
        original=original,
        detector=detector,
        run_id=struck.run_id,
        twin_run_id=quiet.run_id,
        faults=len(judged),
        asked=len(judged),
        caught=len(caught),
        recall=len(caught) / len(judged),
        median_delay_seconds=float(caught["delay_seconds"].median()) if len(caught) else None,
        false_pages_per_day=_false_pages(quiet),
    )


def _origin(ws: Workspace, dataset: str) -> tuple[str, str]:
    sql = "SELECT original, laid_from FROM overlays WHERE dataset = ? LIMIT 1"
    rows = ws.store.rows(sql, [dataset]) if ws.store.has("overlays") else []
    if not rows:
        raise NotFound(
            f"No faults were laid into {dataset!r}.", "Lay some over a data set with overlay first."
        )
    return rows[0][0], rows[0][1].isoformat()


def _false_pages(quiet: "DetectionSummary") -> float:
    import pandas as pd

    if quiet.false_alarms_per_day is not None:
        return quiet.false_alarms_per_day
    scored = pd.Timestamp(quiet.score_end) - pd.Timestamp(quiet.train_end)
    return quiet.events / (scored / pd.Timedelta(days=1))
