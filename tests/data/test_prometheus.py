"""What a Prometheus answers is read, counted first, and left out where it is not a sample."""

import gzip

import pytest

from lab.core.errors import BadInput
from lab.data.prometheus import connected
from lab.data.prometheus_grid import Grid
from tests.data.prometheus_asked import FEW, ONE, ask, settings
from tests.data.prometheus_servers import Reply, failure, fake, success

# Good answers


def test_values_and_names_are_read_and_strangers_left_out() -> None:
    values = [[540, "9"], [600, "1e3"], [660.5, "NaN"], [720, "+Inf"], [1140, "-Inf"], [1200, "9"]]
    series = {"metric": {"instance": 'a"b'}, "values": values}
    with fake(lambda _: success([series])) as server:
        (one,) = ask(server, "rate(up\n  [5m])")
    assert one.series_id == 'rate(up [5m]){instance="a\\"b"}'
    assert one.times.tolist() == [600_000_000, 660_500_000, 720_000_000, 1_140_000_000]
    assert [str(value) for value in one.values] == ["1000.0", "nan", "inf", "-inf"]
    asked = server.asked[0].params
    assert asked == {
        "query": "rate(up\n  [5m])", "start": "600", "end": "1140", "step": "60", "timeout": "5s",
    }  # fmt: skip


def test_a_path_before_the_api_and_a_slash_after_it_are_kept_right() -> None:
    with (
        fake(lambda _: success(["b", "a"], "names")) as server,
        connected(settings(f" {server.url}/prom/?x=1#y ")) as reader,
    ):
        assert reader.names() == ["a", "b"]
    assert server.asked[0].path == "/prom/api/v1/label/__name__/values"


def test_compressed_answers_are_read() -> None:
    status, headers, body = success([ONE])
    assert isinstance(body, bytes)
    packed = status, {**headers, "Content-Encoding": "gzip"}, gzip.compress(body)
    with fake(lambda _: packed) as server:
        assert ask(server)[0].values.tolist() == [1, 2.5]


def count_reply(count: int) -> Reply:
    return success([{"metric": {}, "values": [[600, str(count)]]}])


def test_series_are_counted_by_the_server() -> None:
    with (
        fake(lambda _: count_reply(17)) as server,
        connected(settings(server.url)) as reader,
    ):
        assert reader.series_count("up # all", Grid(600, 60, 2_880)) == 17
    assert server.asked[0].params["query"] == "count(\nup # all\n)"
    assert server.asked[0].params["step"] == str(60 * 96)


def test_too_many_series_are_refused_before_they_are_read() -> None:
    with (
        fake(lambda _: count_reply(4_312)) as server,
        connected(settings(server.url)) as reader,
        pytest.raises(BadInput, match="gives 4\u202f312 series; at most 200"),
    ):
        reader.series_count("up", FEW)
    assert len(server.asked) == 1


def test_what_cannot_be_counted_counts_as_one() -> None:
    with (
        fake(lambda _: failure(400, "bad_data", "expected vector")) as server,
        connected(settings(server.url)) as reader,
    ):
        assert reader.series_count("time()", FEW) == 1
