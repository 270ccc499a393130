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

ROUNDS = 40
SETTLED = 0.01  # share of requests about which a guess may be wrong


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

    def towards(self, found: "Guess", share: float) -> "Guess":
        """Go some way towards what a round found."""
        return Guess(
            self.failing + (found.failing - self.failing) * share,
            self.left + (found.left - self.left) * share,
        )

    def wrong(self, found: "Guess") -> NDArray[np.bool_]:
        """Which minutes turned out otherwise, shape (T,)."""
        away = np.maximum(abs(self.failing - found.failing), abs(self.left - found.left))
        return np.asarray(away.max(axis=1) > SETTLED)


def seen_in(traffic: Traffic) -> Guess:
    """Return what a guess should have been."""
    return Guess(traffic.answers.failing, 1 - 1 / np.maximum(traffic.answers.load, 1.0))


def settle(given: Given) -> Traffic:
    """Let requests and answers of each minute agree.

    Args:
        given: What the minutes begin with.

    Returns:
        The last round of every minute; in it everything adds up exactly.
    """
    guess = seen_in(_round(given, Guess(given.at_once, np.zeros_like(given.at_once))))
    traffic = _round(given, guess)
    found = seen_in(traffic)
    rows = moving = np.flatnonzero(guess.wrong(found))
    for number in range(ROUNDS):
        if not len(rows):
            break
        # Ever shorter steps: where requests and answers swing to and fro, they meet in between.
        guess = taken(guess, moving).towards(taken(found, moving), 1 / (number + 2))
        part = _round(taken(given, rows), guess)
        put(traffic, rows, part)
        found = seen_in(part)
        moving = np.flatnonzero(guess.wrong(found))
        rows = rows[moving]
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
