"""Pictures of what is loaded."""

import pandas as pd
import pytest

from lab.plots.explore import (
    distribution_chart,
    distribution_sentence,
    series_chart,
    series_sentence,
)


@pytest.fixture
def points() -> pd.DataFrame:
    """Two series, one of them thinned."""
    times = pd.date_range("2026-03-28T23:00", periods=4, freq="h", tz="UTC")
    frame = pd.DataFrame({"timestamp": [*times, *times], "series_id": ["a"] * 4 + ["b"] * 4})
    frame["value"] = range(8)
    frame["lower"], frame["upper"] = frame["value"] - 1, frame["value"] + 1
    frame["samples"] = [1] * 4 + [3] * 4
    return frame


def test_line_for_each_series_and_a_band_where_samples_were_merged(points: pd.DataFrame) -> None:
    chart = series_chart(points, {"a": "host-01", "b": "host-02"}, "load", "processes")
    named = [trace.name for trace in chart.data if trace.name]
    assert named == ["host-01", "host-02"]
    assert sum(trace.fill == "tonexty" for trace in chart.data) == 1
    assert chart.layout.showlegend
    assert chart.layout.yaxis.title.text == "processes"
    assert len({trace.line.color for trace in chart.data if trace.name}) == 2


def test_time_is_shown_in_the_zone_that_is_named(points: pd.DataFrame) -> None:
    one = points[points["series_id"] == "a"]
    chart = series_chart(one, {}, "load", zone="Europe/London")
    assert chart.layout.xaxis.title.text == "Time (Europe/London)"
    assert [str(x)[11:16] for x in chart.data[0].x] == ["23:00", "00:00", "02:00", "03:00"]
    assert not chart.layout.showlegend


def test_sentences(points: pd.DataFrame) -> None:
    said = series_sentence(points, {"b": "host-02"}, "load")
    assert said == ("load: 3.5 on average, from -1 up to 8 at 2026-03-29 02:00 UTC (host-02).")
    assert series_sentence(points.iloc[:0], {}, "load") == "load: no values."


def test_distributions() -> None:
    numbers = pd.DataFrame(
        {"value": [0.5, 1.5], "rows": [2, 5], "lowest": [0.0, 0.0], "highest": [2.0, 2.0]}
    )
    assert distribution_chart(numbers, "size").layout.yaxis.title.text == "Rows"
    assert distribution_sentence(numbers, "size") == (
        "size lies between 0 and 2, most often near 1.5."
    )
    texts = pd.DataFrame({"value": ["north", "south"], "rows": [5, 2]})
    assert distribution_chart(texts, "store").data[0].orientation == "h"
    assert "north is the commonest" in distribution_sentence(texts, "store")
    assert distribution_sentence(texts.iloc[:0], "store") == "store has no values."
