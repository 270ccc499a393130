import numpy as np
import pandas as pd
import pytest

from lab.plots.anomalies import anomaly_chart, score_chart, unit_of
from lab.plots.template import FAULT

START = pd.Timestamp("2026-03-09", tz="UTC")


def points(*measures, rows=200):
    """What a picture is drawn from, where every column of pixels holds one sample."""
    index = pd.date_range(START, periods=rows, freq="min")
    wave = np.sin(np.arange(rows) / 9)
    known = {"value": wave, "score": np.abs(wave), "expected": wave * 0.9,
             "lower": wave - 1, "upper": wave + 1}  # fmt: skip
    ends = ("first", "last", "low", "high")
    return pd.concat([
        pd.DataFrame({"timestamp": index, "series_id": name})
        .assign(**{f"{end}_at": index for end in ends}, **dict.fromkeys(ends, known[name]))
        for name in measures or known
    ], ignore_index=True)  # fmt: skip


def windows(*minutes, **more):
    rows = [(START + pd.Timedelta(minutes=a), START + pd.Timedelta(minutes=b)) for a, b in minutes]
    return pd.DataFrame(rows, columns=["start", "end"]).assign(**more)


NONE = windows(kind=[])
METRIC = "node_memory_MemAvailable_bytes"


def names(chart):
    return [trace.name for trace in chart.data if trace.showlegend is not False]


def test_it_shows_series_band_events_and_labels():
    events = windows((10, 20), (40, 50), peak_score=[2.0, 3.0])
    labels = windows((12, 25), kind=["disk_fill"])
    chart = anomaly_chart(points(), events, labels, "2 events", METRIC)
    assert set(names(chart)) == {
        "Expected range", "Expected", "Measured", "Labelled incident", "Event",
    }  # fmt: skip
    assert [(s.x0.minute, s.x1.minute) for s in chart.layout.shapes] == [(10, 20), (40, 50)]
    assert chart.layout.title.text == "2 events"
    assert chart.layout.yaxis.title.text == f"{METRIC} (bytes)"
    strip = next(trace for trace in chart.data if trace.name == "Labelled incident")
    assert list(strip.customdata) == ["disk fill"]
    assert strip.x[0] == 13 * 60_000
    assert chart.layout.yaxis2.domain[1] < chart.layout.yaxis.domain[0]


def test_without_band_labels_and_events_it_is_a_plain_series():
    chart = anomaly_chart(points("value"), NONE, NONE, "No events", "queue")
    assert names(chart) == ["Measured"]
    assert chart.layout.shapes == ()
    assert chart.layout.yaxis.title.text == "queue"


def test_times_are_on_the_wall_of_the_person():
    chart = anomaly_chart(
        points(), windows((0, 5), peak_score=[1.0]), NONE, "", METRIC, "Europe/Paris"
    )
    measured = next(trace for trace in chart.data if trace.name == "Measured")
    assert pd.Timestamp(measured.x[0]).hour == 1
    assert chart.layout.shapes[0].x0.hour == 1
    assert chart.layout.xaxis.title.text == "Time (Europe/Paris)"


def test_it_survives_the_way_to_the_browser():
    chart = anomaly_chart(points(), windows((1, 2), peak_score=[1.0]), NONE, "t", METRIC)
    assert '"Measured"' in chart.to_json()


def test_the_score_has_its_threshold():
    chart = score_chart(points(), "Score")
    assert chart.layout.shapes[0].y0 == 1
    assert chart.layout.shapes[0].line.color == FAULT


@pytest.mark.parametrize(
    ("metric", "unit"),
    [
        ("node_load1", "processes"),
        ("http_request_duration_seconds", "s"),
        ("http_request_duration_seconds_bucket", "1/s"),
        ("node_network_receive_bytes_total", "bytes/s"),
        ("cache_hit_ratio", "ratio"),
        ("orders", ""),
    ],
)
def test_units_are_read_from_names(metric, unit):
    assert unit_of(metric) == unit
