"""Load data: choose, be asked what only a person knows, load, and see counts that add up."""

from pathlib import Path

import pytest

from tests.data.door_files import document, workbook
from tests.pages.visit import finished, press

PAGE = "pages/data/load.py"
TARGET = "lab.flows.ingest:ingest"
NAIVE = (
    "time,host,cpu\n2026-07-01 00:00,a,0.5\n2026-07-01 00:01,a,0.6\n"
    + "".join(f"2026-07-01 00:{i:02d},b,{i}\n" for i in range(20))
    + "2026-07-01 00:02,a,oops\n2026-07-01 00:03,a\n"
)


@pytest.fixture
def page(opened):
    return opened(PAGE)


def test_bundled_set_shows_its_sample_and_loads(ws, page):
    page.selectbox(key="load.bundled").select("shop_sales").run()
    assert page.dataframe[-1].value.shape == (20, 9)
    press(page, "Load")
    assert finished(ws, page, TARGET).state == "done"
    figures = {metric.label: metric.value for metric in page.metric}
    assert figures["Rows read"] == figures["Loaded"] == "32\u202f880"
    assert any("32\u202f881 lines" in text.value for text in page.caption)
    assert ws.store.rows("SELECT count(*) FROM sales") == [(32_880,)]
    assert "Explore it" in [link.proto.label for link in page.get("page_link")]


def test_upload_asks_for_the_zone_and_shows_rejected_rows(ws, page):
    page.radio(key="load.way").set_value("upload").run()
    page.get("file_uploader")[0].set_value(("my metrics.csv", NAIVE.encode(), "text/csv")).run()
    assert not page.exception
    assert any("except 1 of the first cells" in one.value for one in page.warning)
    zone = next(box for box in page.selectbox if "no time zone" in box.label)
    assert zone.value is None
    press(page, "Load")
    refused = finished(ws, page, TARGET)
    assert (refused.state, "no time zone" in refused.message) == ("failed", True)
    zone = next(box for box in page.selectbox if "no time zone" in box.label)
    zone.select("Europe/Paris")
    press(page, "Load")
    done = finished(ws, page, TARGET)
    assert done.state == "done", done.message
    assert (done.result["rows_loaded"], done.result["rows_rejected"]) == (22, 2)
    assert done.result["start"] == "2026-06-30T22:00:00+00:00"
    assert done.result["source"] == "my metrics.csv"
    rejects = next(t.value for t in page.dataframe if "reason" in t.value and "text" in t.value)
    assert rejects["line"].tolist() == [24, 25]
    assert len(list(ws.uploads.iterdir())) == 1


def test_path_that_is_not_a_table_is_said_in_words(page, tmp_path: Path):
    page.radio(key="load.way").set_value("path").run()
    page.text_input(key="load.path").set_value(str(tmp_path / "none.csv")).run()
    assert not page.exception
    assert "There is no file" in page.error[0].value
    (tmp_path / "x.csv").write_bytes(b"PK\x03\x04rest")
    page.text_input(key="load.path").set_value(str(tmp_path / "x.csv")).run()
    assert "ZIP archive" in page.error[0].value


def test_sheet_is_asked_for_where_there_are_several(ws, page, tmp_path: Path):
    path = workbook(tmp_path / "book.xlsx", First=[["a"], [1]], Second=[["b", "c"], [2, 3]])
    page.radio(key="load.way").set_value("path").run()
    page.text_input(key="load.path").set_value(str(path)).run()
    assert not page.exception
    assert list(page.dataframe[-1].value.columns) == ["a"]
    page.selectbox(key=f"load.part.{path}").select("Second").run()
    assert list(page.dataframe[-1].value.columns) == ["b", "c"]
    press(page, "Load")
    assert finished(ws, page, TARGET).state == "done"
    assert ws.store.rows("FROM book") == [(2, 3)]


def test_pattern_of_a_log_can_be_changed(page, tmp_path: Path):
    path = tmp_path / "app.log"
    path.write_text("2026-01-02T10:00:00Z INFO shop: sold 3\n" * 3)
    page.radio(key="load.way").set_value("path").run()
    page.text_input(key="load.path").set_value(str(path)).run()
    box = page.text_input(key=f"load.pattern.{path}")
    assert box.value == "<time> <level> <component>: <message>"
    box.set_value("<time> <level> <message>").run()
    assert page.dataframe[-1].value["message"].tolist() == ["shop: sold 3"] * 3
    page.text_input(key=f"load.pattern.{path}").set_value("<time").run()
    assert "A pattern has" in page.error[0].value
    assert page.text_input(key=f"load.pattern.{path}").value == "<time"


def test_records_of_json_as_columns_or_whole(page, tmp_path: Path):
    path = document(tmp_path / "d.json", [{"a": {"b": i}} for i in range(3)])
    page.radio(key="load.way").set_value("path").run()
    page.text_input(key="load.path").set_value(str(path)).run()
    assert list(page.dataframe[-1].value.columns) == ["a.b"]
    page.radio(key=f"load.layout.{path}").set_value("documents").run()
    assert list(page.dataframe[-1].value.columns) == ["doc"]
    assert not page.exception


def test_rows_that_do_not_fit_can_be_mended(ws, page, tmp_path: Path):
    rows = [f"{i},{i / 4},kettle no {i}" for i in range(40)]
    rows[12] = "12,,3.0,kettle no 12"
    path = tmp_path / "kettles.csv"
    path.write_text("\n".join(["units,price,kind", *rows]) + "\n")
    page.radio(key="load.way").set_value("path").run()
    page.text_input(key="load.path").set_value(str(path)).run()
    assert any("1 of the first rows will be rejected" in one.value for one in page.warning)
    page.toggle(key="load.mend").set_value(True).run()
    assert not page.exception
    assert any("1 of the first rows will be mended" in one.value for one in page.warning)
    mended = next(one.value for one in page.dataframe if "Reason" in one.value)
    assert "read as 12 | 3.0 | kettle no 12" in mended["Reason"][0]
    assert page.toggle(key="load.mend").value
    press(page, "Load")
    assert finished(ws, page, TARGET).state == "done"
    found = ws.store.rows("SELECT count(*), sum(price) FROM kettles")
    assert found == [(40, sum(range(40)) / 4)]
