import base64
import gzip
import json
import re

import pandas as pd
import pytest

from lab.plots.models import (
    comparison_chart,
    fold_chart,
    fold_lines_chart,
    holdout_chart,
    importance_chart,
    scatter_chart,
)
from lab.plots.page import standalone_page
from lab.plots.template import plain

DAYS = pd.to_datetime(["2026-03-01", "2026-03-01", "2026-03-02", "2026-03-02"])
PREDICTIONS = pd.DataFrame({
    "date": DAYS, "store": ["a", "b"] * 2, "actual": [1.0, 2, 3, 4],
    "predicted": [1.5, 2, 2, 4], "baseline": [0.0, 1, 1, 5],
})  # fmt: skip
FOLDS = pd.DataFrame({
    "fold": ["fold 1", "fold 2"], "mae": [1.0, 2.0], "baseline_mae": [2.0, 2.5],
    "test_start": DAYS[:2], "test_end": DAYS[2:],
})  # fmt: skip


def test_the_holdout_is_summed_up_over_the_groups():
    chart = holdout_chart(PREDICTIONS, "date", "units")
    lines = {trace.name: list(trace.y) for trace in chart.data}
    assert lines == {"Seasonal naive": [1, 6], "Actual": [3, 7], "Predicted": [3.5, 6]}
    assert chart.layout.yaxis.title.text == "units in all"
    assert chart.layout.showlegend


def test_a_large_scatter_is_thinned_and_keeps_the_diagonal():
    many = pd.concat([PREDICTIONS] * 2000)
    line, dots = scatter_chart(many, "units").data
    assert len(dots.x) == 2000
    assert set(dots.x) == {1, 2, 3, 4}
    assert (list(line.x), list(line.y)) == ([1, 4], [1, 4])


def test_folds_stand_beside_their_baseline():
    naive, model = fold_chart(FOLDS, "units").data
    assert (naive.name, list(naive.y)) == ("Seasonal naive", [2.0, 2.5])
    assert (model.name, list(model.y)) == ("Model", [1.0, 2.0])
    assert list(model.x) == ["Fold 1", "Fold 2"]
    assert model.customdata[0] == "01 Mar 2026 to 02 Mar 2026"


def test_the_most_important_feature_is_on_top():
    table = pd.DataFrame({"feature": [f"f{i}" for i in range(20)], "rise": range(20, 0, -1)})
    bars = importance_chart(table, "units").data[0]
    assert len(bars.y) == 12
    assert (bars.y[-1], bars.x[-1]) == ("f0", 20)


def test_the_best_run_is_on_top_and_has_its_own_colour():
    runs = pd.DataFrame({"name": ["a", "b", "c"], "mae": [2.0, 1.0, None], "baseline_mae": 3.0})
    bars = comparison_chart(runs, "units").data[0]
    assert list(bars.y) == ["a", "b"]
    assert bars.marker.color[-1] != bars.marker.color[0]


def test_fold_lines_have_one_line_for_each_run():
    table = pd.DataFrame({"name": ["a", "a", "b"], "fold": [1, 2, 1], "mae": [1.0, 2.0, 3.0]})
    chart = fold_lines_chart(table, "units")
    assert [(t.name, list(t.y)) for t in chart.data] == [("a", [1, 2]), ("b", [3])]
    assert not fold_lines_chart(table[table["name"] == "a"], "units").layout.showlegend


@pytest.mark.parametrize(
    "make",
    [
        lambda: holdout_chart(PREDICTIONS, "date", "units"),
        lambda: fold_chart(FOLDS, "units"),
        lambda: scatter_chart(PREDICTIONS, "units"),
    ],
)
def test_axes_carry_a_unit_and_no_chart_needs_webgl(make):
    chart = make()
    assert "units" in (chart.layout.yaxis.title.text + chart.layout.xaxis.title.text)
    assert not any(trace.type.endswith("gl") for trace in chart.data)


def test_a_page_stands_alone_and_turns_no_text_into_markup():
    evil = "</script><script>alert(1)</script>"
    page = standalone_page(evil, [holdout_chart(PREDICTIONS, "date", evil)])
    assert evil not in page
    assert page.count("<script>") == 1
    assert "src=" not in page
    packed = re.search(r'atob\("([^"]+)"\)', page).group(1)
    assert b"plotly.js" in gzip.decompress(base64.b64decode(packed))[:300]
    figure = re.search(r"const figures = \[(.*)\];", page).group(1)
    assert json.loads(figure)["layout"]["yaxis"]["title"]["text"] == f"{plain(evil)} in all"
    assert len(page) < 3_000_000
