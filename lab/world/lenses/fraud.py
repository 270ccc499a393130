"""What makes an order fraudulent: a logistic law of what can be seen of it.

Covariate shift changes orders and leaves the law alone; concept shift changes the law and leaves
orders alone; prior shift adds fraud that looks as fraud always did.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lab.world.lenses.customers import COUNTRIES, Customers, customers
from lab.world.lenses.dice import Bits, Dice, Numbers
from lab.world.lenses.numbered import numbered
from lab.world.shop.run import ShopRun
from lab.world.signals import Array, Flags

ORDERS = 505
PAYMENTS = ("card", "wallet", "bank transfer", "gift card")
PAYMENT_SHARES = (0.60, 0.26, 0.09, 0.05)
DEVICES = ("mobile", "desktop", "tablet")
DEVICE_SHARES = (0.56, 0.37, 0.07)
BASKET, BASKET_SPREAD = 1.1, 0.55  # mean and deviation of the logarithm of items
UNIT_PRICE, PRICE_SPREAD = 1.15, 0.28  # of the logarithm of pounds for one item
NEW_ADDRESS = 0.12
NEW_DAYS, OLD_DAYS = 7.0, 200.0
NIGHT_ENDS = 5
SEGMENT = COUNTRIES.index("FR")
CANDIDATES = 24

# Weights of large amounts (each deviation), new accounts, new addresses, nights, gift cards,
# old accounts and bank transfers in the logarithm of the odds; the last is the constant.
HABITS = (1.3, 2.8, 2.6, 1.3, 2.8, 0.0, 0.0, -6.6)
NEW_HABITS = (-0.9, -0.8, 0.0, -0.6, 0.0, 2.6, 3.4, -6.2)


@dataclass(frozen=True)
class Seen:
    """What can be seen of orders; R orders, shape (R,) each.

    Attributes:
        who: Its customer.
        items: Items bought.
        amount: Pounds.
        payment: A place in ``PAYMENTS``.
        device: A place in ``DEVICES``.
        new_address: Whether it goes where the account has not ordered to before.
    """

    who: Customers
    items: NDArray[np.int64]
    amount: Array
    payment: NDArray[np.int64]
    device: NDArray[np.int64]
    new_address: Flags


@dataclass(frozen=True)
class Ordered(Seen):
    """Paid orders as they were; shape (R,) each.

    Attributes:
        minute: Row of the minute.
        number: Running number within its minute.
        bits: What tells an order from every other.
        fraud: The truth.
    """

    minute: NDArray[np.int64]
    number: NDArray[np.int64]
    bits: Bits
    fraud: Flags


def ordered(run: ShopRun) -> Ordered:
    """Draw the paid orders of a run, one for each that the run counts.

    Args:
        run: What happened.

    Returns:
        The orders, minute by minute.
    """
    dice = Dice(run.seed, ORDERS)
    minutes = run.first_minute + np.arange(len(run.times))
    chance = dice.uniform("count", minutes)
    counts = np.floor(run.flows.orders + chance).astype(np.int64)
    row, number = numbered(counts)
    own = dice.bits("order", minutes[row], number)
    extra = dice.uniform("extra", own) < run.knobs["prior_shift"][row]
    bits = own.copy()
    bits[extra] = _fraudulent(run, dice, row[extra], own[extra])
    seen = _seen(run, dice, row, bits)
    fraud = extra | (dice.uniform("fraud", own) < _odds(run, row, seen))
    return Ordered(**vars(seen), minute=row, number=number, bits=own, fraud=fraud)


def _seen(run: ShopRun, dice: Dice, row: Numbers, bits: Bits) -> Seen:
    shift = run.knobs["covariate_shift"][row]
    size = BASKET + BASKET_SPREAD * (dice.normal("items", bits) + shift)
    items = np.maximum(np.rint(np.exp(size)), 1.0)
    price = np.exp(UNIT_PRICE + PRICE_SPREAD * dice.normal("price", bits))
    return Seen(
        customers(dice, run.first_minute + row, bits),
        items.astype(np.int64),
        np.round(items * price, 2),
        dice.choice("payment", PAYMENT_SHARES, bits),
        dice.choice("device", DEVICE_SHARES, bits),
        dice.uniform("address", bits) < NEW_ADDRESS,
    )


def _odds(run: ShopRun, row: Numbers, seen: Seen) -> Array:
    """Chance that each order is fraudulent."""
    spread = float(np.hypot(BASKET_SPREAD, PRICE_SPREAD))
    large = (np.log(seen.amount) - BASKET - UNIT_PRICE) / spread
    marks = (
        np.clip(large, -3.0, 3.0), seen.who.age_days < NEW_DAYS, seen.new_address,
        (np.asarray(run.times.hour) < NIGHT_ENDS)[row],
        seen.payment == PAYMENTS.index("gift card"),
        seen.who.age_days > OLD_DAYS, seen.payment == PAYMENTS.index("bank transfer"),
    )  # fmt: skip
    local = run.knobs["segment_shift"][row] * (seen.who.country == SEGMENT)
    changed = np.clip(run.knobs["concept_shift"][row] + local, 0.0, 1.0)
    odds, new = _law(marks, HABITS), changed > 0
    other = _law([mark[new] for mark in marks], NEW_HABITS)
    odds[new] = (1 - changed[new]) * odds[new] + changed[new] * other
    return odds


def _law(marks: Sequence[Array | Flags], weights: tuple[float, ...]) -> Array:
    """The logistic law: weights of the marks, and the constant."""
    score = np.full(len(marks[0]), weights[-1])
    for mark, weight in zip(marks, weights, strict=False):
        if weight:
            score += weight * mark
    return np.asarray(1 / (1 + np.exp(-score)))


def _fraudulent(run: ShopRun, dice: Dice, row: Numbers, own: Bits) -> Bits:
    """Draw orders as fraud makes them: of some candidates each, one by its chance of fraud."""
    if not len(row):
        return own
    rows = np.repeat(row, CANDIDATES)
    places = np.tile(np.arange(CANDIDATES), len(row))
    bits = dice.bits("candidate", np.repeat(own, CANDIDATES), places)
    chance = _odds(run, rows, _seen(run, dice, rows, bits)).reshape(-1, CANDIDATES)
    upto = np.cumsum(chance, axis=1)
    drawn = dice.uniform("chosen", own)[:, None] * upto[:, -1:]
    chosen = np.minimum((upto <= drawn).sum(axis=1), CANDIDATES - 1)
    return np.asarray(bits.reshape(-1, CANDIDATES)[np.arange(len(row)), chosen])
