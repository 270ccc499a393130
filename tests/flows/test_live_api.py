"""The web face of a live world: open to readers, closed to meddlers, and never with the truth."""

import json
import stat
from datetime import UTC, datetime, timedelta

import pytest

from lab.core.errors import Busy
from lab.core.workspace import open_workspace
from lab.flows.live_api import create_api
from lab.flows.live_runner import Runner
from lab.flows.world_truth import unseal
from lab.world.lenses.alerts import Alerts
from lab.world.live.pace import Pace
from lab.world.live.shop import LiveShop
from tests.mlops.serving.live import serving

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
TOKEN = "t" * 40
ALLOWED = {"Authorization": f"Bearer {TOKEN}"}


def opened(ws):
    shop, clock = LiveShop(7, START, [Alerts()]), [datetime(2026, 3, 3, 9, tzinfo=UTC)]
    made = Runner(ws, shop, Pace(shop.next, clock[0], 60), "live-test", 1, lambda: clock[0])
    made.clock = clock
    return made


@pytest.fixture
def runner(ws):
    return opened(ws)


@pytest.fixture
def client(runner):
    with serving(create_api(runner, TOKEN)) as client:
        yield client


@pytest.fixture(scope="module")
def calm(tmp_path_factory):
    """One that nothing happens to, for what is refused."""
    made = opened(open_workspace(tmp_path_factory.mktemp("calm")))
    with serving(create_api(made, TOKEN)) as client:
        yield client
    assert made.shop.incidents == ()
    assert made.shop.operated == ()


def after(runner, minutes):
    runner.clock[0] += timedelta(seconds=minutes)
    runner.tick()


def test_readers_see_symptoms_and_no_truth(client, runner):
    client.post("/inject", json={"kind": "error_rate", "target": "payment"}, headers=ALLOWED)
    after(runner, 5)
    for path in ("/state", "/signals", "/logs", "/alerts", "/changes", "/health", "/metrics/web"):
        answer = client.get(path)
        assert answer.status_code == 200
        assert "error_rate" not in answer.text
    state = client.get("/state").json()
    assert {one["name"]: one["health"] for one in state["nodes"]}["payment"] in ("failing", "down")
    assert state["time"] == "2026-03-02T10:05:00+00:00"
    assert len(client.get("/signals?minutes=3").json()["minutes"]) == 3


def test_the_truth_is_sealed_and_what_was_done_is_in_the_audit_log(client, runner, ws):
    made = client.post("/inject", json={"kind": "latency"}, headers=ALLOWED).json()
    assert client.get("/incidents", headers=ALLOWED).json()["incidents"][0]["running"]
    client.post("/scale", json={"target": "web", "amount": 2.0}, headers=ALLOWED)
    client.post("/recover", json={"incident_id": made["incident_id"]}, headers=ALLOWED)
    (truth,) = unseal(ws, "live-test")
    assert truth.incident_id == made["incident_id"]
    actions = ws.store.read("SELECT verb, object, detail FROM actions ORDER BY acted_at")
    assert actions["verb"].tolist() == ["asked", "inject", "asked", "scale", "asked", "recover"]
    assert "latency" not in actions.to_string()
    assert actions["object"][2] == "scale web"
    assert json.loads(actions["detail"][3]) == {"world": "live-test", "amount": 2.0}
    assert not any(
        stat.S_IMODE(path.stat().st_mode) & 0o077 for path in (ws.root / "truth").iterdir()
    )


def fail_at(monkeypatch, line):
    """Let one line of the audit log fail: 1 is before the order, 2 after it."""
    lines = iter(range(1, 10))

    def failing(*_):
        if next(lines) == line:
            raise Busy("The database is in use.", "Wait.")

    monkeypatch.setattr("lab.flows.live_runner.record", failing)


