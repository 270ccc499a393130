"""Every fault of the catalogue, found by discovery, keeps the one contract."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from lab.world.faults.catalogue import FAULTS, families, fault
from lab.world.faults.incident import recovered, strike, twin
from lab.world.faults.turning import knobs
from lab.world.shop.knobs import KNOBS
from lab.world.shop.topology import HOST_NAMES, NODE_NAMES

START = datetime(2026, 3, 2, 11, tzinfo=UTC)
MINUTES = 60
STRIKES = START + timedelta(minutes=20)
TIMES = pd.date_range(START, periods=MINUTES, freq="min")
PLACES = {*NODE_NAMES, *HOST_NAMES, "alerts", "orders", "labels", "predictions"}
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
    assert all(families().values())
    assert sum(map(len, families().values())) == len(FAULTS)


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
