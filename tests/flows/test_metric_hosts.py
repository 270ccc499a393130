import json

import numpy as np
import pandas as pd
import pytest

from lab.core.errors import BadInput
from lab.flows.metric_hosts import (
    host_frame,
    hosts,
    metric_datasets,
    metric_names,
    on_grid,
    training_ends,
)

START = pd.Timestamp("2026-03-02", tz="UTC")


def samples(seconds, values, series="cpu{}"):
    times = [START + pd.Timedelta(seconds=s) for s in seconds]
    times = pd.DatetimeIndex(times).as_unit("us")
    return pd.DataFrame({"timestamp": times, "series_id": series, "value": values})


def load(ws, series, days=1):
    """Hourly samples for each (series_id, metric, labels)."""
    times = pd.date_range(START, periods=days * 24, freq="h")
    parts = []
    for series_id, metric, labels in series:
        ws.store.write(
            "series",
            pd.DataFrame(
                [{"dataset": "d", "series_id": series_id, "metric": metric,
                  "labels": json.dumps(labels)}]
            ),
            "append",
        )  # fmt: skip
        parts.append(pd.DataFrame({"dataset": "d", "timestamp": times, "series_id": series_id,
                                   "value": np.arange(len(times), dtype=float)}))  # fmt: skip
    ws.store.write("observations", pd.concat(parts), "append")


def test_missing_samples_are_gaps_and_jitter_is_put_on_the_grid():
    frame = on_grid(samples([0, 61, 119, 180, 420], [1, 2, 3, 4, 5]), "h")
    assert list(frame.index) == list(pd.date_range(START, periods=8, freq="min"))
    got = frame["cpu{}"].tolist()
    np.testing.assert_array_equal(got, [1, 2, 3, 4, np.nan, np.nan, np.nan, 5])


def test_the_grid_begins_where_the_samples_do():
    frame = on_grid(samples([30, 90.4, 149.7, 210], [1, 2, 3, 4]), "h")
    assert frame["cpu{}"].tolist() == [1, 2, 3, 4]
    assert frame.index[0].second == 30


def test_the_slowest_series_gives_the_step():
    fast = samples(range(0, 600, 30), np.arange(20.0), "fast{}")
    slow = samples(range(0, 600, 60), np.arange(10.0), "slow{}")
    frame = on_grid(pd.concat([fast, slow]), "h")
    assert len(frame) == 10
    assert frame["fast{}"].iloc[0] == 0.5  # the mean of two samples
    assert frame.notna().to_numpy().all()
    assert frame["fast{}"].tolist() == [2 * place + 0.5 for place in range(10)]


def test_a_grid_that_would_not_fit_is_refused():
    with pytest.raises(BadInput, match="h spans 31\u202f536\u202f000 steps of 1 s"):
        on_grid(samples([0, 1, 2, 31_536_000], [1, 2, 3, 4]), "h")
    with pytest.raises(BadInput, match="no series with two samples"):
        on_grid(samples([0], [1]), "h")


def test_series_are_grouped_by_instance_or_by_all_labels(ws):
    load(
        ws,
        [
            ('up{instance="b"}', "up", {"instance": "b", "job": "x"}),
            ('load{instance="b"}', "load", {"instance": "b"}),
            ('up{instance="a"}', "up", {"instance": "a"}),
            ('sales{shop="1"}', "sales", {"shop": "1", "city": "Leeds"}),
            ("temperature", "temperature", {}),
        ],
    )
    assert [host.name for host in hosts(ws, "d")] == ["a", "all", "b", "city=Leeds,shop=1"]
    assert metric_datasets(ws) == ["d"]
    assert metric_names(ws, "d") == ["load", "sales", "temperature", "up"]
    chosen = hosts(ws, "d", metrics=["up"], instances=["b"])
    assert [(host.name, host.series) for host in chosen] == [("b", ('up{instance="b"}',))]
    frame = host_frame(ws, "d", hosts(ws, "d", instances=["b"])[0])
    assert frame.shape == (24, 2)
    assert str(frame.index.tz) == "UTC"


def test_training_may_end_at_midnights_or_at_tenths(ws):
    assert metric_datasets(ws) == []
    load(ws, [("x", "x", {})], days=10)
    ends = training_ends(ws, "d")
    assert len(ends.moments) == 9
    assert ends.middle == "2026-03-07 00:00Z"


def test_short_data_is_cut_by_tenths(ws):
    load(ws, [("x", "x", {})], days=1)
    ends = training_ends(ws, "d")
    assert len(ends.moments) == 9
    assert ends.middle == "2026-03-02 11:30Z"
