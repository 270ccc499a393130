"""Faults laid over series: nothing changes outside a window, and every window changes something."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.core.errors import NotFound
from lab.world.overlay.effects import LAID, laid
from lab.world.overlay.laying import lay
from lab.world.overlay.meaning import meaning
from lab.world.overlay.plan import LEAST_APART, Series, Window, applicable, plan
from lab.world.overlay.scale import scale
from lab.world.overlay.shapes import Piece, shaped
from lab.world.signals import generator

START = datetime(2026, 3, 2, tzinfo=UTC)
HALF = START + timedelta(days=3)
END = START + timedelta(days=6)
METRICS = (
    "node_cpu", "node_memory_MemAvailable_bytes", "http_errors", "http_requests_total",
    "node_filesystem_avail_bytes", "request_latency", "queue_depth",
)  # fmt: skip
HOSTS = {
    host: [Series(f'{metric}{{instance="{host}"}}', metric) for metric in METRICS]
    for host in ("alpha", "beta")
}
WINDOW = Window(HALF, END, 300.0)


def samples(seed: int = 0, keep: float = 1.0) -> pd.DataFrame:
    """Six days of two hosts, every five minutes; some samples may be missing."""
    rng = np.random.default_rng(seed)
    times = pd.date_range(START, END, freq="5min", inclusive="left")
    day = 1 + 0.5 * np.sin(2 * np.pi * np.arange(len(times)) / 288)
    values = {
        "node_cpu": 0.3 * day + rng.normal(0, 0.01, len(times)),
        "node_memory_MemAvailable_bytes": np.floor(4e9 - 1e9 * day + rng.normal(0, 1e7, 1728)),
        "http_errors": rng.poisson(2, len(times)).astype(float),
        "http_requests_total": np.cumsum(rng.poisson(100 * day)).astype(float),
        "node_filesystem_avail_bytes": np.floor(4e10 - np.cumsum(rng.exponential(1e5, 1728))),
        "request_latency": 0.05 * day * rng.lognormal(0, 0.1, len(times)),
        "queue_depth": rng.poisson(5 * day).astype(float),
    }
    parts = [
        pd.DataFrame({"series_id": one.series_id, "timestamp": times, "value": values[one.metric]})
        for host in sorted(HOSTS)
        for one in HOSTS[host]
    ]
    table = pd.concat(parts).sort_values(["series_id", "timestamp"], ignore_index=True)
    return table[rng.random(len(table)) < keep].reset_index(drop=True)


def together(before: pd.DataFrame, changed: pd.DataFrame) -> pd.DataFrame:
    """The samples with what was laid over them, beside what they were."""
    key = ["series_id", "timestamp"]
    both = before.merge(changed.assign(hit=True), on=key, how="left", suffixes=("", "_after"))
    both["after"] = both["value_after"].where(both["hit"].notna(), both["value"])
    return both


def differences(group: pd.DataFrame, counter: bool) -> "pd.Series[bool]":
    """Where a series is another; of a counter, where it grew by more or less."""
    if not counter:
        return ~(group["after"] == group["value"])
    return (group["after"] - group["value"]).diff().abs().fillna(1) > 0


@settings(max_examples=15)
@given(
    kinds=st.lists(st.sampled_from(sorted(LAID)), min_size=1, max_size=6, unique=True),
    severity=st.sampled_from([0.1, 0.5, 1.0]),
    seed=st.integers(0, 1000),
    keep=st.sampled_from([1.0, 0.8]),
)
def test_only_windows_change_and_every_window_does(kinds, severity, seed, keep):
    table = samples(seed, keep)
    untouched = table.copy()
    planned = plan(HOSTS, kinds, [severity], WINDOW, seed)
    changed = lay(table, planned, WINDOW.step_seconds)
    pd.testing.assert_frame_equal(table, untouched)
    both = together(table, changed.samples)
    assert both["hit"].sum() == len(changed.samples)
    for overlay in changed.overlays:
        assert HALF <= overlay.start < overlay.end <= END
    for name, group in both.groupby("series_id"):
        resets = any(overlay.kind == "counter_reset" for overlay in changed.overlays)
        counter = "_total" in name
        if counter and resets:
            continue  # what follows a restart is lower for good
        inside = pd.Series(False, index=group.index)
        for overlay in changed.overlays:
            if name in {touch.series.series_id for touch in overlay.touches}:
                window = (group["timestamp"] >= overlay.start) & (group["timestamp"] < overlay.end)
                inside |= window
        differs = differences(group, counter)
        differs.iloc[0] = False
        gone = group["after"].isna().any()
        assert not (differs & ~inside).any() or (counter and gone)
    for overlay in changed.overlays:
        names = {touch.series.series_id for touch in overlay.touches}
        rows = both[both["series_id"].isin(names) & both["hit"].notna()]
        window = rows[(rows["timestamp"] >= overlay.start) & (rows["timestamp"] < overlay.end)]
        assert window["timestamp"].min() == overlay.start
        assert window["timestamp"].max() == overlay.end - timedelta(seconds=WINDOW.step_seconds)


def test_a_plan_is_apart_complete_and_the_same_for_the_same_seed():
    planned = plan(HOSTS, sorted(LAID), [0.3, 0.9], Window(START, END, 300.0), 3)
    assert planned == plan(HOSTS, sorted(LAID), [0.3, 0.9], Window(START, END, 300.0), 3)
    assert planned != plan(HOSTS, sorted(LAID), [0.3, 0.9], Window(START, END, 300.0), 4)
    for one in planned:
        for other in planned:
            if one is not other and one.host == other.host:
                assert one.end + LEAST_APART <= other.start or other.end + LEAST_APART <= one.start
    few = plan(HOSTS, ["cpu_hog", "spike"], [0.3, 0.9], WINDOW, 3, rounds=2)
    assert sorted((o.kind, o.severity) for o in few) == sorted(
        [(k, s) for k in ("cpu_hog", "spike") for s in (0.3, 0.9)] * 2
    )


def test_too_many_faults_leave_some_out_and_first_rounds_go_first():
    short = Window(START, START + timedelta(days=1), 300.0)
    planned = plan(HOSTS, ["spike", "drop", "stuck"], [0.5], short, rounds=30)
    assert 3 <= len(planned) < 90
    assert {overlay.kind for overlay in planned} == {"spike", "drop", "stuck"}


def test_only_what_strikes_a_series_applies():
    bare = {"": [Series("weather", "weather")]}
    found = applicable(bare, list(LAID))
    assert "spike" in found
    assert "cpu_hog" not in found
    assert "counter_reset" not in found
    assert plan(bare, ["cpu_hog"], [0.5], WINDOW) == ()


@pytest.mark.parametrize("kind", sorted(LAID))
def test_more_severe_differs_more(kind):
    table = samples()
    sizes = []
    for severity in (0.2, 1.0):
        planned = plan(HOSTS, [kind], [severity], WINDOW, 11)
        changed = lay(table, planned, WINDOW.step_seconds)
        assert changed.overlays, kind
        both = together(table, changed.samples)
        gone = both["after"].isna() & both["hit"].notna()
        sizes.append(gone.sum() + (both["after"] - both["value"]).abs().sum())
    if kind not in ("counter_reset", "spike", "drop", "stuck"):  # their places depend on more
        assert sizes[0] < sizes[1]


def test_severities_are_equally_hard_on_quiet_and_noisy_series():
    rng = np.random.default_rng(1)
    seconds = np.arange(0, 5 * 86_400, 300.0)
    rhythm = 10 * np.sin(2 * np.pi * seconds / 86_400)
    for deviation in (0.01, 1.0):
        unit = scale(seconds, rhythm + rng.normal(0, deviation, len(seconds))).unit
        assert unit == pytest.approx(deviation, rel=0.35, abs=0.9)
    quiet = scale(seconds, rhythm + rng.normal(0, 1.0, len(seconds))).unit
    assert quiet < 2, "the daily rhythm is not noise"


def test_a_series_that_bursts_by_itself_needs_more_to_stand_out():
    rng = np.random.default_rng(2)
    seconds = np.arange(0, 5 * 86_400, 300.0)
    calm = rng.normal(0, 1.0, len(seconds))
    bursting = calm + 60 * (rng.random(len(seconds)) < 0.02)
    assert scale(seconds, calm).unit == pytest.approx(1, rel=0.15)
    assert scale(seconds, bursting).unit > 5


def piece(values, size, inside=(2, 5), **more) -> Piece:
    values = np.array(values, dtype=float)
    seconds = np.arange(len(values)) * 3600.0
    where = (np.arange(len(values)) >= inside[0]) & (np.arange(len(values)) < inside[1])
    return Piece(seconds, values, where, scale(seconds, values), size, generator(0))


def test_shapes_by_hand():
    flat = [0.5, 0.6, 0.5, 0.6, 0.5, 0.6, 0.5]
    assert shaped("drop", piece(flat, 1))[2:5].tolist() == [0, 0, 0]
    assert shaped("flat", piece(flat, 1))[2:5].tolist() == [0.6, 0.6, 0.6]
    assert np.isnan(shaped("gap", piece(flat, 1))[2:5]).all()
    assert shaped("shift", piece(flat, 1000))[2:5].tolist() == [1, 1, 1]
    assert shaped("times", piece([10, 20, 10, 20, 10, 20], 2))[2:5].tolist() == [30, 60, 30]
    ramp = shaped("ramp", piece(flat, 3)) - np.array(flat)
    assert 0 < ramp[2] < ramp[3] < ramp[4]
    assert shaped("skew", piece(range(10), 0.25, (5, 8)))[5:8].tolist() == [3, 4, 5]
    for shape in ("drop", "flat", "gap", "shift", "times", "ramp", "noise", "bursts"):
        assert shaped(shape, piece(flat, 2))[[0, 1, 5, 6]].tolist() == [0.5, 0.6, 0.6, 0.5]


@pytest.mark.parametrize(
    ("metric", "expected"),
    [
        ("instance:node_cpu_utilisation:rate5m", "cpu"),
        ("node_memory_MemAvailable_bytes", "memory_free"),
        ("container_memory_working_set_bytes", "memory_used"),
        ("node_filesystem_avail_bytes", "disk_free"),
        ("disk_used_percent", "disk_used"),
        ("instance:node_network_receive_bytes_excluding_lo:rate5m", "traffic"),
        ("node_load1", "load"),
        ("http_request_duration_seconds_sum", "latency"),
        ("http_errors_total", "errors"),
        ("rabbitmq_queue_messages", "queue"),
        ("temperature", "other"),
    ],
)
def test_meaning_by_name(metric, expected):
    assert meaning(metric) == expected


def test_an_unknown_fault_is_named_with_near_matches():
    with pytest.raises(NotFound, match="clock_skew"):
        laid("clock_scew")
