"""Read Prometheus: what is missing is said; preview, load and go on."""

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from lab.core.jobs import Jobs
from lab.core.workspace import Workspace
from tests.data.prometheus_servers import Reply, Request, failure, fake, page, success
from tests.pages.visit import press

PAGE = "pages/data/prometheus.py"
TARGET = "lab.flows.prometheus:read_prometheus"


def answer(request: Request) -> Reply:
    """A server with two hosts and a mind of its own about braces."""
    if request.path.endswith("/values"):
        return success(["node_load1", "up"], "names")
    query, start = request.params["query"], int(request.params["start"])
    if "{" in query:
        return failure(400, "bad_data", "1:5: parse error: unexpected end of input")
    if query.startswith("count("):
        return success([{"metric": {}, "values": [[start, "2"]]}])
    step, last = int(request.params["step"]), int(request.params["end"])
    return success([
        {"metric": {"__name__": query, "instance": host, "job": "node"},
         "values": [[t, f"{i}.5"] for t in range(start, last + 1, step)]}
        for i, host in enumerate(("a", "b"))
    ])  # fmt: skip


def test_without_an_address_it_says_which_setting(opened: Callable[[str], AppTest]) -> None:
    at = opened(PAGE)
    assert any("LAB_PROMETHEUS_URL" in text.value for text in at.markdown)
    assert "See the settings" in [link.proto.label for link in at.get("page_link")]
    assert not at.text_area
    assert "read_prometheus(" in at.code[0].value


def test_a_login_page_is_said_and_can_be_tried_again(
    opened: Callable[[str], AppTest], monkeypatch: pytest.MonkeyPatch
) -> None:
    with fake(lambda _: page(200)) as server:
        monkeypatch.setenv("LAB_PROMETHEUS_URL", server.url)
        at = opened(PAGE)
        assert "does not answer as a Prometheus" in at.error[0].value
        before = len(server.asked)
        press(at, "Try again")
        assert len(server.asked) == before + 1


def test_preview_load_and_go_on(
    ws: Workspace, opened: Callable[[str], AppTest], monkeypatch: pytest.MonkeyPatch
) -> None:
    with fake(answer) as server:
        monkeypatch.setenv("LAB_PROMETHEUS_URL", server.url)
        at = opened(PAGE)
        assert at.selectbox(key="prometheus.title").options[:2] == ["What is up", "Load by host"]
        at.selectbox(key="prometheus.title").select("Load by host").run()
        assert at.text_area[0].value == "node_load1"
        press(at, "Preview")
        assert any("2 series" in text.value for text in at.caption)
        assert not Jobs(ws).newest(TARGET)
        assert "start='1d'" in at.code[0].value
        press(at, "Load")
        job = Jobs(ws).wait(Jobs(ws).newest(TARGET).id, 400)
        assert job.state == "done", job.message
        at.run()
        assert not at.exception
    figures = {metric.label: metric.value for metric in at.metric}
    assert (figures["Series"], figures["Samples"], figures["Gaps"]) == ("2", "2\u202f880", "0")
    assert "Find anomalies" in [link.proto.label for link in at.get("page_link")]
    assert ws.store.rows("SELECT count(*), count(DISTINCT series_id) FROM observations") == [
        (2_880, 2)
    ]


def test_a_wrong_query_is_said_in_prometheus_words(
    opened: Callable[[str], AppTest], monkeypatch: pytest.MonkeyPatch
) -> None:
    with fake(answer) as server:
        monkeypatch.setenv("LAB_PROMETHEUS_URL", server.url)
        at = opened(PAGE)
        at.text_area[0].set_value("up{")
        press(at, "Preview")
        assert "refuses the query: 1:5: parse error" in at.error[0].value
        at.selectbox(key="prometheus.span").select("Between two times").run()
        at.text_input(key="prometheus.from").set_value("soon")
        press(at, "Preview")
        assert "'soon' is not a time" in at.error[0].value
