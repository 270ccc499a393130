"""One story of releases: metrics show the builds that the change log names."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

from lab.world.lenses.changes import changes
from lab.world.lenses.metrics import Series, Totals
from lab.world.lenses.metrics_nodes import targets
from lab.world.shop.simulate import simulate
from lab.world.shop.topology import NODE_NAMES
from tests.world.lenses.shown import deploys, of, seen
from tests.world.shop.strikes import BEGINS, LASTS, MINUTES, START, at

SEED = 6  # nothing harmless is released in its first hours


def builds(found: dict[str, Series], service: str) -> pd.DataFrame:
    """When each build ran, by version and digest."""
    rows = [(one.labels["version"], one.labels["digest"], *one.values) for one in found.values()
            if one.metric == "app_build_info" and one.labels["service"] == service]  # fmt: skip
    return pd.DataFrame(rows).set_index([0, 1]).T.reset_index(drop=True)


@pytest.mark.parametrize("kind", ["bad_deploy", "slow_deploy"])
def test_a_deploy_shows_in_metrics_as_in_the_change_log(kind: str) -> None:
    run = simulate(SEED, START, MINUTES, [at(kind, "cart")])
    found = seen(run)
    ran = builds(found, "cart")
    assert (ran.sum(axis=1) == 1).all()
    told = deploys(run, "cart")
    assert [run.times.get_loc(one) for one in told["timestamp"]] == [BEGINS, BEGINS + LASTS]
    assert told["kind"].tolist() == ["deploy", "rollback"]
    for minute, build in ((BEGINS, 0), (BEGINS + LASTS - 1, 0), (BEGINS + LASTS, 1)):
        version, digest = told.iloc[build][["version", "digest"]]
        assert ran.loc[minute, (version, digest)] == 1
    assert ran.loc[BEGINS - 1].equals(ran.loc[BEGINS + LASTS])
    started = of(found, "process_start_time_seconds", service="cart")
    assert np.flatnonzero(np.diff(started)).tolist() == [BEGINS - 1, BEGINS + LASTS - 1]
    assert started[BEGINS] == told["timestamp"].iloc[0].timestamp()


def test_an_image_that_is_not_there_never_runs() -> None:
    run = simulate(SEED, START, MINUTES, [at("bad_image_tag", "cart")])
    missing, back = deploys(run, "cart")["version"]
    ran = builds(seen(run), "cart").columns.get_level_values(0)
    assert ran.tolist() == [back]
    assert missing != back


def test_what_was_tampered_with_is_in_no_change_log() -> None:
    run = simulate(SEED, START, MINUTES, [at("tampered_artefact", "cart")])
    released, other = builds(seen(run), "cart").columns
    assert released[0] == other[0]
    assert released[1] != other[1]
    assert other[1] not in changes(run)["digest"].tolist()


def test_weeks_of_builds_are_those_of_the_change_log() -> None:
    # Two faults at once: the first to be put right takes nothing away from the other.
    later = replace(at("slow_deploy", "web", minutes=9000), start=START + timedelta(days=1))
    struck = (at("bad_deploy", "web", minutes=3000), later)
    run = replace(simulate(SEED, START, 21 * 1440), incidents=struck)
    for node, target in zip(NODE_NAMES, targets(run, Totals()), strict=True):
        told = deploys(run, node)
        since = [run.times[0], *told["timestamp"]]
        versions = ["2026.03.01.1", *told["version"]]
        assert (sum(target.builds.values()) == 1).all()
        for time, version in zip(since, versions, strict=True):
            assert target.builds[version][run.times.get_loc(time)]
        assert set(run.times[target.begins]) == set(told["timestamp"])
