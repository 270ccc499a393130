"""Truth is sealed beside the tables: private, and a change of it is noticed."""

from datetime import UTC, datetime

import pytest

from lab.core.errors import BadInput, NotFound
from lab.core.workspace import Workspace, open_workspace
from lab.flows.world_truth import reached, seal, unseal
from lab.world.faults.incident import draw, strike
from lab.world.faults.truth import truth

START = datetime(2026, 3, 2, 9, tzinfo=UTC)


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


def test_whom_an_incident_reached_is_named_as_metrics_name_it(ws: Workspace):
    cart = strike("error_rate", "cart", start=START, minutes=30)
    hog = strike("cpu_hog", "host-a", start=START, minutes=30)
    seal(ws, "shop", [cart, hog])
    found = reached(ws, "shop")
    assert found[cart.incident_id] == ("host-b", "web:8080", "edge:8080")
    assert set(found[hog.incident_id]) == {"edge:8080", "web:8080"}
    assert reached(ws, "own data") == {}


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
