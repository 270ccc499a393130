"""Pictures of quality: the most broken on top, a mark for each verdict, no markup from data."""

import pandas as pd

from lab.plots.quality import MOST_BARS, broken_chart, trend_chart


def promises(count: int) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "Column": [f"<b>{i}" for i in range(count)],
            "Promise": "at least",
            "Expected": "0 or more",
            "Bad rows": range(count),
            "Share": [i / 100 for i in range(count)],
        }
    )


def test_the_most_broken_is_on_top_and_kept_promises_are_left_out():
    bars = broken_chart(promises(4)).data[0]
    assert list(bars.y) == [f"&lt;b&gt;{i} · at least" for i in (1, 2, 3)]
    assert list(bars.x) == [0.01, 0.02, 0.03]
    assert len(broken_chart(promises(50)).data[0].y) == MOST_BARS


def test_nothing_broken_is_said():
    chart = broken_chart(promises(1))
    assert "No bad row" in chart.layout.title.text
    assert chart.layout.yaxis.visible is False


def test_each_check_has_a_mark_of_its_verdict():
    checks = pd.DataFrame(
        {
            "at": pd.to_datetime(["2026-01-02", "2026-01-01", "2026-01-03"], utc=True),
            "rows": [100, 0, 200], "bad_rows": [1, 0, 50], "kept": [3, 4, 1], "promises": 4,
            "verdict": ["warn", "pass", "fail"],
        }
    )  # fmt: skip
    chart = trend_chart(checks)
    assert "1 of 3 checks failed" in chart.layout.title.text
    line, kept, warned, broken = chart.data
    assert list(line.y) == [0.0, 0.01, 0.25]
    assert (list(kept.y), list(warned.y), list(broken.y)) == ([0.0], [0.01], [0.25])
    assert len({kept.marker.symbol, warned.marker.symbol, broken.marker.symbol}) == 3
