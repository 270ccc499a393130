"""Requests and answers of the same minute, until they agree.

Failures make callers try again, tries make load, and load makes failures. An overloaded caller
passes less on, which relieves whom it calls. The minutes where that matters are few, so only they
go through more rounds.
"""

from dataclasses import dataclass, fields, is_dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lab.world.shop.answers import Answers, answered
from lab.world.shop.machines import Cores, cores_wanted, stretched
from lab.world.shop.resources import Resources
from lab.world.shop.traffic import Chance, Demand, demanded
from lab.world.signals import Array

Rows = NDArray[np.intp]

ROUNDS = 24
SETTLED = 0.002  # share of requests that may still change its fate
HALFWAY = 0.5  # how far a round goes towards what it finds, lest rounds swing to and fro


@dataclass(frozen=True)
class Given:
    """What every round begins with; T minutes.

    Attributes:
        requests: Requests of customers, whole numbers, shape (T,).
        at_once: Share that a node fails before any work is done, shape (T, N).
        found: Replicas, disks, cache.
        knobs: Values of every knob.
        other_cpu: Share of the hosts' CPU that everything else takes, shape (T, H).
        chance: Noise.
    """

    requests: Array
    at_once: Array
    found: Resources
    knobs: dict[str, Array]
    other_cpu: Array
    chance: Chance


@dataclass(frozen=True)
class Traffic:
    """What came, what became of it, and what it asked of the hosts."""

    demand: Demand
    answers: Answers
    cores: Cores


@dataclass(frozen=True)
class Guess:
    """What a round supposes, shape (T, N).

    Attributes:
        failing: Share of the requests to a node that fails.
        left: Share of what it would handle that it never begins, for want of capacity.
    """

    failing: Array
    left: Array

    def towards(self, traffic: Traffic, share: float) -> "Guess":
        """Go some way towards what a round found."""
        failing = traffic.answers.failed / np.maximum(traffic.demand.arrivals, 1.0)
        left = 1 - 1 / np.maximum(traffic.answers.load, 1.0)
        return Guess(
            self.failing + (failing - self.failing) * share, self.left + (left - self.left) * share
        )

    def far_from(self, other: "Guess") -> Any:
        """Which minutes differ by more than a little, shape (T,)."""
        away = np.maximum(abs(self.failing - other.failing), abs(self.left - other.left))
        return away.max(axis=1) > SETTLED


def settle(given: Given) -> Traffic:
    """Let requests and answers of each minute agree.

    Args:
        given: What the minutes begin with.

    Returns:
        The last round of every minute; in it everything adds up exactly.
    """
    guess = Guess(given.at_once, np.zeros_like(given.at_once))
    guess = guess.towards(_round(given, guess), 1.0)
    traffic = _round(given, guess)
    nearer = guess.towards(traffic, HALFWAY)
    rows = np.flatnonzero(nearer.far_from(guess))
    guess = taken(nearer, rows)
    for _ in range(ROUNDS):
        if not len(rows):
            break
        part = _round(taken(given, rows), guess)
        put(traffic, rows, part)
        nearer = guess.towards(part, HALFWAY)
        moving = np.flatnonzero(nearer.far_from(guess))
        rows, guess = rows[moving], taken(nearer, moving)
    return traffic


def _round(given: Given, guess: Guess) -> Traffic:
    demand = demanded(given.requests, given.at_once, guess.failing, guess.left,
                      given.found.miss, given.chance)  # fmt: skip
    cores = cores_wanted(demand, given.knobs, given.other_cpu)
    stretch = stretched(cores, given.found.swap)
    answers = answered(demand, given.found, given.knobs, stretch, given.chance)
    return Traffic(demand, answers, cores)


def taken(whole: Any, rows: Rows) -> Any:
    """Return some minutes of arrays, of dictionaries of arrays or of dataclasses of either."""
    if isinstance(whole, dict):
        return {name: taken(values, rows) for name, values in whole.items()}
    if is_dataclass(whole) and not isinstance(whole, type):
        return type(whole)(**{f.name: taken(getattr(whole, f.name), rows) for f in fields(whole)})
    return whole[rows]


def put(whole: Any, rows: Rows, part: Any) -> None:
    """Put some minutes back where ``taken`` took them."""
    for field in fields(whole):
        there, new = getattr(whole, field.name), getattr(part, field.name)
        if is_dataclass(there):
            put(there, rows, new)
        else:
            there[rows] = new
