"""Truth follows the topology."""

import json
from datetime import UTC, datetime

import pytest

from lab.world.faults.catalogue import FAULTS
from lab.world.faults.incident import strike, twin
from lab.world.faults.truth import Truth, truth
from lab.world.shop.topology import NODE_NAMES

START = datetime(2026, 3, 2, 9, tzinfo=UTC)


def reached(kind: str, target: str = "") -> dict[str, int]:
    found = truth(strike(kind, target, start=START)).affected
    return {reach.name: reach.within_minutes for reach in found}


def test_a_failure_climbs_to_everyone_who_waits_and_to_nobody_else():
    failing = reached("error_rate", "payment")
    assert failing == {"payment": 0, "cart": 1, "web": 2, "edge": 3, "host-c": 1}
    down = reached("dependency_down", "database")
    assert down == {
        "database": 0, "cart": 1, "catalogue": 1, "payment": 1, "web": 2, "edge": 3, "host-d": 1,
    }  # fmt: skip


def test_nobody_waits_for_the_queue():
    assert reached("queue_lag") == {"queue": 0, "host-b": 1}


def test_a_host_reaches_what_runs_on_it_then_who_waits_for_that():
    found = reached("cpu_hog", "host-b")
    assert next(iter(found)) == "host-b"
    assert {"catalogue", "cart", "queue"} <= {name for name, when in found.items() if when == 1}
    assert found["web"] == 2
    assert "database" not in found


def test_telemetry_data_and_alerts_reach_only_the_root_and_demand_everybody():
    for kind in ("target_down", "clock_skew", "log_flood", "null_amounts", "alert_storm"):
        assert len(reached(kind)) == 1
    assert set(reached("flood")) >= set(NODE_NAMES)


def test_the_twin_reaches_nobody():
    assert truth(twin(strike("flood", start=START))).affected == ()


@pytest.mark.parametrize("kind", FAULTS)
def test_a_record_survives_json(kind):
    record = truth(strike(kind, start=START))
    assert Truth.from_json(json.loads(json.dumps(record.to_json()))) == record
