"""Looking at what is loaded: figures agree with pandas, charts stay small."""

from pathlib import Path

import pandas as pd
import pytest

from lab.core.errors import BadInput, NotFound
from lab.core.progress import drain
from lab.core.words import THIN
from lab.core.workspace import Workspace, open_workspace
from lab.data.catalog import card
from lab.flows import chart_data, explore
from lab.flows.ingest import ingest
from lab.flows.picture import picture


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Both bundled sets, loaded once."""
    ws = open_workspace(tmp_path_factory.mktemp("explore") / "workspace")
    drain(ingest(ws, "host_metrics"))
    drain(ingest(ws, "shop_sales"))
    return ws


@pytest.fixture(scope="module")
def sales() -> pd.DataFrame:
    """The bundled sales as pandas reads them."""
    return pd.read_csv(card("shop_sales").path, parse_dates=["date"])


def test_empty_workspace_has_no_tables_and_makes_no_file(ws: Workspace) -> None:
    assert explore.tables(ws) == []
    assert not ws.database.exists()


def test_tables_of_interest_come_first(filled: Workspace) -> None:
    filled.store.write("mine", pd.DataFrame({"a": [1]}))
    names = list(explore.tables_by_interest(filled))
    assert names[:5] == ["mine", "sales", "observations", "series", "incidents"]
    filled.store.execute("DROP TABLE mine")
    assert explore.telling_columns(explore.tables_by_interest(filled)["sales"])[0] == "price"


def test_summary_agrees_with_pandas(filled: Workspace, sales: pd.DataFrame) -> None:
    summary = explore.summary(filled, "sales").set_index("column")
    assert list(summary["different"]) == [sales[name].nunique() for name in summary.index]
    units = summary.loc["units"]
    assert float(units["mean"].replace(THIN, "")) == pytest.approx(sales["units"].mean(), rel=1e-5)
    assert (units["lowest"], units["type"]) == (str(sales["units"].min()), "whole number")
    assert (summary["missing"] == 0).all()


def test_summary_of_an_empty_table(filled: Workspace) -> None:
    assert len(explore.summary(filled, "rejects")) == 5


def test_sample_and_unknown_table(filled: Workspace) -> None:
    assert len(explore.sample(filled, "sales", 7)) == 7
    with pytest.raises(NotFound, match="sales"):
        explore.sample(filled, "sale")
    with pytest.raises(NotFound):
        explore.summary(filled, 'sales"; DROP TABLE sales; --')


def test_examples_run(filled: Workspace) -> None:
    examples = explore.examples(filled)
    assert len(examples) == 4
    for sql in examples.values():
        frame = explore.query(filled, sql)
        assert len(frame)
        assert not frame.attrs["truncated"]
        assert explore.as_csv(frame).count(b"\n") >= len(frame)


def test_plan_is_readable(filled: Workspace) -> None:
    assert "Scan" in explore.plan_text(explore.ask(filled, "FROM sales", explain=True))


@pytest.mark.parametrize("count", [1, 2, 6])
def test_thinned_series_are_small_and_keep_every_extreme(filled: Workspace, count: int) -> None:
    names = chart_data.metric_series(filled, "host_metrics", "node_load1")
    assert next(iter(names.values())) == "host-01"
    chosen = tuple(names)[:count]
    points = picture(filled, "host_metrics", chosen)
    assert len(points) <= chart_data.MOST_POINTS
    import pyarrow.parquet as pq

    raw = pq.read_table(card("host_metrics").path).to_pandas()
    for name in chosen:
        one = points[points["series_id"] == name]
        host = raw[raw["instance"] == names[name]]["node_load1"].dropna()
        assert one["upper"].max() == host.max()
        assert one["lower"].min() == host.min()
        assert one["samples"].sum() == len(host)
        mean = (one["value"] * one["samples"]).sum() / one["samples"].sum()
        assert mean == pytest.approx(host.mean())


def test_thinned_series_agree_with_a_slow_twin(filled: Workspace) -> None:
    name = 'node_load1{instance="host-04",job="node"}'
    points = picture(filled, "host_metrics", (name,)).set_index("timestamp")
    width = pd.Series(points.index).diff().mode()[0]
    raw = filled.store.read(
        "SELECT timestamp, value FROM observations WHERE series_id = ?", [name]
    ).set_index("timestamp")["value"]
    monday = pd.Timestamp(2000, 1, 3, tz="UTC")
    slow = raw.resample(width, origin=monday).agg(["mean", "min", "max", "count"])
    slow = slow[slow["count"] > 0]
    assert points["value"].tolist() == pytest.approx(slow["mean"].tolist())
    assert points["lower"].tolist() == slow["min"].tolist()
    assert points["upper"].tolist() == slow["max"].tolist()


def test_series_that_do_not_exist(filled: Workspace) -> None:
    with pytest.raises(BadInput, match="nothing to draw"):
        picture(filled, "host_metrics", ("none",))
    with pytest.raises(BadInput, match="Choose 1 to"):
        picture(filled, "host_metrics", ())


def test_columns_of_a_table_over_time(filled: Workspace, sales: pd.DataFrame) -> None:
    columns = chart_data.chart_columns(filled, "sales")
    assert columns.times == ("date",)
    assert "units" in columns.numbers
    assert set(columns.groups) == {"store", "product", "promotion", "holiday"}
    points = chart_data.thinned_column(filled, "sales", "date", "units", "store")
    assert len(points) <= chart_data.MOST_POINTS
    assert set(points["series_id"]) == set(sales["store"])
    assert points["samples"].sum() == len(sales)
    whole = chart_data.thinned_column(filled, "sales", "date", "units")
    assert whole["upper"].max() == sales["units"].max()
    for wrong in (("store", "units", ""), ("date", "store", ""), ("date", "units", "price")):
        with pytest.raises(NotFound):
            chart_data.thinned_column(filled, "sales", *wrong)


def test_distribution_counts_every_row(filled: Workspace, sales: pd.DataFrame) -> None:
    spread = chart_data.distribution(filled, "sales", "units")
    assert spread["rows"].sum() == len(sales)
    assert len(spread) <= 40
    texts = chart_data.distribution(filled, "sales", "store")
    assert dict(zip(texts["value"], texts["rows"], strict=True)) == dict(
        sales["store"].value_counts()
    )


def test_distribution_of_a_constant(ws: Workspace) -> None:
    ws.store.write("flat", pd.DataFrame({"a": [3.0, 3.0, None]}))
    spread = chart_data.distribution(ws, "flat", "a")
    assert (spread["value"].tolist(), spread["rows"].tolist()) == ([3.0], [2])


def test_what_can_be_drawn(filled: Workspace) -> None:
    assert chart_data.chartable(filled) == {
        chart_data.METRICS: ["host_metrics"],
        chart_data.COLUMNS: ["sales"],
    }


def test_shown_query_gives_the_samples(filled: Workspace, tmp_path: Path) -> None:
    sql = chart_data.series_sql("host_metrics", ['node_load1{instance="host-04",job="node"}'])
    assert len(explore.query(filled, sql, limit=5)) == 5
