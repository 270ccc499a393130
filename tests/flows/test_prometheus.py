"""Prometheus to DuckDB: every sample once, gaps stay gaps, nothing lands in part."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from lab.core.errors import BadInput, NotFound
from lab.core.jobs import Jobs, result_of
from lab.core.progress import Progress, drain
from lab.core.words import grouped
from lab.core.workspace import Workspace
from lab.data import prometheus_grid
from lab.flows import prometheus_view as view
from lab.flows.doctor import diagnose
from lab.flows.prometheus import read_prometheus
from lab.flows.prometheus_summary import ReadSummary
from tests.data.prometheus_servers import (
    HOSTS,
    MINUTES,
    Real,
    real_prometheus,
    value,
)
from tests.flows.prometheus_parts import CANARY, at, iso, landed
from tests.needs import needs


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Real]:
    with real_prometheus(tmp_path_factory.mktemp("prometheus")) as server:
        yield server


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine answers late; here that is no failure."""
    monkeypatch.setattr("lab.data.prometheus.ANSWER_SECONDS", 120.0)
    monkeypatch.setattr("lab.data.prometheus_http.ANSWER_SECONDS", 120.0)


def read(ws: Workspace, real: Real, query: str, dataset: str = "p", **more: Any) -> ReadSummary:
    given = {"start": iso(real.start), "end": iso(real.end), **more}
    return drain(read_prometheus(at(ws, real.url), query, dataset, **given))


def plain(values: list[list[Any]]) -> list[tuple[int, float]]:
    return [(int(seconds), float(number)) for seconds, number in values]


# The real server


@needs("prometheus")
def test_two_days_of_forty_hosts_are_every_sample_once(ws: Workspace, real: Real) -> None:
    steps: list[Progress] = []
    given = read_prometheus(at(ws, real.url), "lab_full", "p", iso(real.start), iso(real.end))
    done = drain(given, steps.append)
    assert done.requests == 2
    assert (done.series, done.gaps, done.rows_rejected) == (HOSTS, 0, 0)
    counted = real.number("sum(count_over_time(lab_full[2d]))", real.end - 1)
    assert done.rows_loaded == counted == HOSTS * MINUTES
    rows = landed(ws)
    assert len(rows) == HOSTS
    for host in range(HOSTS):
        assert rows[f'lab_full{{instance="host-{host:02d}"}}'] == [
            (real.start + 60 * minute, value(host, minute)) for minute in range(MINUTES)
        ]
    assert (done.start, done.end) == (iso(real.start), iso(real.end - 60))
    assert [step.done for step in steps] == sorted(step.done for step in steps)
    assert steps[-1].fraction == 1


@needs("prometheus")
def test_a_window_the_server_refuses_whole_is_read_in_parts(ws: Workspace, real: Real) -> None:
    query = 'lab_full{instance=~"host-0[01]"}'
    whole = real.ask(query, real.start, real.end - 15, 15)
    assert (whole.status_code, "11,000 points" in whole.text) == (400, True)
    done = read(ws, real, query, step_seconds=15)
    assert done.requests == 2
    middle = real.start + 15 * 10_000
    for labels, first in real.samples(query, real.start, middle, 15).items():
        then = real.samples(query, middle + 15, real.end - 15, 15)[labels]
        name = f'lab_full{{instance="{dict(labels)["instance"]}"}}'
        assert landed(ws)[name] == plain([*first, *then])
    twice = "SELECT count(*) - count(DISTINCT (dataset, series_id, timestamp)) FROM observations"
    assert ws.store.rows(twice) == [(0,)]


