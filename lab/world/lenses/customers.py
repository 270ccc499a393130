"""Who orders: customers who joined one after the other, with habits of their own."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lab.world.lenses.dice import Bits, Dice
from lab.world.signals import DAY_MINUTES, Array

COUNTRIES = ("GB", "IE", "FR", "DE", "NL", "ES", "US")
COUNTRY_SHARES = (0.55, 0.10, 0.10, 0.10, 0.05, 0.05, 0.05)
HISTORY_DAYS, JOINING_A_DAY = 500.0, 4000.0
ORDERS_A_DAY = 0.09  # of a customer, on average


@dataclass(frozen=True)
class Customers:
    """The customers behind some orders; R orders, shape (R,) each.

    Attributes:
        number: Which customer; whoever joined later has a higher number.
        country: A place in ``COUNTRIES``.
        age_days: Days since they joined.
        orders_before: Orders of the account up to now, by any channel.
    """

    number: NDArray[np.int64]
    country: NDArray[np.int64]
    age_days: Array
    orders_before: NDArray[np.int64]


def customers(dice: Dice, minute: NDArray[np.int64], bits: Bits) -> Customers:
    """Draw a customer for each order; those who joined lately order more often.

    Args:
        dice: Dice of the order lens.
        minute: Minute of the world of each order.
        bits: What tells it from every other.

    Returns:
        Its customer, who is the same person in every order.
    """
    joined = (HISTORY_DAYS + minute / DAY_MINUTES) * JOINING_A_DAY
    age = dice.uniform("customer", bits) ** 2 * joined
    number = np.floor(joined - age).astype(np.int64)
    days = np.maximum(joined - number, 0.0) / JOINING_A_DAY
    keenness = dice.exponential("keenness", number)
    before = np.floor(ORDERS_A_DAY * keenness * days).astype(np.int64)
    return Customers(number, dice.choice("country", COUNTRY_SHARES, number), days, before)
