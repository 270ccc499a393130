"""Stream data: start one, see what lands and what is turned away, stop it."""

import time
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from lab.core.jobs import Jobs
from lab.flows.stream_view import curl, running
from lab.ui.glossary import TERMS
from tests.pages.visit import press

PAGE = "pages/data/stream.py"


@pytest.fixture
def page(ws, opened):
    yield opened(PAGE)
    for job in Jobs(ws).all():
        Jobs(ws).cancel(job.id)
        if job.active:
            Jobs(ws).wait(job.id)


def until(at: AppTest, true) -> None:
    deadline = time.monotonic() + 240
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.2)
        at.run()
        assert not at.exception


def test_folder_is_watched_until_it_is_stopped(ws, page, tmp_path: Path):
    folder = tmp_path / "incoming"
    folder.mkdir()
    (folder / "a.csv").write_text("n,at\n1,2026-01-01T00:00:00Z\n2,2026-01-01T00:00:00Z\n")
    assert any(text.help == TERMS["contract"] for text in page.caption)
    assert any("Nothing has landed yet" in text.value for text in page.info)
    page.text_input[1].set_value(str(folder))
    press(page, "Start")
    until(page, lambda: any(len(table.value) for table in page.dataframe))
    assert page.dataframe[0].value.loc[0, ["batches", "rows", "rejected"]].tolist() == [1, 2, 0]
    assert "Explore it" in [link.proto.label for link in page.get("page_link")]
    (folder / "b.csv").write_text("n,at\nx,2026-01-01T00:00:00Z\n")
    until(page, lambda: page.dataframe[0].value.loc[0, "rejected"] == 1)
    assert "n: x is not a whole number" in page.dataframe[-1].value["reason"].tolist()
    press(page, "Stop")
    until(page, lambda: not running(ws))
    assert (folder / "done" / "a.csv").exists()
    assert (folder / "failed" / "b.csv.reason.txt").exists()


def test_failure_is_said_in_words(ws, page, tmp_path: Path):
    page.text_input[1].set_value(str(tmp_path / "none"))
    press(page, "Start")
    until(page, lambda: not running(ws))
    page.run()
    assert any("There is no folder" in error.value for error in page.error)


def test_command_shows_no_token(ws):
    from lab.flows.stream_places import http_token

    token = http_token(ws, "events")
    assert token not in curl(ws, "events")
    assert "Idempotency-Key" in curl(ws, "events")
