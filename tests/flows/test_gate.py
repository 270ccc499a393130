"""The gate before the registry: each of its questions turns a run away by itself."""

from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from lab.core.errors import BadInput
from lab.core.workspace import Workspace
from lab.flows import gate
from lab.flows.gate import Candidate, Check, candidate, examine
from lab.flows.snapshot import recall
from lab.flows.trained_run import read_order
from lab.mlops.models import features
from tests.flows.shop import opened, trained
from tests.mlops.models.sample import sales

COMPLETE = "The run is complete"
SAVED = "The model is the one that was saved"
REPRODUCED = "The logged error is reproduced"
BASELINE = "It beats the seasonal-naive baseline"
CHAMPION = "It is not worse than the champion"


@pytest.fixture
def shop(ws: Workspace) -> Workspace:
    return opened(ws)


@pytest.fixture
def given(shop: Workspace) -> Candidate:
    """A run that passes the gate."""
    return candidate(shop, trained(shop).run_id)


def asked(ws: Workspace, given: Candidate, champion: str | None = None) -> dict[str, Check]:
    return {check.name: check for check in examine(ws, given, champion)}


def failed(checks: dict[str, Check]) -> list[str]:
    return [name for name, check in checks.items() if not check.passed]


def test_what_a_run_claims_is_not_believed(shop: Workspace, given: Candidate) -> None:
    assert list(asked(shop, given)) == [COMPLETE, SAVED, REPRODUCED, BASELINE, CHAMPION]
    assert failed(asked(shop, given)) == []
    for status in ("RUNNING", "FAILED", "KILLED"):
        found = asked(shop, replace(given, status=status))
        assert list(found) == failed(found) == [COMPLETE]
        assert found[COMPLETE].found == f"{status.lower()}, with a model"
    assert failed(asked(shop, replace(given, fingerprint=""))) == [COMPLETE]
    found = asked(shop, replace(given, fingerprint="0" * 64))
    assert (list(found), failed(found)) == ([COMPLETE, SAVED], [SAVED])
    assert given.mae is not None
    for claimed in (None, given.mae * 1.001, given.mae * 0.999, float("nan")):
        assert failed(asked(shop, replace(given, mae=claimed))) == [REPRODUCED]
    # The same sum in another order.
    assert failed(asked(shop, replace(given, mae=given.mae * (1 + 1e-9)))) == []


def test_the_baseline_must_be_beaten_by_a_twentieth(
    shop: Workspace, given: Candidate, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert given.mae is not None
    for naive, passes in ((given.mae / 0.9501, False), (given.mae / 0.9499, True)):
        monkeypatch.setattr(gate, "_naive", lambda _, naive=naive: naive)
        assert failed(asked(shop, given)) == ([] if passes else [BASELINE])


def test_the_baseline_is_the_value_of_a_week_before(shop: Workspace, given: Candidate) -> None:
    order = read_order(shop, given.run_id)
    rows = recall(shop, order.sha256)
    before = rows.assign(date=rows["date"] + pd.Timedelta(days=7))[["date", "store", "units"]]
    held = gate.holdout_rows(rows, order).keys.astype({"date": rows["date"].dtype})
    both = held.merge(rows).merge(before, on=["date", "store"], suffixes=("", "_before"))
    naive = (both["units"] - both["units_before"]).abs().mean()
    assert len(both) == len(held)
    assert f"(5% below {naive:.4g})" in asked(shop, given)[BASELINE].expected


def test_a_champion_is_beaten_or_equalled_on_the_same_rows(
    shop: Workspace, given: Candidate, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert failed(asked(shop, given, given.run_id)) == []
    assert given.mae is not None
    for theirs, passes in ((given.mae * 0.999, False), (given.mae * 1.001, True)):
        monkeypatch.setattr(gate, "_champion_error", lambda *_, theirs=theirs: theirs)
        found = asked(shop, given, "another")
        assert failed(found) == ([] if passes else [CHAMPION])
        assert f"{theirs:.4g} on the same rows" in found[CHAMPION].expected


def test_a_champion_is_scored_on_the_rows_of_its_rival(shop: Workspace, given: Candidate) -> None:
    """Its own holdout may have been an easier one."""
    shop.store.write("shop", sales(160, 2, seed=1))
    rival = candidate(shop, trained(shop).run_id)
    found = asked(shop, rival, given.run_id)[CHAMPION]
    assert found.expected != f"error at most {given.mae:.4g} on the same rows"
    assert "on the same rows" in found.expected


def test_a_champion_that_cannot_be_scored_is_not_beaten(shop: Workspace) -> None:
    shop.store.write("shop", sales(160, 2).assign(weather=lambda rows: rows["price"] * 2))
    champion = trained(shop)
    shop.store.write("shop", sales(160, 2))
    found = asked(shop, candidate(shop, trained(shop).run_id), champion.run_id)
    assert failed(found) == [CHAMPION]
    assert "no column 'weather'" in found[CHAMPION].found


def test_a_champion_with_a_longer_past_is_not_beaten_on_fewer_rows(
    shop: Workspace, given: Candidate, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = read_order(shop, given.run_id)
    rows = recall(shop, order.sha256)
    test, whole = gate.holdout_rows(rows, order), features.design

    def shorter(*args: Any) -> features.Design:
        made = whole(*args)
        return made.part(made.y.index.to_series() != test.y.index[0])

    monkeypatch.setattr(features, "design", shorter)
    with pytest.raises(BadInput, match="needs a longer past"):
        gate._champion_error(shop, order, rows, test, given.run_id)
