"""The label lens: what became of orders, days later, if it is ever known."""

import numpy as np
import pandas as pd

from lab.world.lenses.dice import Dice
from lab.world.lenses.fraud import ORDERS, Ordered, ordered
from lab.world.lenses.orders import order_ids, order_moments
from lab.world.shop.run import ShopRun

DAY_MICROSECONDS = 86_400e6
# Fraud is known when the owner of the card complains, the rest when nobody has.
FRAUD_LEAST_DAYS, FRAUD_MEAN_DAYS, FRAUD_MOST_DAYS = 0.5, 3.0, 30.0
CLEARED_DAYS, CLEARING_DAYS = 5.0, 1.0


def labels(run: ShopRun) -> pd.DataFrame:
    """Return the labels of the orders of a run.

    Args:
        run: What happened.

    Returns:
        One row for each order whose label ever comes, in the order of the orders: ``order_id``,
        ``fraud`` and ``labelled_at`` (UTC), which may well be later than the end of the run.
    """
    return label_rows(run, ordered(run))


class Labels:
    """The labels of a shop's orders as they become known: nobody sees one before its time."""

    def __init__(self) -> None:
        """Begin with no order waiting for its label."""
        self._waiting: pd.DataFrame | None = None

    def rows(self, run: ShopRun, made: Ordered) -> pd.DataFrame:
        """Return the labels that become known within a stretch.

        Args:
            run: What happened; stretches must come in their order.
            made: Its orders.

        Returns:
            The columns of ``labels``, in the order in which they became known.
        """
        new = label_rows(run, made)
        found = new if self._waiting is None else pd.concat([self._waiting, new])
        known = (found["labelled_at"] < run.times[-1] + pd.Timedelta(minutes=1)).to_numpy()
        self._waiting = found[~known]
        # Of what becomes known at once, what was ordered first stays first.
        return found[known].sort_values("labelled_at", kind="stable", ignore_index=True)


def label_rows(run: ShopRun, made: Ordered) -> pd.DataFrame:
    """Write down the labels of orders; see ``labels``."""
    dice, knobs, row = Dice(run.seed, ORDERS), run.knobs, made.minute
    complaint = FRAUD_LEAST_DAYS + FRAUD_MEAN_DAYS * dice.exponential("complaint", made.bits)
    cleared = CLEARED_DAYS + CLEARING_DAYS * dice.uniform("cleared", made.bits)
    days = np.where(made.fraud, np.minimum(complaint, FRAUD_MOST_DAYS), cleared)
    days = days + knobs["label_delay_days"][row]
    known = order_moments(run, made) + np.floor(days * DAY_MICROSECONDS).astype(np.int64)
    wrong = dice.uniform("flip", made.bits) < knobs["label_flips"][row]
    frame = pd.DataFrame(
        {
            "order_id": order_ids(run, made),
            "fraud": made.fraud ^ wrong,
            "labelled_at": pd.DatetimeIndex(known.view("datetime64[us]"), tz="UTC"),
        },
        copy=False,
    )
    lost = dice.uniform("loss", made.bits) < knobs["label_loss"][row]
    return frame[~lost].reset_index(drop=True) if lost.any() else frame
