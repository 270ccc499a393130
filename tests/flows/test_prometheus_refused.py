"""Prometheus that counts wrong, fails midway or is not there: nothing lands, and words say why."""

import json
from dataclasses import asdict
from typing import Any

import pytest

from lab.core.errors import BadInput, LabError, NotFound, Unavailable
from lab.core.progress import drain
from lab.core.workspace import Workspace
from lab.flows import prometheus
from lab.flows import prometheus_view as view
from lab.flows.doctor import diagnose
from lab.flows.prometheus import read_prometheus
from lab.flows.prometheus_summary import ReadSummary
from tests.data.prometheus_servers import (
    Fake,
    Reply,
    Request,
    failure,
    fake,
    page,
    success,
)
from tests.flows.prometheus_parts import CANARY, at

# Servers that misbehave


def counted(count: int, then: Reply) -> Any:
    """A server that counts so many series, then answers as given."""

    def answer(request: Request) -> Reply:
        if request.params.get("query", "").startswith("count("):
            return success([{"metric": {}, "values": [[int(request.params["start"]), str(count)]]}])
        return then

    return answer


def test_series_that_come_and_go_are_counted_over_the_whole_window(ws: Workspace) -> None:
    def answer(request: Request) -> Reply:
        first = int(request.params["start"])
        if request.params["query"].startswith("count("):
            return success([{"metric": {}, "values": [[first, "150"]]}])
        return success(
            [{"metric": {"pod": f"{first}-{i}"}, "values": [[first, "1"]]} for i in range(150)]
        )

    with fake(answer) as server, pytest.raises(BadInput, match="gives 300 series"):
        drain(read_prometheus(at(ws, server.url), "up", "p", "2d"))
    assert not ws.store.has("observations")


def test_samples_outside_what_was_asked_are_not_taken(ws: Workspace) -> None:
    """Some servers round the window; its borders must not land twice."""

    def answer(request: Request) -> Reply:
        first, last = int(request.params["start"]), int(request.params["end"])
        times = range(first - 60, last + 61, 60)
        return success([{"metric": {"__name__": "up"}, "values": [[t, "1"] for t in times]}])

    with fake(answer) as server:
        done = drain(read_prometheus(at(ws, server.url), "up", "p", "20d"))
    assert (done.requests, done.rows_loaded) == (3, 20 * 1_440)


@pytest.mark.parametrize(
    "then",
    [page(200), page(502), failure(503, "timeout", "slow"), failure(422, "execution", "no")],
)
def test_a_server_that_fails_midway_leaves_nothing(ws: Workspace, then: Reply) -> None:
    with fake(counted(3, then)) as server, pytest.raises(LabError) as found:
        drain(read_prometheus(at(ws, server.url), "up", "p"))
    assert found.value.hint
    assert not ws.store.has("observations")
    assert list(ws.staging.iterdir()) == []


def test_more_samples_than_fit_are_refused_before_they_are_asked(ws: Workspace) -> None:
    with (
        fake(counted(200, page(500))) as server,
        pytest.raises(BadInput, match="at most 20\u202f000\u202f000 are read at once"),
    ):
        drain(read_prometheus(at(ws, server.url), "up", "p", "365d"))
    assert len(server.asked) == 1


def test_no_server_is_set(ws: Workspace) -> None:
    assert view.server(ws) == view.Server(False)
    for asked in (lambda: drain(read_prometheus(ws, "up", "p")), lambda: view.metric_names(ws)):
        with pytest.raises(Unavailable, match="LAB_PROMETHEUS_URL"):
            asked()


def test_a_server_that_is_down_is_an_answer_for_the_page(ws: Workspace, free_port: int) -> None:
    found = view.server(at(ws, f"http://me:{CANARY}@127.0.0.1:{free_port}"))
    assert found.is_set
    assert f"No server answers at 127.0.0.1:{free_port}" in found.problem
    assert CANARY not in str(found)


def test_doctor_uses_the_login(ws: Workspace) -> None:
    def answer(request: Request) -> Reply:
        right = request.headers.get("Authorization") == "Bearer t"
        return success(["up"], "names") if right else page(401)

    def finding(server: Fake, **more: str) -> Any:
        there = at(ws, server.url, **more)
        return next(one for one in diagnose(there) if one.name == "Prometheus")

    with fake(answer) as server:
        assert finding(server).status == "missing"
        assert "HTTP 401" in finding(server).found
        assert finding(server, prometheus_token="t").status == "ok"


@pytest.mark.parametrize("dataset", ["", "../x", "a\nb"])
def test_names_are_names(ws: Workspace, dataset: str) -> None:
    with pytest.raises(BadInput, match="cannot be used"):
        drain(read_prometheus(at(ws, "http://127.0.0.1:1"), "up", dataset))


def test_unknown_way_of_loading(ws: Workspace) -> None:
    with pytest.raises(NotFound, match="way of loading"):
        drain(read_prometheus(ws, "up", "p", mode="maybe"))  # type: ignore[arg-type]


def test_the_summary_is_plain(ws: Workspace) -> None:
    reply = success([{"metric": {"__name__": "up"}, "values": []}])
    with fake(lambda _: reply) as server, pytest.raises(NotFound):
        drain(read_prometheus(at(ws, server.url), "up", "p"))
    assert prometheus.MOST_SAMPLES == 20_000_000
    fields = ReadSummary("i", "d", "s", 1, 2, 2, 0, 0, 1, "", "", 60, "h")
    assert json.loads(json.dumps(asdict(fields)))["dataset"] == "d"
