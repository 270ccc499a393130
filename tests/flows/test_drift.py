"""The drift flow: the documented drift in the right columns, quiet on the twin, kept whole."""

import json
from dataclasses import asdict

import pandas as pd
import pytest

from lab.core.errors import BadInput, NotFound
from lab.core.progress import drain
from lab.core.workspace import open_workspace
from lab.flows import drift as flow
from lab.flows.drift_windows import (
    Span,
    checked,
    comparable_tables,
    default_windows,
    earlier_windows,
    read_window,
    span,
)
from lab.world.trade.sales import shop_sales
from tests.tracking_file import tracked


def sold(ws, **how):
    sales = shop_sales(**how)
    sales["date"] = sales["date"].dt.date
    ws.store.write("sales", sales)
    return tracked(ws)


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    return sold(open_workspace(tmp_path_factory.mktemp("shop") / "w"))


@pytest.fixture(scope="module")
def found(shop):
    steps = []
    outcome = drain(flow.drift(shop), steps.append)
    assert [step.fraction for step in steps] == sorted(step.fraction for step in steps)
    assert steps[-1].fraction == 1.0
    return outcome


def test_the_documented_drift_is_found_in_the_right_columns_only(found):
    # Prices of two products rose, one store promotes, buyers of one product mind its price.
    assert set(found.drifted) == {"price", "promotion", "units"}
    assert found.reference == ("2025-01-01", "2025-04-01")
    assert found.current == ("2026-01-01", "2026-04-01")
    assert (found.rows_reference, found.rows_current) == (2700, 2700)
    assert found.earlier == 7
    assert found.sentence == "3 of 8 columns drifted: price, promotion, units."


def test_the_twin_without_drift_stays_quiet(ws):
    assert drain(flow.drift(sold(ws, drift=False))).drifted == ()


def test_what_was_found_is_kept_in_table_files_and_run(shop, found):
    from lab.mlops.tracking import client

    rows = shop.store.read("SELECT * FROM drift_results WHERE report_id = ?", [found.report_id])
    assert len(rows) == len(found.verdicts) == 8
    for verdict in found.verdicts:
        row = rows.set_index("column_name").loc[verdict["column"]]
        assert row["statistic"] == verdict["statistic"]
        assert row["threshold"] == verdict["threshold"]
        assert bool(row["drifted"]) == verdict["drifted"]
    run = client(shop).get_run(found.run_id)
    assert run.info.status == "FINISHED"
    assert run.data.params["report_id"] == found.report_id
    assert run.data.metrics["drifted"] == 3
    names = {entry.path for entry in client(shop).list_artifacts(found.run_id)}
    assert names == {"drift.json", "drift_report.html"}
    assert "Content-Security-Policy" in flow.page(shop, found.report_id)


def test_readers_give_back_what_was_found(shop, found):
    listed = flow.reports(shop)
    row = listed.set_index("report_id").loc[found.report_id]
    assert (row["compared"], row["drifted"], row["dataset"]) == (8, 3, "sales")
    again = flow.summary(shop, found.report_id)
    assert json.dumps(asdict(again)) == json.dumps(asdict(found))
    assert again.sentence == found.sentence


def test_the_result_is_plain(found):
    assert json.loads(json.dumps(asdict(found)))["drifted"] == ["price", "promotion", "units"]


def test_the_verdict_table_says_in_words_what_moved(shop, found):
    table = flow.verdict_table(shop, found.report_id).set_index("Column")
    assert list(table.index[:3]) == ["price", "promotion", "units"]
    assert table.loc["price", "Verdict"] == "drifted"
    assert table.loc["price", "In words"] == "Moved by 0.37 standard deviations; 0.29 is the limit."
    assert table.loc["promotion", "In words"] == "Shares differ by 0.063; 0.05 is the limit."
    assert table.loc["store", "Verdict"] == "steady"
    assert (table["Past the limit"] >= 1).sum() == 3


def test_pictures_have_their_numbers(shop, found):
    shares = flow.distribution(shop, found.report_id, "promotion")
    assert list(shares.columns) == ["label", "reference", "current"]
    assert shares["reference"].sum() == pytest.approx(1)
    with pytest.raises(NotFound, match="no column named 'promo'"):
        flow.distribution(shop, found.report_id, "promo")
    assert "sandbox=" in flow.framed(shop, found.report_id)


def test_an_unknown_report_is_not_found(shop):
    for reader in (flow.summary, flow.page):
        with pytest.raises(NotFound, match="no drift report drift-0"):
            reader(shop, "drift-0")
        with pytest.raises(BadInput, match="leaves the workspace"):
            reader(shop, "../../etc/passwd")


def test_an_empty_workspace_has_no_reports_and_nothing_to_compare(ws):
    assert flow.reports(ws).empty
    assert comparable_tables(ws) == []
    with pytest.raises(NotFound, match="no table named 'sales'"):
        drain(flow.drift(ws))


