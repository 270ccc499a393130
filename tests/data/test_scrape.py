"""Scraping as Prometheus does it, and targets that misbehave."""

import math
import time

import pytest

from lab.core.process import free_port
from lab.data.scrape import arrange, merged, scrape_all, scrape_one
from lab.data.scrape_config import Target
from lab.data.scrape_format import Sample
from tests.data.prometheus_servers import fake

NOW = 1_700_000_000_000
TEXT = {"Content-Type": "text/plain; version=0.0.4"}
MEGABYTE = b"# " + b"x" * 999_997 + b"\n"


def target(url="http://127.0.0.1:1/metrics", timeout_seconds=60.0, **more):
    labels = {"job": "shop", "instance": "here"}
    return Target(url, labels, timeout_seconds=timeout_seconds, **more)


def rows(scraped):
    return {row.series_id: (row.time_ms, row.value) for row in scraped.rows}


def test_samples_get_job_and_instance_and_up():
    with fake(lambda _: (200, TEXT, b'heat{room="a"} 2\njobs 7 1699999999000\n')) as server:
        found = scrape_one(target(server.url), NOW)
        assert "openmetrics" in server.asked[0].headers["Accept"]
    assert rows(found) == {
        'up{instance="here",job="shop"}': (NOW, 1),
        'heat{instance="here",job="shop",room="a"}': (NOW, 2),
        'jobs{instance="here",job="shop"}': (1_699_999_999_000, 7),
    }


def test_own_times_may_be_ignored():
    with fake(lambda _: (200, TEXT, b"jobs 7 1699999999000\n")) as server:
        found = scrape_one(target(server.url, honor_timestamps=False), NOW)
    assert rows(found)['jobs{instance="here",job="shop"}'] == (NOW, 7)


@pytest.mark.parametrize(
    ("own", "honor", "joined"),
    [
        ({"job": "mine"}, False, {"job": "shop", "instance": "here", "exported_job": "mine"}),
        ({"job": "mine"}, True, {"job": "mine", "instance": "here"}),
        ({"job": ""}, False, {"job": "shop", "instance": "here"}),
        (
            {"job": "mine", "exported_job": "theirs"},
            False,
            {"job": "shop", "instance": "here", "exported_exported_job": "mine",
             "exported_job": "theirs"},
        ),
    ],
)  # fmt: skip
def test_labels_that_meet_those_of_the_target(own, honor, joined):
    assert merged(own, target(honor_labels=honor)) == joined


def test_what_is_no_number_or_said_twice_does_not_land():
    given = [
        Sample("nan", {}, math.nan, None), Sample("inf", {}, math.inf, None),
        Sample("ahead", {}, 1, NOW + 601_000), Sample("before", {}, 1, -1),
        Sample("twice", {}, 1, None), Sample("twice", {}, 2, None), Sample("twice", {}, 1, None),
        Sample("twice", {}, 3, NOW - 1),
    ]  # fmt: skip
    landed, rejected = arrange(given, target(), NOW)
    assert [(row.metric, row.time_ms, row.value) for row in landed] == [
        ("twice", NOW, 1), ("twice", NOW - 1, 3),
    ]  # fmt: skip
    assert [reason.split()[0] for _, reason in rejected] == ["The", "Its", "Its", "The"]


def down(answer, words, **more):
    with fake(answer) as server:
        found = scrape_one(target(server.url, **more), NOW)
    assert [(row.metric, row.value) for row in found.rows] == [("up", 0.0)]
    assert words in found.problem
    assert found.hint
    return found


def test_a_page_with_a_wrong_line_is_not_taken_in_parts():
    down(lambda _: (200, TEXT, b"good 1\nbad bad bad\n"), "Line 2 is not in the exposition format")


def test_a_web_page_is_no_metrics():
    html = {"Content-Type": "text/html"}
    down(lambda _: (200, html, b"<html></html>"), "text/html, which holds no metrics")
    down(lambda _: (200, {}, b"<html></html>"), "Line 1 is not")


def test_a_large_page_is_refused_before_it_is_read():
    served = []

    def pages():
        for _ in range(100):
            served.append(1)
            yield MEGABYTE

    down(lambda _: (200, TEXT, pages()), "larger than 1 MB", body_limit=1_000_000)
    assert len(served) < 50  # the rest of the 100 MB was never asked for
    many = b"".join(b'a{x="%d"} 1\n' % i for i in range(30))
    down(lambda _: (200, TEXT, many), "more than 20 samples", sample_limit=20)


def test_redirects_errors_and_half_answers():
    elsewhere = {"Location": "http://169.254.169.254/secret"}
    down(lambda _: (302, elsewhere, b""), "sends us on to 169.254.169.254/secret")
    down(lambda _: (503, {}, b"a 1\n"), "HTTP 503")
    down(lambda _: (200, {**TEXT, "Content-Encoding": "gzip"}, b"a 1\n"), "compresses")
    down(lambda _: (200, {**TEXT, "Content-Length": "50"}, b"a 1\n"), "cannot be asked")


def test_nobody_there():
    found = scrape_one(target(f"http://127.0.0.1:{free_port()}/metrics"), NOW)
    assert "Nobody answers" in found.problem


def test_one_that_hangs_or_drips_keeps_none_of_the_others_back():
    def drip():
        for _ in range(100):
            time.sleep(0.1)
            yield b"#\n"

    with (
        fake(lambda _: None) as hanging,
        fake(lambda _: (200, TEXT, drip())) as dripping,
        fake(lambda _: (200, TEXT, b"a 1\n")) as well,
    ):
        slow = [target(one.url, timeout_seconds=1.0) for one in (hanging, dripping)]
        found = scrape_all([*slow, target(well.url)], NOW)
    assert ["within 1 s" in one.problem for one in found] == [True, True, False]
    assert [one.rows[0].value for one in found] == [0, 0, 1]
