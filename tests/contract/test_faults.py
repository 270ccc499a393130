"""Every fault of the catalogue, found by discovery, keeps the one contract."""

import re
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import get_args

import numpy as np
import pandas as pd
import pytest

from lab.core.schemas import TABLES, series_id
from lab.world.faults.catalogue import FAULTS, fault
from lab.world.faults.fault import Family, Incident
from lab.world.faults.health import healthy, measured
from lab.world.faults.incident import recovered, strike, twin
from lab.world.faults.truth import affected
from lab.world.faults.turning import knobs
from lab.world.lenses.alerts import alerts
from lab.world.lenses.labels import labels
from lab.world.lenses.logs import logs
from lab.world.lenses.metrics import Totals, series
from lab.world.lenses.orders import orders
from lab.world.shop.knobs import KNOBS
from lab.world.shop.run import ShopRun
from lab.world.shop.simulate import simulate
from lab.world.shop.topology import HOST_NAMES, NODE_NAMES

START = datetime(2026, 3, 2, 11, tzinfo=UTC)
MINUTES = 60
STRIKES = START + timedelta(minutes=20)
TIMES = pd.date_range(START, periods=MINUTES, freq="min")
PLACES = {*NODE_NAMES, *HOST_NAMES, "alerts", "orders", "order_labels"}
# A whole stretch of the shop: healthy, struck for a while, healthy again.
LIFE, STRUCK, LASTS = 150, START + timedelta(minutes=40), 50
# Alerts can only go wrong when some fire.
FIRING = strike("error_rate", "cart", start=START + timedelta(minutes=20), minutes=90, severity=0.9)
LENSES = {"logs": logs, "alerts": lambda run: alerts(run)[0], "orders": orders,
          "order_labels": labels}  # fmt: skip
REMEDIES = {
    "restart", "scale", "roll_back", "fail_over", "clean_disk", "rotate_key", "silence",
    "quarantine", "retrain", "wait", "shed_load",
}  # fmt: skip

every = pytest.mark.parametrize("kind", FAULTS)


def turned(kind: str, severity: float = 0.7, target: str = "") -> dict[str, np.ndarray]:
    struck = strike(kind, target, start=STRIKES, minutes=25, severity=severity)
    return knobs((struck,), TIMES)


def distance(values: dict[str, np.ndarray], kind: str) -> float:
    """How far the knobs of a fault are from neutral, all in all."""
    touched = {effect.knob for effect in FAULTS[kind].effects}
    return sum(float(np.abs(values[name] - KNOBS[name].neutral).sum()) for name in touched)


def test_the_catalogue_is_large_and_every_family_has_its_faults():
    assert len(FAULTS) >= 45
    assert {one.family for one in FAULTS.values()} == set(get_args(Family))


@every
def test_it_is_described_in_words_and_has_a_way_out(kind):
    one = fault(kind)
    assert one.title[0].isupper()
    assert one.note.endswith(".")
    assert len(one.note) > 30
    assert set(one.remedies) <= REMEDIES
    assert one.remedies
    assert one.shows
    assert 1 <= one.minutes[0] <= one.minutes[1]
    assert (one.healthy.below is None) != (one.healthy.above is None)
    assert one.healthy.minutes >= 1
    assert one.change in ("", "deploy", "config")


@cache
def emitted() -> frozenset[str]:
    """Metrics that the shop shows, and the families of its histograms."""
    names = {one.metric for one in series(at_rest(False), Totals())}
    return frozenset(names | {re.sub("_(sum|count|bucket)$", "", name) for name in names})


def known(name: str) -> bool:
    """Whether a metric, a table or a column of that name can be looked at."""
    table, _, column = name.partition(".")
    if table in TABLES:
        return column in ("", *TABLES[table].names)
    return any(re.fullmatch(name, metric) for metric in emitted())


@every
def test_what_it_names_is_there_to_be_looked_at(kind):
    one = fault(kind)
    assert known(one.shows), one.shows
    assert known(one.healthy.metric), one.healthy.metric
    assert set(one.targets) <= {*NODE_NAMES, *HOST_NAMES, *TABLES}


@every
def test_its_knobs_and_targets_exist(kind):
    one = fault(kind)
    assert one.effects
    assert set(one.targets) <= PLACES
    assert len(set(one.targets)) == len(one.targets)
    for effect in one.effects:
        assert effect.knob in KNOBS
        assert effect.amount != KNOBS[effect.knob].neutral
        assert 0 <= effect.amount <= KNOBS[effect.knob].highest
        assert effect.where in ("root", "host", *NODE_NAMES, *HOST_NAMES)


@every
def test_every_target_can_be_struck_and_something_turns(kind):
    for target in fault(kind).targets:
        assert distance(turned(kind, target=target), kind) > 0


