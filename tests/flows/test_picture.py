"""What a chart reads draws the same pixels as all samples would."""

from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

from lab.core.errors import BadInput
from lab.core.workspace import Workspace
from lab.data import rollups
from lab.flows import picture as module
from lab.flows.picture import picture
from lab.plots.outline import outline

START = pd.Timestamp("2026-01-01T00:00:07Z")


def put(ws: Workspace, name: str, times: pd.DatetimeIndex, values: np.ndarray) -> None:
    """Add one series to data set ``d``."""
    frame = pd.DataFrame({"dataset": "d", "timestamp": times, "series_id": name, "value": values})
    ws.store.write("observations", frame, "append")


def pixels(times: pd.Series, values: pd.Series, width: pd.Timedelta) -> pd.DataFrame:
    """The slow way: what a line leaves in each column of pixels."""
    frame = pd.DataFrame({"t": pd.to_datetime(times, utc=True), "v": values}).dropna()
    monday = pd.Timestamp(2000, 1, 3, tz="UTC")
    frame["column"] = (frame["t"] - monday) // width
    grouped = frame.sort_values("t", kind="stable").groupby("column")["v"]
    return grouped.agg(["first", "last", "min", "max"])


def column_width(points: pd.DataFrame) -> pd.Timedelta:
    return points["timestamp"].drop_duplicates().diff().min()


@pytest.mark.parametrize("step", ["1s", "250ms", "37s", "1min"])
def test_line_leaves_the_pixels_of_all_samples(ws: Workspace, step: str) -> None:
    rng = np.random.default_rng(3)
    times = pd.date_range(START, periods=60_000, freq=step)
    kept = rng.random(len(times)) > 0.02
    kept[20_000:26_000] = False
    values = np.cumsum(rng.normal(size=len(times)))
    put(ws, "long", times[kept], values[kept])
    put(ws, "short", times[:500], values[:500])
    raw = pd.DataFrame({"timestamp": times[kept], "value": values[kept]})
    windows = [None, *((times[a].to_pydatetime(), times[b].to_pydatetime())
                       for a, b in ((100, 45_000), (30_000, 31_000), (5, 12)))]  # fmt: skip
    for window in windows:
        points = picture(ws, "d", ("long",), window)
        width = column_width(points)
        first, last = points["timestamp"].iloc[0], points["timestamp"].iloc[-1] + width
        inside = raw[(raw["timestamp"] >= first) & (raw["timestamp"] < last)]
        line = outline(points)
        pd.testing.assert_frame_equal(
            pixels(line["timestamp"].dt.tz_localize("UTC"), line["value"], width),
            pixels(inside["timestamp"], inside["value"], width),
        )
        assert len(points) <= module.MOST_POINTS
        if window:
            assert first <= window[0]
            assert last >= window[1] - timedelta(seconds=60)
    assert ws.store.rows(
        "SELECT count(*) > 0 FROM observation_rollups WHERE series_id = 'long' AND width > 0"
    ) == [(True,)]


def test_window_shows_every_sample_once_it_is_small(ws: Workspace) -> None:
    times = pd.date_range(START, periods=30_000, freq="1s")
    put(ws, "a", times, np.arange(30_000.0))
    points = picture(ws, "d", ("a",), (times[1_000].to_pydatetime(), times[1_200].to_pydatetime()))
    assert set(points["samples"]) == {1}
    assert outline(points)["value"].tolist() == list(range(1_000, 1_200))


def test_gaps_stay_gaps_and_what_is_no_number_is_left_out(ws: Workspace) -> None:
    times = pd.date_range(START, periods=300, freq="1s")
    values = np.arange(300.0)
    values[100:200] = np.nan
    put(ws, "a", times, values)
    line = outline(picture(ws, "d", ("a",)))
    assert np.isnan(line["value"].iloc[100])
    assert line["value"].isna().sum() == 1
    assert len(line) == 201


def test_one_sample_a_constant_and_an_empty_window(ws: Workspace) -> None:
    put(ws, "one", pd.DatetimeIndex([START]), np.array([4.0]))
    put(ws, "flat", pd.date_range(START, periods=50, freq="1s"), np.full(50, 2.0))
    assert outline(picture(ws, "d", ("one",)))["value"].tolist() == [4.0]
    assert set(outline(picture(ws, "d", ("flat",)))["value"]) == {2.0}
    later = START + pd.Timedelta(days=3)
    empty = picture(ws, "d", ("one",), (later.to_pydatetime(), later.to_pydatetime()))
    assert empty.empty
    assert outline(empty).empty
    with pytest.raises(BadInput, match="nothing to draw"):
        picture(ws, "d", ("none",))


def test_new_samples_are_seen(ws: Workspace) -> None:
    times = pd.date_range(START, periods=30_000, freq="1s")
    put(ws, "a", times, np.zeros(30_000))
    assert picture(ws, "d", ("a",))["upper"].max() == 0
    put(ws, "a", times[-1:] + pd.Timedelta(seconds=1), np.array([9.0]))
    assert picture(ws, "d", ("a",))["upper"].max() == 9
    changed = pd.DataFrame({"dataset": "d", "timestamp": times[:1], "series_id": "a", "value": 7.0})
    ws.store.write("observations", changed, "upsert")
    assert picture(ws, "d", ("a",)).iloc[0]["first"] == 7
    with ws.store.connect() as connection:
        assert rollups.known(connection, "d")
