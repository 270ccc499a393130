"""Drift pictures say what the table says."""

import pandas as pd

from lab.plots.drift import distribution_chart, verdict_chart
from lab.plots.template import FAULT


def verdicts(*rows):
    return pd.DataFrame(rows, columns=["Column", "Verdict", "In words", "Past the limit"])


def test_bars_end_at_three_limits_and_the_farthest_is_on_top():
    chart = verdict_chart(
        verdicts(
            ("price", "drifted", "Moved.", 7.0),
            ("units", "steady", "Stayed.", 0.4),
            ("id", "not compared", "Free text.", None),
        )
    )
    bar = chart.data[0]
    assert list(bar.y) == ["units", "● price"]
    assert list(bar.x) == [0.4, 3.0]
    assert bar.marker.color[1] == FAULT != bar.marker.color[0]
    assert chart.layout.title.text == "1 column past the limit"
    assert chart.layout.shapes[0].x0 == 1


def test_nothing_drifted_says_so():
    chart = verdict_chart(verdicts(("units", "steady", "Stayed.", 0.4)))
    assert chart.layout.title.text == "No columns past the limit"


def test_both_windows_are_drawn_over_every_bin_in_order():
    shares = pd.DataFrame({"label": ["b", "a"], "reference": [0.75, 0.25], "current": [0.5, 0.5]})
    chart = distribution_chart(shares, "kind")
    assert [trace.name for trace in chart.data] == ["Reference", "Current"]
    assert all(list(trace.x) == ["b", "a"] for trace in chart.data)
    assert list(chart.data[1].y) == [0.5, 0.5]
    assert chart.layout.xaxis.title.text == "kind"
    assert chart.layout.xaxis.type == "category"


def test_markup_in_names_is_shown_as_text():
    name = "<a href='http://x'>x</a>"
    chart = verdict_chart(verdicts((name, "drifted", name, 2.0)))
    assert "<a" not in chart.to_json().replace("\\u003c", "<")
    shares = pd.DataFrame({"label": [name], "reference": [1.0], "current": [1.0]})
    assert "<a" not in distribution_chart(shares, name).to_json().replace("\\u003c", "<")
