"""Explore: empty, tables, charts, and SQL that cannot do harm."""

import pandas as pd
from streamlit.testing.v1 import AppTest

from lab.core.progress import drain
from lab.flows.ingest import ingest
from lab.ui.glossary import TERMS
from tests.flows.metrics import load_hosts

PAGE = "pages/data/explore.py"


def look_at(at: AppTest, view: str) -> AppTest:
    at.get("button_group")[0].set_value(view).run()
    assert not at.exception
    assert not at.error
    return at


def test_empty_workspace_names_the_page_that_fills_it(opened):
    at = opened(PAGE)
    assert "Load data" in [link.proto.label for link in at.main.get("page_link")]
    assert "lab.ingest(ws, 'shop_sales')" in at.code[0].value


def test_tables_show_summary_picture_and_sample(ws, opened):
    drain(ingest(ws, "shop_sales"))
    at = opened(PAGE)
    summary, *_, sample = [table.value for table in at.dataframe]
    assert list(summary["column"])[:3] == ["date", "store", "product"]
    assert len(sample) == 100
    assert len(at.get("plotly_chart")) == 1
    assert any("price lies between" in text.value for text in at.caption)


def test_charts_of_metrics_and_of_columns(ws, opened):
    load_hosts(ws, seed=7, days=4, hosts=2)
    drain(ingest(ws, "shop_sales"))
    at = look_at(opened(PAGE), "chart")
    assert len(at.get("plotly_chart")) == 1
    assert len(at.multiselect[0].value) == 2
    assert at.multiselect[0].help == TERMS["series"]
    at.radio(key="explore.draw").set_value("Columns of a table").run()
    assert not at.exception
    assert any("units:" in text.value for text in at.caption)


def test_sql_answers_and_refuses(ws, opened):
    ws.store.write("mine", pd.DataFrame({"a": [1, 2, 3]}))
    at = look_at(opened(PAGE), "sql")
    at.text_area[0].set_value("SELECT sum(a) AS total FROM mine")
    at.button[0].click().run()
    assert at.dataframe[0].value["total"].tolist() == [6]
    at.text_area[0].set_value("DROP TABLE mine")
    at.button[0].click().run()
    assert not at.exception
    assert "not one SELECT" in at.error[0].value
    assert ws.store.rows("SELECT count(*) FROM mine") == [(3,)]
    at.text_area[0].set_value("FROM mine")
    at.button[1].click().run()
    assert "SCAN" in at.code[-1].value.upper()
    assert any("How DuckDB would run it" in text.value for text in at.markdown)
