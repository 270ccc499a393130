"""Requests and answers of the same minute, until they agree.

Failures make callers try again, tries make load, and load makes failures.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lab.world.shop.answers import Answers, answered
from lab.world.shop.machines import Cores, cores_wanted, stretched
from lab.world.shop.resources import Resources
from lab.world.shop.traffic import Chance, Demand, demanded, failing_at_once
from lab.world.signals import Array

# Without an overload the second round changes next to nothing; with one the third is near enough.
ROUNDS = 3


@dataclass(frozen=True)
class Traffic:
    """What came, what became of it, and what it asked of the hosts."""

    demand: Demand
    answers: Answers
    cores: Cores


def settle(
    requests: Array,
    found: Resources,
    knobs: dict[str, Array],
    times: pd.DatetimeIndex,
    chance: Chance,
) -> Traffic:
    """Let requests and answers of each minute agree.

    Args:
        requests: Requests of customers, whole numbers, shape (T,).
        found: Replicas, disks, cache.
        knobs: Values of every knob.
        times: UTC times, shape (T,).
        chance: Noise.

    Returns:
        The last round; in it everything adds up exactly.
    """
    at_once = failing_at_once(knobs, found)
    failing = at_once
    for _ in range(ROUNDS):
        demand = demanded(requests, at_once, failing, found.miss, chance)
        cores = cores_wanted(demand, knobs, times)
        answers = answered(demand, found, knobs, stretched(cores, found.swap), chance)
        failing = answers.failed / np.maximum(demand.arrivals, 1.0)
    return Traffic(demand, answers, cores)