def test_what_cannot_be_written_down_is_not_done(client, runner, monkeypatch):
    fail_at(monkeypatch, 1)
    answer = client.post("/restart", json={"target": "web"}, headers=ALLOWED)
    assert (answer.status_code, answer.json()["code"]) == (409, "Busy")
    assert runner.shop.operated == ()


def test_what_was_done_without_being_written_down_is_said(client, runner, monkeypatch, caplog):
    fail_at(monkeypatch, 2)
    answer = client.post("/restart", json={"target": "web"}, headers=ALLOWED)
    assert (answer.status_code, answer.json()["code"]) == (503, "Unavailable")
    assert "It was done" in answer.json()["message"]
    assert "restart web was done and could not be written down" in caplog.text
    assert [one.target for one in runner.shop.operated] == ["web"]


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer wrong"}])
@pytest.mark.parametrize("path", ["/inject", "/recover", "/speed", "/restart", "/set_traffic"])
def test_meddling_needs_the_token(calm, headers, path):
    answer = calm.post(path, json={}, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (401, "NoToken")
    assert calm.get("/incidents", headers=headers).status_code == 401


def test_another_host_name_is_turned_away(calm):
    assert calm.get("/state", headers={"Host": "evil.example"}).status_code == 400


@pytest.mark.parametrize(
    ("path", "body", "status", "words"),
    [
        ("/inject", {"kind": "latncy"}, 404, "no fault named 'latncy'"),
        ("/inject", {"kind": "latency", "target": "mars"}, 404, "mars"),
        ("/inject", {"kind": "latency", "severity": 2}, 422, "severity"),
        ("/inject", {"kind": "latency", "surprise": 1}, 422, "surprise"),
        ("/inject", {}, 422, "kind"),
        ("/inject", [], 422, "body"),
        ("/recover", {"incident_id": "none"}, 404, "none"),
        ("/scale", {"target": "web"}, 422, "0 to 20 replicas"),
        ("/scale", {"target": "web", "amount": "many"}, 422, "amount"),
        ("/restart", {"target": "mars"}, 404, "mars"),
        ("/speed", {"speed": -1}, 422, "-1 times"),
        ("/explode", {}, 404, "Not Found"),
    ],
)
def test_what_cannot_be_done_is_said_in_words(calm, path, body, status, words):
    answer = calm.post(path, json=body, headers=ALLOWED)
    assert answer.status_code == status
    assert words in answer.json()["message"]
    assert answer.json()["hint"]


def test_bodies_are_bounded(calm):
    answer = calm.post("/inject", data=b" " * 20_000, headers=ALLOWED)
    assert answer.status_code == 413
    answer = calm.post("/inject", data=iter([b"{}"]), headers=ALLOWED)
    assert answer.status_code == 411
    assert calm.post("/inject", data=b"{", headers=ALLOWED).status_code == 422


def test_what_is_not_there(calm):
    assert calm.get("/metrics/mars").status_code == 404
    assert calm.get("/events/rumours").status_code == 404


def test_a_target_that_cannot_be_scraped_answers_503(client, runner):
    client.post("/scale", json={"target": "cart", "amount": 0}, headers=ALLOWED)
    after(runner, 2)
    assert client.get("/metrics/cart").status_code == 503
    assert client.get("/metrics/web").status_code == 200


def test_it_runs_slower_when_it_is_told_to(client, runner):
    assert client.post("/speed", json={"speed": 0}, headers=ALLOWED).json()["speed"] == 0
    after(runner, 30)
    assert client.get("/health").json()["time"] == "2026-03-02T10:00:00+00:00"


def test_events_are_read_with_a_cursor(client, runner):
    client.post("/inject", json={"kind": "error_rate", "severity": 1.0}, headers=ALLOWED)
    for _ in range(12):
        after(runner, 1)
    first = client.get("/alerts?since=0&limit=1").json()
    assert (first["cursor"], first["missed"], len(first["events"])) == (1, 0, 1)
    rest = client.get(f"/alerts?since={first['cursor']}").json()
    assert first["events"][0] not in rest["events"]
