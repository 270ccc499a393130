"""The sales lens: daily sales of the stores, and of the online shop in their region.

The stores live as in ``lab.world.trade``; what is sold online is what the orders of the run say,
so an outage costs sales.
"""

from functools import lru_cache

import numpy as np
import pandas as pd

from lab.world.lenses.dice import Dice
from lab.world.lenses.fraud import ORDERS, Ordered
from lab.world.lenses.numbered import numbered
from lab.world.shop.run import ShopRun
from lab.world.shop.workload import sale_days
from lab.world.signals import DAY_MINUTES, Array
from lab.world.trade.goods import PRODUCTS
from lab.world.trade.sales import DAYS, shop_sales

ONLINE = "Online"
REGION_SHARE = 1 / 400  # of all customers live where the stores are
SALE_DISCOUNT = 0.15
POPULARITY = np.array([product.units for product in PRODUCTS]) / sum(p.units for p in PRODUCTS)
KEPT_WORLDS = 4


class Sales:
    """The sales of a shop, day after day: a day is told once it is over."""

    def __init__(self) -> None:
        """Begin before the first day."""
        self._units: dict[int, Array] = {}

    def rows(self, run: ShopRun, made: Ordered) -> pd.DataFrame:
        """Return the sales of the days that end within a stretch and began in the world.

        Args:
            run: What happened; stretches must come in their order.
            made: Its orders.

        Returns:
            One row a day, store and product, in that order: ``date``, ``store``, ``product``,
            ``price``, ``promotion``, ``holiday``, ``temperature_c``, ``rain_mm``, ``units``.
        """
        begin = (run.times[0] - pd.Timedelta(minutes=run.first_minute)).tz_localize(None)
        offset = begin.hour * 60 + begin.minute  # minutes of the first day before the world
        self._add(run, made, offset)
        over = (offset + run.first_minute + len(run.times)) // DAY_MINUTES
        told = sorted(day for day in self._units if day < over)
        units = {day: self._units.pop(day) for day in told}
        whole = {day: sold for day, sold in units.items() if day * DAY_MINUTES >= offset}
        return _table(run.seed, begin.normalize(), whole)

    def _add(self, run: ShopRun, made: Ordered, offset: int) -> None:
        """Count what was sold online by day and product."""
        dice = Dice(run.seed, ORDERS)
        near = dice.uniform("region", made.who.number) < REGION_SHARE
        day = (offset + run.first_minute + made.minute[near]) // DAY_MINUTES
        first = (offset + run.first_minute) // DAY_MINUTES
        last = (offset + run.first_minute + len(run.times) - 1) // DAY_MINUTES
        of, place = numbered(made.items[near])
        shares = tuple(POPULARITY.tolist())
        product = dice.choice("product", shares, made.bits[near][of], place)
        counts = np.zeros((last - first + 1, len(PRODUCTS)))
        np.add.at(counts, (day[of] - first, product), 1)
        for row, sold in enumerate(counts):
            self._units[first + row] = self._units.get(first + row, 0) + sold


def _table(seed: int, first_day: pd.Timestamp, online: dict[int, Array]) -> pd.DataFrame:
    if not online:
        return _stores(seed, first_day, DAYS).iloc[:0]
    days = max(DAYS, max(online) + 1)
    dates = [first_day + pd.Timedelta(days=day) for day in online]
    stores = _stores(seed, first_day, days)
    stores = stores[stores["date"].isin(dates)]
    like = stores[stores["store"] == "Market"].reset_index(drop=True)  # the region's weather
    sale = np.repeat([sale_days(seed, date.date(), 1)[0] for date in dates], len(PRODUCTS))
    list_prices = np.tile([product.price for product in PRODUCTS], len(dates))
    sold = like.assign(
        store=ONLINE,
        price=np.round(list_prices * np.where(sale, 1 - SALE_DISCOUNT, 1.0), 2),
        promotion=sale,
        units=np.concatenate(list(online.values())).astype(np.int64),
    )
    rows = pd.concat([stores, sold]).sort_values(["date", "store", "product"])
    return rows.reset_index(drop=True)


@lru_cache(maxsize=KEPT_WORLDS)
def _stores(seed: int, first_day: pd.Timestamp, days: int) -> pd.DataFrame:
    """Sales of the stores since the world began: always as many days, for chance is by length."""
    return shop_sales(seed, first_day.date(), days, drift=False)
