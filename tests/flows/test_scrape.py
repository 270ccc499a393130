"""Scraping into DuckDB: each sample once, gaps stay gaps, and who was down is told."""

import time
from dataclasses import dataclass, field

import pytest

from lab.core.errors import BadInput, Unavailable
from lab.core.process import free_port
from lab.core.progress import drain
from lab.flows.scrape import scrape
from tests.data.prometheus_servers import fake

TEXT = {"Content-Type": "text/plain; version=0.0.4"}


@dataclass
class Clock:
    """Time that goes by in sleep alone, so that a busy machine leaves out no scrape."""

    now: float = field(default_factory=time.time)

    def monotonic(self):
        return self.now

    def time_ns(self):
        return int(self.now * 1e9)

    def sleep(self, seconds):
        self.now += seconds


@pytest.fixture
def clock(monkeypatch):
    monkeypatch.setattr("lab.flows.scrape.time", Clock())


def pages(*bodies):
    """A target that shows one page after another, then the last for ever; None is a failure."""
    left = list(bodies)

    def answer(_):
        body = left.pop(0) if len(left) > 1 else left[0]
        return (500, {}, b"") if body is None else (200, TEXT, body)

    return answer


def values(ws, metric):
    found = ws.store.rows(
        "SELECT value FROM observations JOIN series USING (dataset, series_id)"
        " WHERE metric = ? ORDER BY timestamp",
        [metric],
    )
    return [value for (value,) in found]


def test_each_sample_lands_once_however_often_it_is_met(ws, clock):
    with fake(pages(b"jobs_total 1 1000\n", b"jobs_total 1 1000\n", b"jobs_total 5 2000\n")) as one:
        done = drain(scrape(ws, [one.url], "mine", interval_seconds=0.2, minutes=0.015))
    assert values(ws, "jobs_total") == [1, 5]
    assert done.rows_loaded == 2 + done.targets[0].scrapes  # and as many of up
    assert done.series == 2
    loads = ws.store.read("SELECT * FROM loads")
    assert loads[["dataset", "kind", "rows_loaded"]].to_numpy().tolist() == [
        ["mine", "metrics", done.rows_loaded]
    ]


def test_a_counter_that_restarts_is_seen_and_a_gap_stays_a_gap(ws, clock):
    given = pages(b"jobs_total 9 1000\n", None, b"other 1 2000\n", b"jobs_total 2 3000\n")
    with fake(given) as one:
        done = drain(scrape(ws, [one.url], interval_seconds=0.2, minutes=0.02))
    assert values(ws, "jobs_total") == [9, 2]
    assert values(ws, "up")[:4] == [1, 0, 1, 1]
    assert done.targets[0].up == done.targets[0].scrapes - 1
    assert "HTTP 500" in done.targets[0].problem


def test_a_target_that_cannot_be_read_does_not_keep_others_from_landing(ws):
    with fake(pages(b"good 1\nbad\n")) as bad, fake(pages(b"fine 1\ninfinite +Inf\n")) as good:
        done = drain(scrape(ws, [bad.url, good.url], minutes=0))
    assert values(ws, "fine") == [1]
    assert values(ws, "good") == []
    assert sorted(values(ws, "up")) == [0, 1]
    assert "Line 2" in done.targets[0].problem
    assert done.targets[0].target == f"scrape at {bad.url.removeprefix('http://')}"
    assert done.rows_rejected == 1
    assert ws.store.rows("SELECT reason FROM rejects") == [("The value is infinite",)]


def test_when_nobody_answers_it_says_so_and_keeps_up(ws):
    place = f"127.0.0.1:{free_port()}"
    with pytest.raises(Unavailable, match=f"{place} is down: Nobody answers"):
        drain(scrape(ws, [place], minutes=0))
    assert values(ws, "up") == [0]


@pytest.mark.parametrize("wrong", [{"interval_seconds": 0.1}, {"minutes": -1}, {"minutes": 1e9}])
def test_numbers_that_make_no_sense(ws, wrong):
    with pytest.raises(BadInput):
        drain(scrape(ws, ["127.0.0.1:1"], **wrong))
