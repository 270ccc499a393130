"""Knobs: a pure function of incidents and minutes, the same in chunks as in one go."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.world.faults.catalogue import FAULTS
from lab.world.faults.fault import Effect, Fault, Health, Incident
from lab.world.faults.incident import draw, strike
from lab.world.faults.turning import knobs
from lab.world.shop.knobs import KNOBS
from lab.world.shop.topology import HOST_NAMES, NODE_NAMES

START = datetime(2026, 3, 2, 9, tzinfo=UTC)


def minutes(count: int, after: int = 0) -> pd.DatetimeIndex:
    return pd.date_range(START + timedelta(minutes=after), periods=count, freq="min")


def incident(*effects: Effect, target="payment", at=2, until: int | None = 7, severity=0.5):
    fault = Fault("toy", "service", "", "", (target,), (10, 20), effects, "", (), Health("", ""))
    end = None if until is None else START + timedelta(minutes=until)
    return Incident("toy", fault, target, START + timedelta(minutes=at), end, severity, 0)


def at_payment(knob: str, *incidents: Incident, count: int = 10) -> list[float]:
    return knobs(incidents, minutes(count))[knob][:, NODE_NAMES.index("payment")].tolist()


def test_without_incidents_everything_is_neutral_and_shaped_by_its_scope():
    turned = knobs((), minutes(5))
    shapes = {"node": (5, len(NODE_NAMES)), "host": (5, len(HOST_NAMES)), "shop": (5,)}
    assert set(turned) == set(KNOBS)
    for name, values in turned.items():
        assert values.shape == shapes[KNOBS[name].scope]
        assert (values == KNOBS[name].neutral).all()


def test_a_step_holds_within_its_half_open_window():
    step = incident(Effect("error_rate", 0.8))
    assert at_payment("error_rate", step) == [0, 0, 0.4, 0.4, 0.4, 0.4, 0.4, 0, 0, 0]
    others = np.delete(knobs((step,), minutes(10))["error_rate"], NODE_NAMES.index("payment"), 1)
    assert not others.any()


def test_a_ramp_ends_at_its_amount_and_without_an_end_grows_over_the_longest_duration():
    ramp = Effect("error_rate", 1.0, "ramp", delay_minutes=1)
    np.testing.assert_allclose(
        at_payment("error_rate", incident(ramp, severity=1)), [0, 0, 0, .25, .5, .75, 1, 0, 0, 0]
    )  # fmt: skip
    open_ended = at_payment("error_rate", incident(ramp, until=None, severity=1), count=40)
    np.testing.assert_allclose(open_ended[3:6], np.array([1, 2, 3]) / 19)
    assert open_ended[-1] == 1


def test_a_pulse_is_one_minute_and_a_flap_every_other_three():
    pulse = incident(Effect("counter_reset", 1, "pulse", delay_minutes=1))
    assert at_payment("counter_reset", pulse) == [0, 0, 0, 1, 0, 0, 0, 0, 0, 0]
    flap = at_payment("error_rate", incident(Effect("error_rate", 1, "flap"), until=None))
    assert flap == [0, 0, 0.5, 0.5, 0.5, 0, 0, 0, 0.5, 0.5]


def test_a_switch_goes_all_the_way_however_light_the_turn():
    assert at_payment("scrape", incident(Effect("scrape", 0), severity=0.1))[2] == 0
    assert at_payment("scrape", incident(Effect("scrape", 0), severity=0.0))[2] == 1
    unit = knobs((incident(Effect("unit_factor", 100), severity=0.3),), minutes(4))
    assert unit["unit_factor"].tolist() == [1, 1, 100, 100]


def test_turns_of_one_knob_join_by_its_rule_and_stay_in_range():
    errors = incident(Effect("error_rate", 0.8))
    slower = incident(Effect("slowdown", 3.0))
    assert at_payment("error_rate", errors, errors)[2] == 0.8
    assert at_payment("error_rate", errors, errors, errors)[2] == 1
    assert at_payment("slowdown", slower, slower)[2] == 4


def test_a_host_stands_for_what_runs_on_it_and_a_node_for_its_host():
    hog = knobs((incident(Effect("cpu_taken", 1, where="host")),), minutes(3))["cpu_taken"]
    assert hog[2].tolist() == [0, 0, 0.5, 0]
    slow = incident(Effect("slowdown", 2), target="host-a")
    assert knobs((slow,), minutes(3))["slowdown"][2, :3].tolist() == [1.5, 1.5, 1]
    named = incident(Effect("slowdown", 2, where="web"))
    assert knobs((named,), minutes(3))["slowdown"][2, :3].tolist() == [1, 1.5, 1]


@settings(max_examples=25)
@given(
    kinds=st.lists(st.sampled_from(sorted(FAULTS)), min_size=1, max_size=3, unique=True),
    at=st.integers(-200, 200),
    cuts=st.lists(st.integers(1, 299), max_size=4, unique=True),
)
def test_chunks_are_byte_identical_to_one_go(kinds, at, cuts):
    begin = START + timedelta(minutes=at)
    struck = [strike(kind, start=begin, seed=at + 200) for kind in kinds]
    whole = knobs(struck, minutes(300))
    edges = [0, *sorted(cuts), 300]
    parts = [knobs(struck, minutes(b - a, a)) for a, b in pairwise(edges)]
    for name, values in whole.items():
        assert np.concatenate([part[name] for part in parts]).tobytes() == values.tobytes()


def test_a_drawn_composite_turns_only_known_knobs():
    assert set(knobs(draw(3, START, 240, 4), minutes(240))) == set(KNOBS)