def test_windows_are_half_open(shop):
    day = drain(
        flow.drift(
            shop,
            reference=("2025-01-01", "2025-01-03"),
            current=("2025-01-03", "2025-01-05"),
            columns=["units"],
        )
    )
    assert (day.rows_reference, day.rows_current) == (60, 60)
    assert day.earlier == 0  # the windows touch: nothing says what is usual


@pytest.mark.parametrize(
    ("windows", "words"),
    [
        ({"current": ("2026-01-01", "2026-04-01")}, "Only one of the two windows"),
        (
            {"reference": ("2025-01-01", "2025-05-01"), "current": ("2025-04-30", "2025-06-01")},
            "windows overlap",
        ),
        (
            {"reference": ("2025-02-01", "2025-01-01"), "current": ("2026-01-01", "2026-04-01")},
            "reference window ends .2025-01-01. before it begins",
        ),
        (
            {"reference": ("2025-01-01", "2025-04-01"), "current": ("soon", "later")},
            "current window .* is not a start and an end",
        ),
        (
            {"reference": ("2015-01-01", "2015-04-01"), "current": ("2026-01-01", "2026-04-01")},
            "reference window has no rows",
        ),
        ({"columns": ["unit"]}, "no column named 'unit'. Did you mean units"),
        ({"methods": {"units": "chisquare"}}, "Chi-square test does not fit column 'units'"),
    ],
)
def test_wrong_calls_are_refused_and_leave_nothing(shop, windows, words):
    before = shop.version(), sorted(shop.reports.iterdir())
    with pytest.raises((BadInput, NotFound), match=words):
        drain(flow.drift(shop, **windows))
    assert (shop.version(), sorted(shop.reports.iterdir())) == before


def test_a_table_of_ones_own_with_times_and_a_gap(ws):
    times = pd.date_range("2026-01-01", periods=2000, freq="h", tz="UTC")
    frame = pd.DataFrame({"at": times, "load": range(2000), "host": "a"})
    frame.loc[1500:, "load"] = 5000
    frame.loc[1500:1700, "host"] = None
    ws.store.write("mine", frame)
    assert comparable_tables(ws) == ["mine"]
    outcome = drain(flow.drift(ws, table="mine"))
    assert outcome.drifted == ("load",)
    assert outcome.not_compared == [{"column": "host", "reason": "It is always a."}]
    assert outcome.missing[0]["column"] == "host"
    ws.store.write("plain", pd.DataFrame({"x": [1]}))
    with pytest.raises(BadInput, match="no date or time column"):
        drain(flow.drift(ws, table="plain"))


def test_default_windows_take_the_season_out_where_the_table_reaches_back():
    year = default_windows(Span("t", "d", (), "2023-04-01", "2026-04-01"))
    assert year.reference == ("2025-01-01", "2025-04-01")
    assert year.current == ("2026-01-01", "2026-04-01")
    assert "same months a year earlier" in year.why
    short = default_windows(Span("t", "d", (), "2026-01-01", "2026-01-09"))
    assert short.reference == ("2026-01-01", "2026-01-07")
    assert short.current == ("2026-01-07", "2026-01-09")
    one = default_windows(Span("t", "d", (), "2026-01-01", "2026-01-02"))
    assert one.reference[0] <= one.reference[1] == one.current[0] < one.current[1]


def test_earlier_windows_step_back_by_the_length_of_the_current_one():
    reach = Span("t", "d", (), "2024-01-01", "2026-04-01")
    pairs = earlier_windows(reach, ("2025-01-01", "2025-04-01"), ("2026-01-01", "2026-04-01"))
    assert pairs[0] == (("2024-10-01", "2025-01-01"), ("2025-10-01", "2026-01-01"))
    assert len(pairs) == 4
    assert pairs[-1][0][0] == "2024-01-01"
    ten = earlier_windows(reach, ("2026-01-01", "2026-01-11"), ("2026-02-01", "2026-02-11"))
    assert len(ten) == 8
    assert ten[0] == (("2025-12-22", "2026-01-01"), ("2026-01-22", "2026-02-01"))


def test_a_window_may_name_its_zone():
    assert checked("current", ("2026-01-01T02:00+02:00", "2026-01-02")) == (
        "2026-01-01",
        "2026-01-02",
    )


def test_span_reaches_one_day_past_the_last(shop):
    reach = span(shop, "sales")
    assert (reach.time, reach.first, reach.end) == ("date", "2023-04-01", "2026-04-01")
    assert "units" in reach.columns
    assert "date" not in reach.columns


def test_rows_are_drawn_alike_where_a_column_is_called_rowid(ws):
    times = pd.date_range("2026-01-01", periods=500, freq="h", tz="UTC")
    frame = pd.DataFrame({"at": times, "load": range(500)})
    ws.store.write("plain", frame)
    ws.store.write("odd", frame.assign(rowid=1))
    window = ("2026-01-02", "2026-01-12")
    drawn = [read_window(ws, span(ws, name), window, ["load"], 20) for name in ("plain", "odd")]
    assert drawn[0]["load"].nunique() == drawn[1]["load"].nunique() == 20
    assert drawn[1]["load"].tolist() != sorted(drawn[1]["load"])
