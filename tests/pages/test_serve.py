"""The page that serves: every state of it, with a real server behind."""

import pytest
from streamlit.testing.v1 import AppTest

from lab.core.jobs import Jobs
from lab.core.workspace import open_workspace
from lab.flows import serve
from tests.flows.serving_world import with_champion
from tests.pages.visit import press

PAGE = "pages/serve/serve.py"


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    return with_champion(tmp_path_factory.mktemp("page") / "workspace", model="ridge")


@pytest.fixture
def shown(opened, monkeypatch):
    monkeypatch.setenv("DOCKER_HOST", "unix:///nonexistent.sock")

    def on(ws) -> AppTest:
        monkeypatch.setenv("LAB_WORKSPACE", str(ws.root))
        return opened(PAGE)

    return on


def healthy(page: AppTest) -> bool:
    return not page.exception and not [error.value for error in page.error]


def test_without_a_champion_it_names_the_page_that_makes_one(shown, tmp_path):
    page = shown(open_workspace(tmp_path / "empty"))
    assert healthy(page)
    assert any("No model is champion yet" in text.value for text in page.markdown)
    assert "Register a model" in [link.proto.label for link in page.get("page_link")]
    assert "Launch" not in [button.label for button in page.button]


def test_launch_ask_and_take_down_without_docker(shown, filled):
    page = shown(filled)
    assert healthy(page)
    assert {metric.label: metric.value for metric in page.metric}["Runs as"] == "Local process"
    assert any("No Docker engine answers" in caption.value for caption in page.caption)
    assert next(b for b in page.button if b.label == "Build image").disabled

    press(page, "Launch")
    jobs = Jobs(filled)
    jobs.wait(jobs.newest("lab.flows.serve:launch").id, 400)
    page.run()
    assert healthy(page)
    assert "Predict" in [button.label for button in page.button]

    press(page, "Predict")
    assert healthy(page)
    table = page.dataframe[-1].value
    assert (table["served"] == table["local"]).all()
    assert len(serve.recent(filled)) == len(table)

    press(page, "Stop")
    assert serve.endpoints(filled)[0].state == "stopped"
    press(page, "Remove")
    assert healthy(page)
    assert serve.endpoints(filled) == []
