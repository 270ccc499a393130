"""What the detectors are for: incidents found within a budget of pages, on data with labels."""

import json
from dataclasses import dataclass

import pandas as pd
import pytest

from lab.aiops.evaluate import Evaluation, Interval, evaluate
from lab.aiops.scan import BASELINE, scan
from lab.core.errors import LabError
from lab.world.fleet.hosts import METRICS, host_metrics
from tests.needs import needs

RECALL, FALSE_ALARMS, DELAY_SECONDS = 0.8, 2.0, 300


@dataclass(frozen=True)
class Both:
    ours: Evaluation
    fixed: Evaluation


def judged(detector: str, **world) -> Both:
    """Train on the first half, judge the second, beside the static threshold."""
    made = host_metrics(**world)
    ours, fixed = [], []
    for host, part in made.metrics.groupby("instance"):
        frame = part.set_index("timestamp")[list(METRICS)]
        middle = frame.index[len(frame) // 2]
        found = scan(str(host), frame, middle, detector)
        ours += [Interval(str(host), event.start, event.end) for event in found.events]
        fixed += [Interval(str(host), event.start, event.end) for event in found.baseline_events]
    truth = [Interval(row.instance, row.start, row.end) for row in made.incidents.itertuples()]
    end = frame.index[-1] + pd.Timedelta(minutes=1)
    return Both(evaluate(ours, truth, middle, end), evaluate(fixed, truth, middle, end))


@pytest.mark.parametrize(
    ("detector", "seed", "hosts"),
    [("seasonal_robust", 7, 10), ("seasonal_robust", 1, 10), ("isolation_forest", 7, 4)],
)
def test_incidents_are_found_within_the_page_budget(detector, seed, hosts):
    both = judged(detector, seed=seed, hosts=hosts)
    assert both.ours.recall >= RECALL
    assert both.ours.false_alarms_per_day <= FALSE_ALARMS * hosts / 10
    assert both.ours.median_delay_seconds <= DELAY_SECONDS
    assert both.fixed.false_alarms_per_day > 5 * FALSE_ALARMS * hosts / 10
    assert both.ours.precision > 2 * both.fixed.precision


@needs("tensorflow")
def test_the_autoencoder_beats_the_baseline_on_three_hosts():
    both = judged("autoencoder", seed=7, hosts=3)
    assert both.ours.recall >= 0.75
    assert both.ours.false_alarms_per_day <= FALSE_ALARMS
    assert both.fixed.false_alarms_per_day > 2 * both.ours.false_alarms_per_day


def test_the_recommended_detector_is_silent_when_nothing_happens():
    both = judged("seasonal_robust", seed=7, incidents=False)
    assert both.ours.false_alarms_per_day <= 0.5
    assert both.ours.recall is None


def test_doubled_noise_keeps_the_budget():
    both = judged("seasonal_robust", seed=7, noise=2.0)
    assert both.ours.recall >= RECALL
    assert both.ours.false_alarms_per_day <= FALSE_ALARMS


def test_the_baseline_as_a_detector_is_itself():
    both = judged(BASELINE, seed=3, days=4, hosts=2)
    assert both.ours == both.fixed


@pytest.mark.parametrize("detector", ["seasonal_robust", "isolation_forest"])
def test_real_series_give_far_fewer_false_alarms_than_fixed_limits(shared_data, detector):
    """The Numenta Anomaly Benchmark, open part: 23 real and artificial series."""
    folder = shared_data / "nab"
    labels = json.loads((folder / "windows.json").read_text(encoding="utf-8"))
    ours, fixed, scored = [], [], 0
    for name, windows in labels.items():
        path = folder / "data" / name
        if not path.exists():
            continue
        frame = _numenta(path)
        start, end = frame.index[int(len(frame) * 0.3)], frame.index[-1]
        try:
            found = scan(name, frame, start, detector)
        except LabError as error:
            pytest.fail(f"{name}: {error}")
        scored += found.scores is not None
        truth = [Interval(name, *(pd.Timestamp(t, tz="UTC") for t in window)) for window in windows]
        for events, into in ((found.events, ours), (found.baseline_events, fixed)):
            intervals = [Interval(name, event.start, event.end) for event in events]
            into.append(evaluate(intervals, truth, start, end))
    assert scored >= 20
    assert _total(ours, "detected") >= 0.4 * _total(fixed, "detected")
    assert 5 * _false(ours) < _false(fixed)


def _numenta(path) -> pd.DataFrame:
    frame = pd.read_csv(path, parse_dates=["timestamp"]).drop_duplicates("timestamp")
    frame = frame.set_index("timestamp").tz_localize("UTC")
    step = frame.index.to_series().diff().median()
    return frame.resample(step, origin="epoch").mean()


def _total(evaluations, name) -> int:
    return sum(getattr(each, name) for each in evaluations)


def _false(evaluations) -> int:
    return _total(evaluations, "events") - _total(evaluations, "matched")