@every
def test_the_twin_leaves_everything_byte_identical(kind):
    struck = strike(kind, start=STRIKES, minutes=25)
    healthy = knobs((), TIMES)
    for name, values in knobs((twin(struck),), TIMES).items():
        assert values.tobytes() == healthy[name].tobytes()


@every
def test_more_severe_is_never_less(kind):
    distances = [distance(turned(kind, severity), kind) for severity in (0, 0.1, 0.4, 0.7, 1)]
    assert distances == sorted(distances)
    assert distances[-1] > distances[0] == 0


@every
def test_before_its_start_and_after_its_end_all_is_neutral(kind):
    struck = strike(kind, start=STRIKES, minutes=200)
    ended = knobs((recovered(struck, STRIKES + timedelta(minutes=10)),), TIMES)
    for name, values in ended.items():
        assert (values[:20] == KNOBS[name].neutral).all()
        assert (values[30:] == KNOBS[name].neutral).all()


def lived(kind: str, severity: float = 0.9) -> tuple[ShopRun, Incident]:
    """A stretch of the shop's life with one fault in it."""
    struck = strike(kind, start=STRUCK, minutes=LASTS, severity=severity)
    also = (FIRING,) if FAULTS[kind].family == "alerts" else ()
    return simulate(7, START, LIFE, (struck, *also)), struck


@cache
def at_rest(firing: bool) -> ShopRun:
    return simulate(7, START, LIFE, (FIRING,) if firing else ())


def metrics(run: ShopRun, place: str = "") -> pd.DataFrame:
    """Metrics of a node or a host, wide; of all without one."""
    return pd.DataFrame(
        {
            series_id(one.metric, one.labels): one.values
            for one in series(run, Totals())
            if place in ("", one.labels.get("service", one.labels["instance"]))
        },
        index=run.times,
    )


def observations(run: ShopRun, place: str) -> pd.DataFrame:
    """The same as rows of ``observations``; a scrape that failed left none."""
    wide = metrics(run, place).rename_axis("timestamp").reset_index()
    rows = wide.melt("timestamp", var_name="series_id").dropna()
    others = [(time, "up", 1.0) for time in run.times]  # time goes on whoever is silent
    return pd.concat([rows, pd.DataFrame(others, columns=rows.columns)])


@every
def test_what_shows_it_differs_from_the_twin_while_it_lasts(kind):
    run, struck = lived(kind)
    shows = FAULTS[kind].shows
    table, _, column = shows.partition(".")
    if table in LENSES:
        with_it, without = (
            LENSES[table](each) for each in (run, at_rest(FAULTS[kind].family == "alerts"))
        )
        assert not with_it.equals(without)
        assert column in ("", *with_it.columns)
        return
    ours, twins = metrics(run, struck.target).align(metrics(at_rest(False), struck.target))
    named = ours.columns.str.match(f"{shows}(_sum|_count)?({{|$)")
    assert named.any(), f"{shows} is no metric of {struck.target}"
    differs = ~((ours == twins) | (ours.isna() & twins.isna())).loc[:, named].all(axis=1)
    assert not differs.iloc[:40].any()
    delay = min(effect.delay_minutes for effect in FAULTS[kind].effects)
    gradual = any(effect.shape == "ramp" for effect in FAULTS[kind].effects)
    assert differs.iloc[40 + delay : 40 + LASTS if gradual else 44 + delay].any()


@every
def test_its_end_can_be_told_from_what_anybody_can_see(kind):
    one = fault(kind)
    if not measured(one):
        assert known(one.healthy.metric)
        return
    run, struck = lived(kind)
    rows = observations(run, struck.target)

    def well(minute: int) -> bool:
        return healthy(one, rows[rows["timestamp"] < run.times[0] + minute * run.times.freq], "")

    soon = 4 if kind == "counter_reset" else LASTS
    assert (well(40), well(40 + soon), well(LIFE)) == (True, False, True)


@every
def test_a_twin_in_the_shop_is_no_fault_at_all(kind):
    run, _ = lived(kind, severity=0.0)
    rest = at_rest(FAULTS[kind].family == "alerts")
    for name, values in vars(run.flows).items():
        assert values.tobytes() == getattr(rest.flows, name).tobytes()


@pytest.mark.parametrize("kind", ["error_rate", "dependency_down", "auth_revoked", "wrong_port"])
def test_failures_reach_nobody_the_truth_does_not_name(kind):
    run, struck = lived(kind)
    named = {reach.name for reach in affected(struck)}
    failed = run.flows.failed[40:90].sum(axis=0) / run.flows.arrivals[40:90].sum(axis=0)
    quiet = at_rest(False).flows
    usual = quiet.failed[40:90].sum(axis=0) / quiet.arrivals[40:90].sum(axis=0)
    more = {name for name, share in zip(NODE_NAMES, failed - usual, strict=True) if share > 0.02}
    assert struck.target in more or kind == "wrong_port"
    assert more <= named
