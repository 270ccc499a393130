"""The learner's detector, run again on the day nobody has seen and on its twin without faults."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lab.aiops.detect.base import make_detector
from lab.aiops.evaluate import Evaluation, Interval, evaluate
from lab.aiops.events import find_events
from lab.aiops.scan import BASELINE
from lab.core.progress import Progress, Steps
from lab.learn.exercises.metric_anomalies.data import Data, Run
from lab.learn.exercises.metric_anomalies.world import DAYS, SEALED, strikes
from lab.world.fleet.hosts import host_name

if TYPE_CHECKING:
    import pandas as pd

    from lab.aiops.detect.base import Detector


@dataclass(frozen=True)
class Sealed:
    """How a detector did.

    Args:
        ours: The detector on the sealed day.
        fixed: The static threshold on it.
        quiet_alarms: Alarms of the detector on the day without faults.
    """

    ours: Evaluation
    fixed: Evaluation
    quiet_alarms: int


def run_sealed(data: Data, run: Run) -> Steps[Sealed]:
    """Fit on what the learner's run was fitted on, score the sealed day and the quiet one.

    Args:
        data: The data set and the world behind it.
        run: The learner's run.

    Yields:
        Progress by host.

    Returns:
        The judgement of all hosts together.
    """
    world = data.world
    faults = strikes(world.seed, DAYS - 1, SEALED, data.strength)
    day, quiet = world.frames(faults), world.frames()
    start, end = world.day(DAYS - 1)
    ours: list[Interval] = []
    fixed: list[Interval] = []
    alarms = 0
    for number, (host, frame) in enumerate(day.items()):
        yield Progress(number, len(day), f"Running {run.detector} on the sealed day of {host}")
        train = quiet[host][quiet[host].index < run.train_end]
        fitted = make_detector(run.detector, run.params).fit(train)
        ours += _events(fitted, host, frame, start, run.threshold)
        alarms += len(_events(fitted, host, quiet[host], start, run.threshold))
        fixed += _events(make_detector(BASELINE).fit(train), host, frame, start)
    step = world.times[1] - world.times[0]
    truth = [
        Interval(
            host_name(s.number), world.times[s.window.start], world.times[s.window.stop - 1] + step
        )
        for s in faults
    ]
    judged = [evaluate(events, truth, start, end) for events in (ours, fixed)]
    if judged[0] is None or judged[1] is None:
        raise AssertionError("there are labels, so there is a judgement")
    return Sealed(judged[0], judged[1], alarms)


def harmony(judged: Evaluation) -> float:
    """F1 of events, 0 to 1: one number for finding much and crying wolf little."""
    recall, precision = judged.recall or 0.0, judged.precision or 0.0
    return 2 * recall * precision / (recall + precision) if recall + precision else 0.0


def _events(
    fitted: "Detector",
    host: str,
    frame: "pd.DataFrame",
    start: "pd.Timestamp",
    threshold: float = 1.0,
) -> list[Interval]:
    scores = fitted.score(frame)
    table = scores.contributions if scores.contributions is not None else scores.score.to_frame()
    return [
        Interval(host, e.start, e.end) for e in find_events(table[table.index >= start], threshold)
    ]
