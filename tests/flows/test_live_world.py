"""The process of a live world: one per workspace, found again, gone without a trace."""

import json
import signal
import stat
import time
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from subprocess import DEVNULL, Popen

import pytest
import requests
import yaml

from lab.core.errors import BadInput, Busy, NotFound
from lab.core.process import free_port
from lab.core.progress import drain
from lab.core.workspace import open_workspace
from lab.data.scrape import scrape_all
from lab.flows.live_collect import Collector, collect
from lab.flows.live_config import MINUTES, prometheus_config, world_targets
from lab.flows.live_events import EventReader
from lab.flows.live_serve import live
from lab.flows.live_steer import ask, inject, operate, recover, set_speed, truth
from lab.flows.live_view import watch
from lab.flows.live_world import running_world, start_world, stop_world
from lab.flows.prometheus import read_prometheus
from tests.data.prometheus_servers import Real
from tests.flows.live_parts import LATE_SECONDS, ended, until
from tests.needs import needs

TARGETS = 13
# Each gives fewer series than may be read at once.
QUERIES = (
    '{job="node", __name__=~"node_.*"}',
    '{job="shop", __name__=~"http_.*"}',
    '{job="shop", __name__!~"up|scrape_.*|http_.*"}',
)


@pytest.fixture(scope="module")
def ws(tmp_path_factory):
    return open_workspace(tmp_path_factory.mktemp("live"))


@pytest.fixture(scope="module")
def world(ws):
    """A world that runs as fast as the app starts it: faster, its first log lines are soon gone."""
    yield drain(start_world(ws, speed=60, history_hours=48, collect=False))
    stop_world(ws)


@pytest.fixture(autouse=True)
def patient(monkeypatch):
    """A busy machine answers late; here that is no gap and no failure."""
    monkeypatch.setattr("lab.data.prometheus.ANSWER_SECONDS", LATE_SECONDS)
    monkeypatch.setattr("lab.data.prometheus_http.ANSWER_SECONDS", LATE_SECONDS)
    monkeypatch.setattr("lab.flows.live_collect.world_targets", patient_targets)


def patient_targets(world, minutes):
    return [replace(one, timeout_seconds=LATE_SECONDS) for one in world_targets(world, minutes)]


def test_it_is_found_again_and_shows_itself(ws, world):
    assert running_world(ws) == world
    seen = watch(ws)
    assert seen.world == world.world
    assert len(seen.nodes) == 9
    assert seen.signals["time"].is_monotonic_increasing
    assert seen.pace == "60 times as fast"


def test_the_token_is_for_its_owner_alone(ws, world):
    token = ws.state / "live" / "token"
    assert stat.S_IMODE(token.stat().st_mode) == 0o600
    answer = requests.post(f"{world.url}/inject", json={"kind": "latency"}, timeout=LATE_SECONDS)
    assert answer.status_code == 401


def test_a_second_start_says_where_the_first_one_is(ws, world):
    for again in (start_world(ws), live(ws, port=0)):
        with pytest.raises(Busy, match=world.url):
            drain(again)


def suffers(ws):
    """Whether one look shows payment unwell, and says so; the next minute may be another."""
    seen = watch(ws)
    return seen.health["payment"] in ("failing", "down") and "ayment is" in seen.sentence


def samples(ws, dataset, start, end):
    """Series, moment and value of a data set, without what is said about targets."""
    found = ws.store.rows(
        "SELECT series_id, timestamp, value FROM observations WHERE dataset = ?"
        " AND timestamp >= ? AND timestamp <= ? AND series_id NOT LIKE 'up{%'",
        [dataset, start, end],
    )
    return {(series, moment): value for series, moment, value in found}


def scrapes(real):
    """How often Prometheus has scraped the target it scraped least; 0 while one is absent."""
    with suppress(requests.RequestException, IndexError, KeyError):
        now = int(time.time())
        if real.number("count(up == 1)", now) == TARGETS:
            return real.number("min(count_over_time(up[1m]))", now)
    return 0


def scraped_since(real, moment):
    """Whether Prometheus has scraped every target again since a moment, and got an answer."""
    with suppress(requests.RequestException, IndexError, KeyError):
        since = f"count((timestamp(up) >= {moment:.3f}) and (up == 1))"
        return real.number(since, int(time.time()) + 1) == TARGETS
    return False


def stands(ws):
    """Whether a world that was told to stand still has lived all that was due before."""
    about = ask(ws, "/health")
    now, minute = datetime.fromisoformat(about["time"]), datetime.fromisoformat(about["minute"])
    return now < minute + timedelta(minutes=2)


