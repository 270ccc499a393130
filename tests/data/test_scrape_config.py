"""Prometheus' own configuration says what to scrape."""

import pytest

from lab.core.errors import BadInput, NotFound
from lab.data.scrape_config import parse_config, read_targets, seconds

FILE = """
global: {scrape_interval: 5s, evaluation_interval: 1m}
rule_files: [rules.yml]
scrape_configs:
  - job_name: shop
    metrics_path: /metrics/web
    params: {minutes: ["5"]}
    scrape_timeout: 2s
    honor_labels: true
    body_size_limit: 1MB
    static_configs:
      - targets: ["127.0.0.1:9800", "shop.example:80"]
        labels: {team: north}
      - targets: ["127.0.0.1:9800"]
        labels: {__metrics_path__: /metrics/cart, instance: "cart:8080"}
  - job_name: node
    scrape_interval: 1m30s
    scheme: https
    static_configs: [{targets: ["10.0.0.1:9100"]}]
"""


def job(**more):
    return {"scrape_configs": [{"job_name": "a", "static_configs": [{"targets": ["h:1"]}], **more}]}


def test_a_file_for_prometheus_is_read(tmp_path):
    path = tmp_path / "prometheus.yml"
    path.write_text(FILE)
    first, second, cart, third = read_targets([str(path)])
    assert first.url == "http://127.0.0.1:9800/metrics/web?minutes=5"
    assert first.labels == {"job": "shop", "instance": "127.0.0.1:9800", "team": "north"}
    assert (first.interval_seconds, first.timeout_seconds, first.honor_labels) == (5, 2, True)
    assert first.body_limit == 1 << 20
    assert cart.url == "http://127.0.0.1:9800/metrics/cart?minutes=5"
    assert cart.labels == {"job": "shop", "instance": "cart:8080"}
    assert second.labels["instance"] == "shop.example:80"
    assert (third.url, third.interval_seconds) == ("https://10.0.0.1:9100/metrics", 90)


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ("127.0.0.1:9100", "http://127.0.0.1:9100/metrics"),
        ("localhost:1", "http://localhost:1/metrics"),
        ("http://[::1]:9/page?a=1", "http://[::1]:9/page?a=1"),
    ],
)
def test_an_address_on_this_machine_is_enough(given, url):
    assert [target.url for target in read_targets([given])] == [url]


@pytest.mark.parametrize(
    "given", ["example.org:80", "http://169.254.169.254/", "10.0.0.1:1", "http://127.0.0.1:x", ""]
)
def test_another_machine_needs_a_file(given):
    with pytest.raises(BadInput, match="not an address on this machine"):
        read_targets([given])


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (None, "no list scrape_configs"),
        ({"scrape_configs": {}}, "no list scrape_configs"),
        ({"scrape_configs": ["x"]}, "Job 1 is not"),
        (job(relabel_configs=[]), "relabel_configs is not understood"),
        (job(scrape_interval="often"), "'often' is no duration"),
        (job(scrape_interval="0s"), "no time at all"),
        (job(body_size_limit="big"), "'big' is no size"),
        (job(static_configs=[{"targets": ["h"], "labels": {"__scheme__": "https"}}]), "__scheme__"),
        (job(static_configs=[{}]), "Job a is not"),
        (job(static_configs="x"), "Job a is not"),
    ],
)
def test_what_cannot_be_used_is_named(given, words):
    with pytest.raises(BadInput, match=words):
        parse_config(given)


def test_files_that_cannot_be_read(tmp_path):
    with pytest.raises(NotFound):
        read_targets([str(tmp_path / "none.yml")])
    path = tmp_path / "wrong.yml"
    for text, words in (("a: [", "is not YAML"), ("a: 1", "wrong.yml: There is no list")):
        path.write_text(text)
        with pytest.raises(BadInput, match=words):
            read_targets([str(path)])
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BadInput, match="is not YAML"):
        read_targets([str(path)])


def test_a_target_named_twice_or_none_is_refused():
    with pytest.raises(BadInput, match="named twice"):
        read_targets(["127.0.0.1:1", "127.0.0.1:1"])
    with pytest.raises(BadInput, match="no target"):
        read_targets([])


@pytest.mark.parametrize("text", ["", "5", "s", "5 s", "-5s", "1.5s", 5])
def test_what_prometheus_takes_for_no_duration(text):
    with pytest.raises(ValueError, match="no duration"):
        seconds(text)
