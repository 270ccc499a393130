"""Health predicates, each against rows written by hand."""

import pandas as pd
import pytest

from lab.core.errors import BadInput
from lab.world.faults.catalogue import FAULTS, fault
from lab.world.faults.health import READINGS, healthy, measured, observed, usual_seconds

TIMES = pd.date_range("2026-03-02 09:00", periods=12, freq="min", tz="UTC")


def rows(**series) -> pd.DataFrame:
    """Rows of ``observations``; None is a scrape that failed."""
    return pd.DataFrame(
        [
            (time, name, value)
            for name, values in series.items()
            for time, value in zip(TIMES, values, strict=True)
            if value is not None
        ],
        columns=["timestamp", "series_id", "value"],
    )


def requests(failed: list[float], fine: float = 100) -> pd.DataFrame:
    """Counters of payment, in a crowd of another service that only fails."""
    total = pd.Series(failed).cumsum().tolist()
    return rows(
        **{
            'http_requests_total{code="500",service="payment"}': total,
            'http_requests_total{code="200",service="payment"}': [fine * i for i in range(12)],
            'http_requests_total{code="500",service="web"}': [50.0 * i for i in range(12)],
        }
    )


def test_errors_must_be_gone_for_all_of_the_last_minutes():
    errors = fault("error_rate")
    assert not healthy(errors, requests([50.0] * 12))
    assert healthy(errors, requests([50.0] * 6 + [0.0] * 6))
    assert not healthy(errors, requests([50.0] * 10 + [0.0] * 2))


def test_a_counter_that_restarts_is_no_negative_rate():
    table = rows(**{
        'http_requests_total{code="200",service="payment"}': [1000.0 + 60 * i for i in range(6)]
        + [60.0 * i for i in range(1, 7)],
    })  # fmt: skip
    values = observed(fault("error_rate").healthy, table, "payment")
    assert (values[1:] == 0).all()
    resets = observed(fault("counter_reset").healthy, table, "payment")
    assert resets.tolist() == [0.0] * 6 + [1.0] + [0.0] * 5


def test_latency_is_the_mean_of_the_last_minute():
    table = rows(**{
        'http_request_duration_seconds_sum{service="database"}': [30.0 * i for i in range(12)],
        'http_request_duration_seconds_count{service="database"}': [10.0 * i for i in range(12)],
    })  # fmt: skip
    assert observed(fault("slow_queries").healthy, table, "database")[-1] == 3
    assert not healthy(fault("slow_queries"), table)


def test_slow_is_measured_by_what_is_usual_for_a_service_and_what_it_calls():
    assert usual_seconds("cache") == 0.0006
    assert usual_seconds("payment") == pytest.approx(0.120 + usual_seconds("database"))
    usual = usual_seconds("web")
    for factor, fine in ((1.0, True), (3.0, False)):
        total = [10.0 * factor * usual * i for i in range(12)]
        table = rows(**{
            'http_request_duration_seconds_sum{service="web"}': total,
            'http_request_duration_seconds_count{service="web"}': [10.0 * i for i in range(12)],
        })  # fmt: skip
        assert healthy(fault("latency"), table, "web") is fine


def test_silence_is_no_proof_of_health():
    down = fault("target_down")
    assert healthy(down, rows(**{'up{service="web"}': [1.0] * 12}), "web")
    assert not healthy(down, rows(**{'up{service="web"}': [1.0] * 7 + [0.0] * 5}), "web")
    assert not healthy(down, rows(**{'up{service="web"}': [1.0] * 12}), "cart")
    assert not healthy(fault("error_rate"), requests([0.0] * 12), "cart")


def test_what_metrics_cannot_say_is_refused_with_a_place_to_look():
    with pytest.raises(BadInput, match=r"Look at orders\.amount"):
        healthy(fault("null_amounts"), requests([0.0] * 12))


def test_a_full_disk_is_not_healthy_however_still_it_stands():
    disk = fault("disk_fill")
    name = 'node_filesystem_avail_bytes{instance="host-b"}'
    assert healthy(disk, rows(**{name: [4e10] * 12}), "host-b")
    assert not healthy(disk, rows(**{name: [4e10 - 4e8 * i for i in range(12)]}), "host-b")
    assert not healthy(disk, rows(**{name: [0.0] * 12}), "host-b")


def test_most_faults_of_metrics_can_be_read_and_every_reading_is_used():
    used = [each.healthy.of for each in FAULTS.values() if measured(each)]
    assert len(used) >= 28
    assert set(READINGS) <= set(used)
