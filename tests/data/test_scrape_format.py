"""The exposition formats: what is right parses, what is wrong is named by its line."""

import json
import math
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.openmetrics.exposition import generate_latest as generate_openmetrics

from lab.core.errors import BadInput
from lab.data.scrape_format import OPENMETRICS, Sample, parse

TEXT = "text/plain; version=0.0.4; charset=utf-8"
LABEL = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


def registry():
    kept = CollectorRegistry()
    Gauge("heat", "Warmth", ["room"], registry=kept).labels('a "b"\\\n}').set(-1.5)
    Counter("jobs", "Work", registry=kept).inc(7)
    latency = Histogram("latency_seconds", "Waiting", registry=kept, buckets=(0.1, 1))
    latency.observe(0.5)
    return kept


def test_every_official_openmetrics_case_is_decided_right(shared_data):
    wrong = []
    cases = sorted((shared_data / "openmetrics").glob("*/test.json"))
    for case in cases:
        about = json.loads(case.read_text())
        try:
            parse((case.parent / about["file"]).read_bytes(), OPENMETRICS)
            parsed = True
        except BadInput:
            parsed = False
        if parsed != about["shouldParse"]:
            wrong.append(case.parent.name)
    assert wrong == []
    assert len(cases) >= 80


@pytest.mark.parametrize(
    ("generate", "kind"), [(generate_latest, TEXT), (generate_openmetrics, OPENMETRICS)]
)
def test_what_the_official_client_writes_comes_back(generate, kind):
    kept = registry()
    found = {(s.metric, tuple(sorted(s.labels.items()))): s.value
             for s in parse(generate(kept), kind) if not s.metric.endswith("_created")}  # fmt: skip
    assert found == {
        ("heat", (("room", 'a "b"\\\n}'),)): -1.5,
        ("jobs_total", ()): 7,
        ("latency_seconds_bucket", (("le", "0.1"),)): 0,
        ("latency_seconds_bucket", (("le", "1.0"),)): 1,
        ("latency_seconds_bucket", (("le", "+Inf"),)): 1,
        ("latency_seconds_count", ()): 1,
        ("latency_seconds_sum", ()): 0.5,
    }


def test_a_counter_keeps_its_name_as_in_prometheus():
    assert [s.metric for s in parse(b"# TYPE jobs counter\njobs 1\n", TEXT)] == ["jobs"]


def test_times_are_milliseconds_in_one_format_and_seconds_in_the_other():
    assert parse(b"a 1 1700000000123\n", TEXT) == [Sample("a", {}, 1, 1_700_000_000_123)]
    body = b"# TYPE a gauge\na 1 1700000000.123\n# EOF\n"
    assert parse(body, OPENMETRICS) == [Sample("a", {}, 1, 1_700_000_000_123)]


def test_the_last_line_decides_where_nothing_else_does():
    body = b"# TYPE a counter\na 1\n# EOF\n"  # wrong in OpenMetrics: no _total
    assert len(parse(body, TEXT)) == 1
    with pytest.raises(BadInput, match="OpenMetrics"):
        parse(body, "")


def test_a_sample_may_be_written_in_any_way_that_prometheus_takes():
    body = b'a  +1.5e3\t-5\nb{x="}\\"{",} .5 7\nc{}1.\n  d -Inf\n'
    assert parse(body, TEXT) == [
        Sample("a", {}, 1500, -5), Sample("b", {"x": '}"{'}, 0.5, 7), Sample("c", {}, 1, None),
        Sample("d", {}, -math.inf, None),
    ]  # fmt: skip


def test_numbers_that_are_none_are_kept_for_the_caller_to_judge():
    nan, inf = parse(b"a NaN\nb +Inf\n", TEXT)
    assert math.isnan(nan.value)
    assert inf.value == math.inf


@pytest.mark.parametrize(
    ("body", "line"),
    [
        (b"good 1\nbad{ 2\n", 2),
        (b"good 1\n\n# a comment\nbad x\n", 4),
        (b"a 1\nb \xff\n", 2),
        (b"<!DOCTYPE html>\n<h1>Hello</h1>\n", 1),
        (b'a{x="1} 2\n', 1),
        (b"a 1\nb 1 2 3\n", 2),
        (b'a{x="}"} 1 2 3\n', 1),
        (b'a{le="1"} 0 123 # {id="b"} 0.5\n', 1),
        (b'a 1.0 #{id="b"} 1\n', 1),
        (b"a 1 1.5\n", 1),
        (b"a 1_000\n", 1),
        (b"a 0x10\n", 1),
        (b"a 1e400\n", 1),
        ("a \u0661\n".encode(), 1),
    ],
)
def test_an_error_names_its_line(body, line):
    with pytest.raises(BadInput, match=f"Line {line} is not"):
        parse(body, TEXT)


@pytest.mark.parametrize("kind", ["text/html; charset=utf-8", "application/json", "image/png"])
def test_another_kind_of_page_is_refused_by_name(kind):
    with pytest.raises(BadInput, match=kind.partition(";")[0]):
        parse(b"a 1\n", kind)


def test_a_page_of_too_many_samples_is_refused():
    body = b"".join(b'a{x="%d"} 1\n' % i for i in range(11))
    with pytest.raises(BadInput, match="more than 10 samples"):
        parse(body, TEXT, most=10)


@given(st.binary(max_size=200), st.sampled_from([TEXT, OPENMETRICS, ""]))
def test_garbage_is_refused_or_read_but_never_breaks(body, kind):
    with suppress(BadInput):
        parse(body, kind)


@given(st.dictionaries(st.from_regex(r"[a-z]{1,5}", fullmatch=True), LABEL, max_size=3),
       st.floats(allow_nan=False))  # fmt: skip
def test_any_label_survives(labels, value):
    kept = CollectorRegistry()
    Gauge("heat", "Warmth", sorted(labels), registry=kept)
    gauge = kept._names_to_collectors["heat"]
    (gauge.labels(**labels) if labels else gauge).set(value)
    (sample,) = parse(generate_latest(kept), TEXT)
    assert (sample.labels, sample.value) == (labels, value)
