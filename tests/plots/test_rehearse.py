"""Pictures of a rehearsal: nothing is told by colour alone, nothing is lost."""

from types import SimpleNamespace

import pandas as pd

from lab.plots.rehearse import MARKS, gallery_chart, gallery_sentence, verdict_chart

START = pd.Timestamp("2026-03-02 09:00", tz="UTC")


def verdicts() -> pd.DataFrame:
    rows = [
        ("A spike", 0.3, "missed", "oak", START, None),
        ("A spike", 1.0, "caught", "oak", START, 0.0),
        ("A drop", 0.3, "caught", "elm", START, 600.0),
        ("A drop", 0.3, "pages anyway", "", START + pd.Timedelta(hours=5), None),
    ]
    names = ["title", "severity", "verdict", "instance", "start", "delay_seconds"]
    return pd.DataFrame(rows, columns=names).astype({"delay_seconds": float})


def panel(verdict: str, gap: bool = False) -> SimpleNamespace:
    times = pd.date_range(START, periods=30, freq="min")
    before = pd.Series(range(30), dtype=float)
    after = before.where((before < 10) | (before >= 20), None if gap else before + 5)
    samples = pd.DataFrame({"timestamp": times, "before": before, "after": after.astype(float)})
    return SimpleNamespace(title="A drop", words=f"elm · {verdict}", verdict=verdict,
                           samples=samples, start=times[10], end=times[20])  # fmt: skip


def test_every_fault_is_one_mark_told_by_shape_and_word():
    chart = verdict_chart(verdicts())
    assert sum(len(trace.x) for trace in chart.data) == 4
    assert len({trace.marker.symbol for trace in chart.data}) == len(MARKS)
    assert list(chart.layout.xaxis.ticktext) == ["0.3", "1"]
    drops = sorted(
        x for t in chart.data for x, y in zip(t.x, t.y, strict=True) if y == "A drop"
    )  # fmt: skip
    assert -0.5 < drops[0] < 0 < drops[1] < 0.5, "two of one severity stand side by side"
    said = [text for trace in chart.data for text in trace.customdata]
    assert "caught after 10 min on elm, 02 Mar 09:00 UTC" in said


def test_titles_fit_over_their_pictures_also_where_there_is_less_room():
    long = panel("missed")
    long.title, long.words = "A typing error in the configuration", "instance:node_cpu:rate5m " * 2
    for narrow, across, letters in ((False, 4, 28), (True, 2, 32)):
        chart = gallery_chart([long] * 5, narrow=narrow)
        assert len({axis.domain for axis in chart.select_xaxes()}) == across
        title, words = chart.layout.annotations[0].text.split("<br>")
        assert title.endswith("…")
        assert len(title) == letters
        assert "…" in words


def test_the_gallery_shows_what_changed_and_leaves_gaps_open():
    chart = gallery_chart([panel("caught"), panel("missed", gap=True), panel("")])
    names = [trace.name for trace in chart.data]
    assert names == ["Fault", "As it was", "With the fault"] * 3
    assert [trace.showlegend for trace in chart.data] == [True] * 3 + [False] * 6
    changed = pd.Series(chart.data[2].y)
    assert changed.notna().sum() == 12, "ten samples and their neighbours"
    assert pd.Series(chart.data[5].y)[10:20].isna().all()
    words = [heading.text for heading in chart.layout.annotations]
    assert "●" in words[0]
    assert "○" in words[1]
    assert gallery_sentence([panel("caught")]) == "A drop (elm · caught)."