@needs("prometheus")
def test_borders_of_parts_lose_and_repeat_nothing(
    ws: Workspace, real: Real, monkeypatch: pytest.MonkeyPatch
) -> None:
    read(ws, real, "lab_holed", "whole")
    monkeypatch.setattr(prometheus_grid, "MOST_POINTS", 97)
    parted = read(ws, real, "lab_holed", "p")
    assert parted.requests == -(-MINUTES // 97)
    assert landed(ws, "p") == landed(ws, "whole")


@needs("prometheus")
def test_holes_and_nan_stay_gaps_and_infinity_is_reported(ws: Workspace, real: Real) -> None:
    done = read(ws, real, "lab_holed")
    own = real.samples("lab_holed", real.start, real.end - 60, 60)
    every = plain(next(iter(own.values())))
    finite = [(t, v) for t, v in every if abs(v) < float("inf")]
    assert landed(ws) == {'lab_holed{instance="host-00"}': finite}
    # A sample lives for five minutes, then Prometheus leaves the moment out.
    hole = [t for t, _ in finite if 605 * 60 <= t - real.start < 660 * 60]
    assert hole == []
    assert done.rows_rejected == 2
    assert done.rows_read == done.rows_loaded + done.rows_rejected == len(every) - 1
    assert done.gaps == MINUTES - done.rows_read > 50
    moments = [datetime.fromtimestamp(real.start + 60 * m, UTC) for m in (101, 102)]
    assert ws.store.rows("SELECT line, reason, text FROM rejects ORDER BY text") == [
        (None, f"The value is {sign}Inf", f'lab_holed{{instance="host-00"}} {t:%Y-%m-%dT%H:%M:%SZ}')
        for sign, t in zip("+-", moments, strict=True)
    ]


@needs("prometheus")
def test_what_is_scraped_now_is_read(ws: Workspace, real: Real) -> None:
    given = {"step_seconds": 1, "start": "1m", "end": None}
    known = read(ws, real, "lab_known", **given)
    assert (known.series, known.rows_loaded > 0) == (1, True)
    rows = ws.store.rows(
        "SELECT DISTINCT metric, labels::JSON ->> 'kind', labels::JSON ->> 'job', value "
        "FROM observations JOIN series USING (dataset, series_id)"
    )
    assert rows == [("lab_known", "a b", "lab", 42.5)]
    read(ws, real, "lab_jobs_total", **given)
    assert {v for one in landed(ws).values() for _, v in one} == {7.0}
    with pytest.raises(NotFound, match="gives nothing"):
        read(ws, real, "lab_broken", **given)  # NaN is no number
    up = read(ws, real, "count(up) # both", "up", name="targets_up", **given)
    assert up.series == 1
    assert {v for _, v in landed(ws, "up")["targets_up"]} <= {1.0, 2.0}


@needs("prometheus")
def test_a_second_read_is_the_first_again(ws: Workspace, real: Real) -> None:
    query = 'lab_full{instance="host-03"}'
    first, second = read(ws, real, query), read(ws, real, query)
    assert first.content_hash == second.content_hash
    assert sum(map(len, landed(ws).values())) == MINUTES
    loads = ws.store.rows(
        "SELECT dataset, kind, source, sha256, rows_read, rows_loaded, rows_rejected, "
        "content_hash, mapping FROM loads ORDER BY loaded_at"
    )
    assert len(loads) == 2
    assert loads[0] == loads[1]
    assert loads[0][:3] == ("p", "metrics", f"prometheus: {query}")
    assert loads[0][4:8] == (MINUTES, MINUTES, 0, first.content_hash)
    kept = json.loads(loads[0][8])
    assert (kept["query"], kept["step_seconds"]) == (query, 60)
    assert (kept["start"], kept["end"]) == (iso(real.start), iso(real.end))


@needs("prometheus")
def test_adding_overlapping_windows_and_other_metrics_repeats_nothing(
    ws: Workspace, real: Real
) -> None:
    query, third = 'lab_full{instance="host-01"}', real.start + 3_600 * 16
    read(ws, real, query, end=iso(third + 30))
    read(ws, real, query, start=iso(third - 7_203), mode="add")
    read(ws, real, 'lab_full{instance="host-02"}', mode="add")
    rows = landed(ws)
    assert len(rows) == 2
    assert all(len(one) == MINUTES for one in rows.values())
    assert [v for _, v in rows['lab_full{instance="host-01"}']] == [
        value(1, minute) for minute in range(MINUTES)
    ]
    read(ws, real, 'lab_full{instance="host-09"}', "other")
    read(ws, real, query)
    assert list(landed(ws)) == ['lab_full{instance="host-01"}']
    assert len(landed(ws, "other")) == 1


@needs("prometheus")
@pytest.mark.parametrize(
    ("query", "error", "words"),
    [
        ("lab_full{", BadInput, "parse error"),
        ("up[5m]", BadInput, "range vector"),
        ('"text"', BadInput, "string"),
        ("no_such_metric", NotFound, "gives nothing from"),
        ("  ", BadInput, "The query is empty"),
        ("lab_full / 0", BadInput, "samples are infinite"),
    ],
)
def test_a_query_without_a_use_leaves_what_was_there(
    ws: Workspace, real: Real, query: str, error: type, words: str
) -> None:
    before = read(ws, real, 'lab_full{instance="host-00"}')
    with pytest.raises(error, match=words) as found:
        read(ws, real, query)
    assert found.value.hint
    assert "count(" not in found.value.message  # our own question is not blamed on the person
    assert sum(map(len, landed(ws).values())) == before.rows_loaded
    assert list(ws.staging.iterdir()) == []


@needs("prometheus")
def test_too_many_series_are_counted_first(ws: Workspace, real: Real) -> None:
    query = 'label_replace(lab_full, "n", "{}", "", "")'
    many = " or ".join(query.format(i) for i in range(6))
    with pytest.raises(BadInput, match=f"gives {6 * HOSTS} series; at most 200"):
        read(ws, real, many)
    with pytest.raises(BadInput, match=f"gives {6 * HOSTS} series"):
        view.preview_query(at(ws, real.url), many, iso(real.start), iso(real.end))
    assert not ws.store.has("loads")


@needs("prometheus")
def test_a_number_is_a_series_too(ws: Workspace, real: Real) -> None:
    done = read(ws, real, "vector(1) * time()", end=iso(real.start + 600))
    assert (done.series, done.rows_loaded) == (1, 10)
    done = read(ws, real, "time()", end=iso(real.start + 600))
    assert landed(ws)["time()"] == [(real.start + 60 * i, real.start + 60 * i) for i in range(10)]


@needs("prometheus")
def test_what_the_page_shows(ws: Workspace, real: Real) -> None:
    there = at(ws, real.url)
    assert {"up", "lab_full", "lab_known"} <= set(view.metric_names(there))
    server = view.server(there, view.stamp())
    assert (server.is_set, server.problem) == (True, "")
    assert server.beginnings["What is up"] == "up"
    assert "Load by host" not in server.beginnings
    shown = view.preview_query(there, "lab_full", iso(real.start), iso(real.end))
    assert shown.points["series_id"].nunique() == len(shown.names) == view.PREVIEW_SERIES
    assert len(shown.points) <= view.PREVIEW_SERIES * view.PREVIEW_POINTS
    assert shown.names['lab_full{instance="host-00"}'] == "host-00"
    assert f"{HOSTS} series, the first 6 drawn" in shown.words
    assert f"at most {grouped(HOSTS * MINUTES)} samples" in shown.words
    prometheus_found = next(one for one in diagnose(there) if one.name == "Prometheus")
    assert (prometheus_found.status, "metrics" in prometheus_found.found) == ("ok", True)


@needs("prometheus")
def test_as_a_job_with_a_password_that_stays_off_the_disk(ws: Workspace, real: Real) -> None:
    there = at(ws, real.url, prometheus_user="me", prometheus_password=CANARY)
    jobs = Jobs(there)
    job = jobs.submit(
        "lab.flows.prometheus:read_prometheus", label="Read", query="lab_holed", dataset="p",
        start=iso(real.start), end=iso(real.end),
    )  # fmt: skip
    result = result_of(jobs.wait(job.id, 400))
    assert result["rows_loaded"] == sum(map(len, landed(ws).values()))
    assert view.figures(result)["Infinite"] == "2"
    assert "2 infinite" in view.sentence(result)
    kept = [path for path in ws.root.rglob("*") if path.is_file()]
    assert [path for path in kept if CANARY.encode() in path.read_bytes()] == []
