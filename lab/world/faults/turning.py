"""Incidents turned into knobs: the value of every knob at every minute.

What a minute looks like depends on nothing but the incidents and the minute itself, so a run
made in chunks is the same as one made in one go.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from lab.world.faults.fault import Effect, Incident
from lab.world.shop.knobs import KNOBS, Knob
from lab.world.shop.topology import HOST_NAMES, HOST_OF, NODE_NAMES, NODES
from lab.world.signals import DAY_MINUTES, Array

MINUTE = pd.Timedelta(minutes=1)
FLAP_MINUTES = 3
WIDTHS = {"node": len(NODE_NAMES), "host": len(HOST_NAMES), "shop": 1}


def knobs(incidents: Sequence[Incident], times: pd.DatetimeIndex) -> dict[str, Array]:
    """Return how every knob stands at every minute.

    A turn goes from the knob's neutral value towards the effect's amount, as far as the
    severity says; a switch goes all the way. Turns of one knob combine by its joining rule.

    Args:
        incidents: What strikes; none is a healthy shop.
        times: UTC times, one per minute, shape (T,).

    Returns:
        Every name in ``KNOBS`` to its values: shape (T, N), (T, H) or (T,) by its scope.
    """
    turned = {knob.name: _neutral(knob, len(times)) for knob in KNOBS.values()}
    for incident in incidents:
        for effect in incident.fault.effects:
            knob = KNOBS[effect.knob]
            turn = knob.neutral + (effect.amount - knob.neutral) * _dial(incident, knob) * (
                profile(effect, incident, times)
            )
            for column in columns(knob, effect, incident.target):
                _join(knob, turned[knob.name], column, turn)
    return {
        name: np.clip(
            values if KNOBS[name].scope != "shop" else values[:, 0], 0, KNOBS[name].highest
        )
        for name, values in turned.items()
    }


def profile(effect: Effect, incident: Incident, times: pd.DatetimeIndex) -> Array:
    """Return how far an effect is turned at each minute, whatever the severity.

    Args:
        effect: One of the incident's effects.
        incident: When it strikes; a ramp without an end grows over the longest duration.
        times: UTC times, one per minute, shape (T,).

    Returns:
        Shape (T,), 0 for not at all to 1 for the whole amount.
    """
    since = np.floor((times - pd.Timestamp(incident.start)) / MINUTE) - effect.delay_minutes
    running = since >= 0
    if incident.end is not None:
        running &= np.asarray(times < pd.Timestamp(incident.end))
    shapes = {
        "step": np.ones(len(times)),
        "ramp": np.clip((since + 1) / _ramp_minutes(effect, incident), 0, 1),
        "pulse": since == 0,
        "flap": since // FLAP_MINUTES % 2 == 0,
        "daily": 0.5 - 0.5 * np.cos(2 * np.pi * (times.hour * 60 + times.minute) / DAY_MINUTES),
    }
    return np.asarray(np.where(running, shapes[effect.shape], 0.0), dtype=np.float64)


def columns(knob: Knob, effect: Effect, target: str) -> list[int]:
    """Return which nodes or hosts an effect reaches, as columns of the knob.

    A host stands for all that runs on it where the knob is one of nodes, and a node for its
    host where the knob is one of hosts.

    Args:
        knob: The knob the effect turns.
        effect: Says where.
        target: What the incident strikes.

    Returns:
        Column numbers; ``[0]`` for a knob of the whole shop.

    >>> columns(KNOBS["cpu_taken"], Effect("cpu_taken", 0.9), "payment")
    [2]
    """
    if knob.scope == "shop":
        return [0]
    name = target if effect.where in ("root", "host") else effect.where
    if effect.where == "host" or knob.scope == "host":
        name = HOST_OF.get(name, name)
    if knob.scope == "host":
        return [HOST_NAMES.index(name)]
    return [i for i, node in enumerate(NODES) if name in (node.name, node.host)]


def _neutral(knob: Knob, minutes: int) -> Array:
    return np.full((minutes, WIDTHS[knob.scope]), float(knob.neutral))


def _dial(incident: Incident, knob: Knob) -> float:
    return float(incident.severity > 0) if knob.switch else incident.severity


def _join(knob: Knob, values: Array, column: int, turn: Array) -> None:
    """Combine a turn with what is there; every rule leaves it alone where the turn is neutral."""
    before = values[:, column]
    values[:, column] = {
        "add": before + (turn - knob.neutral),
        "multiply": before * turn,
        "max": np.maximum(before, turn),
    }[knob.joining]


def _ramp_minutes(effect: Effect, incident: Incident) -> float:
    if incident.end is None:
        return max(incident.fault.minutes[1] - effect.delay_minutes, 1)
    whole = (pd.Timestamp(incident.end) - pd.Timestamp(incident.start)) / MINUTE
    return max(whole - effect.delay_minutes, 1)