@needs("prometheus")
def test_prometheus_and_the_embedded_scraper_see_the_same(ws, world, tmp_path):
    path, port = prometheus_config(ws, str(tmp_path / "prometheus.yml")), free_port()
    argv = ["prometheus", f"--config.file={path}", f"--storage.tsdb.path={tmp_path / 'data'}",
            f"--web.listen-address=127.0.0.1:{port}", "--log.level=error"]  # fmt: skip
    reading = replace(ws.settings, prometheus_url=f"http://127.0.0.1:{port}")
    with Popen(argv, stdin=DEVNULL, stdout=DEVNULL, stderr=DEVNULL) as server:
        try:
            until(lambda: scrapes(Real(reading.prometheus_url, 0, 0)) >= 2)
            set_speed(ws, 0)  # hold still, so that both have seen the newest minutes
            until(lambda: stands(ws))
            held = time.time()
            until(lambda: scraped_since(Real(reading.prometheus_url, 0, 0), held))
            drain(collect(ws, 0))
            last = datetime.fromisoformat(ask(ws, "/health")["minute"])
            for number, query in enumerate(QUERIES):
                after = (last + timedelta(minutes=1)).isoformat()
                drain(read_prometheus(open_workspace(ws.root, reading), query, f"read {number}",
                                      f"{MINUTES}min", after))  # fmt: skip
        finally:
            set_speed(ws, 60)
            server.terminate()
    first = last - timedelta(minutes=MINUTES - 1)
    theirs = {}
    for number in range(len(QUERIES)):
        theirs |= samples(ws, f"read {number}", first, last)
    assert samples(ws, world.world, first, last) == theirs
    assert len({moment for _, moment in theirs}) == MINUTES
    assert len(theirs) > 250 * MINUTES
    ups = "SELECT count(DISTINCT series_id) FROM observations WHERE series_id LIKE 'up{%'"
    assert ws.store.rows(f"{ups} AND dataset = ?", [world.world]) == [(TARGETS,)]


def test_the_instructor_and_the_operator_have_their_way(ws, world):
    made = inject(ws, "error_rate", "payment", 0.9)
    until(lambda: suffers(ws))
    operate(ws, "restart", "payment")
    assert not [one for one in truth(ws) if one["running"]]
    until(lambda: watch(ws).health["payment"] == "healthy")
    assert "Operator: restart" in watch(ws).happened["what"].tolist()
    with pytest.raises(NotFound):
        recover(ws, made["incident_id"])
    with pytest.raises(BadInput):
        set_speed(ws, 1e9)


def test_everything_is_collected_once_and_belongs_together(ws, world):
    drain(collect(ws, 0))
    Collector(ws).collect()  # another reader goes on where the first one stopped
    found = ws.store.rows(
        "SELECT count(*), count(DISTINCT (series_id, timestamp)), count(DISTINCT timestamp)"
        " FROM observations WHERE dataset = ? AND series_id NOT LIKE 'up{%'", [world.world],
    )[0]  # fmt: skip
    assert found[0] == found[1]
    assert found[2] >= 60
    # What is said about targets has the time of the samples, or their hosts had no common grid;
    # only a target that did not answer in time has a minute with nothing else in it.
    told = ws.store.read(
        "SELECT labels::JSON ->> 'instance' AS target, bool_or(metric <> 'up') AS sampled,"
        " max(value) FILTER (metric = 'up') AS up"
        " FROM observations JOIN series USING (dataset, series_id)"
        " WHERE dataset = ? AND metric NOT LIKE '%build_info' GROUP BY target, timestamp",
        [world.world],
    )
    assert told["target"].nunique() == TARGETS
    assert told["up"].notna().all()
    assert told.loc[told["up"] == 1, "sampled"].all()
    logs = ws.store.read("SELECT timestamp, service FROM logs")
    cursor = "SELECT read_to FROM live_cursors WHERE stream = 'logs'"
    assert len(logs) == ws.store.rows(cursor)[0][0]
    reached = ask(ws, "/health")["minute"]
    assert str(logs["timestamp"].max()) <= reached.replace("T", " ")


def test_of_two_readers_each_event_lands_once(ws, world):
    streams = ask(ws, "/health")["streams"]
    one, other = EventReader(ws, world.world), EventReader(ws, world.world)
    until(lambda: ask(ws, "/logs", since=one.cursors.get("logs", 0))["events"])
    one.read(streams)
    other.read(streams)  # finds that someone has read on
    assert other.landed["logs"] == 0
    assert other.cursors == one.cursors
    landed = ws.store.rows("SELECT count(*), count(DISTINCT log_id) FROM logs")[0]
    assert landed == (one.cursors["logs"],) * 2


def test_log_lines_are_streamed_as_they_are_written(ws, world):
    since = ask(ws, "/logs", since=0, limit=5)["cursor"]
    with requests.get(
        f"{world.url}/logs/stream", params={"since": since}, stream=True, timeout=LATE_SECONDS
    ) as given:
        lines = given.iter_lines(decode_unicode=True)
        first = [next(lines) for _ in range(2)]
    assert given.headers["content-type"].startswith("text/event-stream")
    assert first[0] == f"id: {since + 1}"
    assert json.loads(first[1].removeprefix("data: "))["service"]


def test_a_configuration_for_prometheus_is_written(ws, world, tmp_path):
    path = prometheus_config(ws, str(tmp_path / "prometheus.yml"))
    jobs = yaml.safe_load(Path(path).read_text())["scrape_configs"]
    assert [len(job["static_configs"]) for job in jobs] == [9, 4]
    found = scrape_all(patient_targets(world, 1), time.time_ns() // 10**6)
    assert [one.problem for one in found] == [""] * TARGETS


def test_a_signal_ends_it_without_a_trace(ws, world):
    ended(ws, world.child, signal.SIGTERM)
    assert "Traceback" not in (ws.logs / "live-world.log").read_text()
