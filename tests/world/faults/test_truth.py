"""Truth follows the topology, and its seal shows when somebody changed it."""

import json
from datetime import UTC, datetime

import pytest

from lab.core.errors import BadInput, NotFound
from lab.core.workspace import Workspace, open_workspace
from lab.flows.world_truth import seal, unseal
from lab.world.faults.catalogue import FAULTS
from lab.world.faults.incident import draw, strike, twin
from lab.world.faults.truth import Truth, truth
from lab.world.shop.topology import NODE_NAMES

START = datetime(2026, 3, 2, 9, tzinfo=UTC)


def reached(kind: str, target: str = "") -> dict[str, int]:
    found = truth(strike(kind, target, start=START)).affected
    return {reach.name: reach.within_minutes for reach in found}


def test_a_failure_climbs_to_everyone_who_waits_and_to_nobody_else():
    assert reached("error_rate", "payment") == {"payment": 0, "cart": 1, "web": 2, "edge": 3}
    down = reached("dependency_down", "database")
    assert down == {
        "database": 0, "cart": 1, "catalogue": 1, "payment": 1, "web": 2, "edge": 3,
    }  # fmt: skip


def test_nobody_waits_for_the_queue():
    assert reached("queue_lag") == {"queue": 0}


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


def test_what_is_sealed_comes_back_and_is_private_and_not_readable_at_a_glance(ws: Workspace):
    incidents = draw(5, START, 240)
    path = seal(ws, "game day", incidents)
    assert path.stat().st_mode & 0o777 == 0o600
    text = path.read_text()
    assert not any(incident.fault.kind in text or incident.target in text for incident in incidents)
    assert unseal(ws, "game day") == tuple(truth(incident) for incident in incidents)
    seal(ws, "game day", ())
    assert unseal(ws, "game day") == ()
    assert [file.name for file in path.parent.iterdir()] == ["game day.sealed"]


def test_a_changed_a_cut_and_a_foreign_file_are_noticed(ws: Workspace, tmp_path):
    path = seal(ws, "world", draw(5, START, 240))
    text = path.read_text()
    for other in (text.replace("A", "B", 1), text[:-20], "", "lab-truth-1\n\n\n"):
        path.write_text(other)
        with pytest.raises(BadInput, match="was changed"):
            unseal(ws, "world")
    elsewhere = open_workspace(tmp_path / "elsewhere")
    (elsewhere.folder("truth") / "world.sealed").write_text(text)
    with pytest.raises(BadInput, match="another workspace"):
        unseal(elsewhere, "world")


def test_what_was_never_sealed_and_a_name_that_leaves_are_refused(ws: Workspace):
    with pytest.raises(NotFound, match="No truth"):
        unseal(ws, "nothing")
    with pytest.raises(BadInput):
        unseal(ws, "../secrets")
