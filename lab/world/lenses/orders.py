"""The order lens: paid orders as they are delivered to whoever learns from them."""

import numpy as np
import pandas as pd

from lab.world.lenses.customers import COUNTRIES
from lab.world.lenses.dice import Dice, Numbers
from lab.world.lenses.fraud import DEVICES, ORDERS, PAYMENTS, Ordered, ordered
from lab.world.lenses.named import named
from lab.world.shop.run import ShopRun

ORDERS_A_MINUTE = 10_000  # more than a minute can hold; ids count within it
LONGEST_DELIVERY, LONGEST_REPEAT = 60.0, 600.0  # seconds


def orders(run: ShopRun) -> pd.DataFrame:
    """Return the orders of a run as they are delivered.

    Args:
        run: What happened.

    Returns:
        One row a delivery, in order of the orders' times: ``order_id``, ``customer_id``,
        ``timestamp`` and ``delivered_at`` (UTC), ``country``, ``items``, ``amount`` (pounds),
        ``payment_method``, ``device``, ``account_age_days``, ``n_orders_before``,
        ``new_address``, ``served_amount`` (the amount as serving prepared it for the fraud
        model), and two that are empty on a good day: ``total`` (the amount while it is called
        that) and ``review_flag`` (which is filled in only after the fact).

    >>> from lab.world.shop.simulate import simulate
    >>> run = simulate(7, "2026-03-02T10:00Z", 2)
    >>> len(orders(run)) == int(run.flows.orders.sum())
    True
    """
    return order_rows(run, ordered(run))


def order_ids(run: ShopRun, made: Ordered) -> Numbers:
    """Ids of orders: the minute of the world, then a running number."""
    return np.asarray((run.first_minute + made.minute) * ORDERS_A_MINUTE + made.number)


def order_rows(run: ShopRun, made: Ordered) -> pd.DataFrame:
    """Write orders down as they are delivered; see ``orders``."""
    dice, knobs, row = Dice(run.seed, ORDERS), run.knobs, made.minute
    moment = order_moments(run, made)
    late = np.floor(dice.uniform("delivery", made.bits) * LONGEST_DELIVERY * 1e6).astype(np.int64)
    amount = made.amount * knobs["unit_factor"][row]
    served = np.round(amount * (1 + knobs["serving_skew"][row]), 2)
    amount = np.where(dice.uniform("null", made.bits) < knobs["null_share"][row], np.nan, amount)
    renamed, leaked = knobs["renamed"][row] > 0, knobs["leak_column"][row] > 0
    frame = pd.DataFrame(
        {
            "order_id": order_ids(run, made),
            "customer_id": made.who.number,
            "timestamp": _utc(moment),
            "delivered_at": _utc(moment + late),
            "country": named(made.who.country, COUNTRIES),
            "items": made.items,
            "amount": np.round(np.where(renamed, np.nan, amount), 2),
            "payment_method": named(made.payment, PAYMENTS),
            "device": named(made.device, DEVICES),
            "account_age_days": np.round(made.who.age_days, 2),
            "n_orders_before": made.who.orders_before,
            "new_address": made.new_address,
            "served_amount": served,
            "total": np.round(np.where(renamed, amount, np.nan), 2),
            "review_flag": pd.arrays.BooleanArray(made.fraud.copy(), ~leaked),
        },
        copy=False,
    )
    return _delivered(run, dice, made, frame)


def _delivered(run: ShopRun, dice: Dice, made: Ordered, frame: pd.DataFrame) -> pd.DataFrame:
    """Leave out what a stale feed holds back, and repeat what is delivered twice."""
    fresh = run.knobs["stale"][made.minute] <= 0
    twice = dice.uniform("repeat", made.bits) < run.knobs["repeat_share"][made.minute]
    times = np.where(fresh, 1 + twice, 0)
    if (times == 1).all():
        return frame
    which = np.repeat(np.arange(len(frame)), times)
    again = np.flatnonzero(np.concatenate([[False], which[1:] == which[:-1]]))
    frame = frame.iloc[which].reset_index(drop=True)
    later = LONGEST_DELIVERY + LONGEST_REPEAT * dice.uniform("again", made.bits[which[again]])
    delivered = frame["delivered_at"].to_numpy("datetime64[us]").view(np.int64).copy()
    ordered_at = frame["timestamp"].to_numpy("datetime64[us]").view(np.int64)
    delivered[again] = ordered_at[again] + np.floor(later * 1e6).astype(np.int64)
    return frame.assign(delivered_at=_utc(delivered))


def order_moments(run: ShopRun, made: Ordered) -> Numbers:
    """Times of orders: microseconds since 1970, in order within each minute."""
    counts = np.bincount(made.minute, minlength=len(run.times))[made.minute]
    chance = Dice(run.seed, ORDERS).uniform("moment", made.bits)
    since = np.floor((made.number + chance) / counts * 60e6).astype(np.int64)
    return np.asarray(pd.DatetimeIndex(run.times).as_unit("us").asi8[made.minute] + since)


def _utc(microseconds: Numbers) -> pd.DatetimeIndex:
    return pd.DatetimeIndex(microseconds.view("datetime64[us]"), tz="UTC")
