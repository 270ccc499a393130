"""Watch the shop: an empty state that opens one, and a shop that can be meddled with."""

from collections.abc import Callable, Iterator

import pytest
from streamlit.testing.v1 import AppTest

from lab.core.jobs import Jobs
from lab.core.workspace import Workspace
from lab.flows.live_steer import ask, truth
from lab.flows.live_world import running_world, stop_world
from tests.pages.visit import press

PAGE = "pages/operate/world.py"


@pytest.fixture
def at(ws: Workspace, opened: Callable[[str], AppTest]) -> Iterator[AppTest]:
    yield opened(PAGE)
    stop_world(ws)


def test_a_shop_is_opened_seen_steered_and_closed(at, ws):
    assert any("No shop is open" in text.value for text in at.markdown)
    at.checkbox[0].uncheck()
    press(at, "Open the shop")
    job = Jobs(ws).newest("lab.flows.live_world:start_world")
    assert Jobs(ws).wait(job.id).state == "done"
    at.run()
    assert not at.error
    labels = {metric.label: metric.value for metric in at.metric}
    assert labels["Pace"] == "60 times as fast"
    assert labels["Not well"].endswith("of 9 parts")
    inject_and_recover(at, ws)
    operate(at, ws)
    press(at, "Close the shop")
    assert running_world(ws) is None
    assert any("No shop is open" in text.value for text in at.markdown)


def inject_and_recover(at: AppTest, ws: Workspace) -> None:
    at.selectbox(key="world.kind").select("latency").run()
    press(at, "Inject")
    (struck,) = truth(ws)
    assert (struck["kind"], struck["running"]) == ("latency", True)
    assert "latency" not in str(ask(ws, "/changes"))
    press(at, "Recover")
    assert not truth(ws)[0]["running"]


def operate(at: AppTest, ws: Workspace) -> None:
    at.selectbox(key="world.order").select("restart").run()
    next(box for box in at.selectbox if box.label == "To").select("web")
    press(at, "Do it")
    assert [one["target"] for one in ask(ws, "/state")["operated"]] == ["web"]
    at.selectbox(key="world.order").select("scale").run()
    next(box for box in at.number_input if box.label == "Replicas").set_value(2.5)
    press(at, "Do it")
    assert "takes 0 to 20 replicas" in at.error[0].value
