"""Three years of a small chain's daily sales, with a documented drift in the last quarter.

Units are Poisson counts around a mean that is a product of what really moves a shop: size,
weekday, season, holidays, weather, price, promotions, slow growth and local fashion. Nothing
else is hidden in the noise, so a model that learns those causes comes near the Poisson bound.
"""

from datetime import date

import numpy as np
import pandas as pd

from lab.core.errors import BadInput
from lab.world.signals import Array, Flags, generator, wander
from lab.world.trade.goods import PRODUCTS, STORES, Product, Store
from lab.world.trade.weather import holidays, usual_temperature, weather

START = "2023-04-01"
DAYS = 1096
DRIFT_DAYS = 90
SALES_STREAM = 300_007
PROMOTION_DAYS = 7
QUARTER_DAYS = 91

# The drift: prices of two products rise (covariate), one store is nearly always on promotion
# (covariate), and buyers of one product mind its price much more than before (concept).
DEARER = ("bread", "coffee")
PRICE_RISE = 1.15
PROMOTED_STORE = "Station"
PROMOTION_FACTOR = 6.0
TOUCHY_PRODUCT = "chocolate"
TOUCHY_ELASTICITY = -4.0


def shop_sales(
    seed: int = 11, start: str | date = START, days: int = DAYS, drift: bool = True
) -> pd.DataFrame:
    """Simulate five stores that sell six products, day by day.

    In the last 90 days, unless ``drift`` is false: bread and coffee cost 15 % more, Station is
    on promotion about six times as often, and the demand for chocolate reacts to its price
    with an elasticity of -4 in place of -1.6. The twin without drift is identical before
    those days, and stays so in every store and product that the drift does not touch.

    Args:
        seed: World seed, 0 or more.
        start: First day.
        days: Length, 1 or more; drift needs more than 90.
        drift: Whether the last quarter drifts.

    Returns:
        Shape (days * 30, 9): ``date`` (a day, no time zone), ``store``, ``product``,
        ``price`` (pounds), ``promotion``, ``holiday``, ``temperature_c`` (degrees Celsius),
        ``rain_mm``, ``units`` (0 or more); sorted by date, store and product, which are the
        key.

    Raises:
        BadInput: An argument is out of range.

    >>> shop_sales(seed=11, days=91).shape
    (2730, 9)
    """
    _check(seed, days, drift)
    calendar = _days(start, days)
    drifted = np.zeros(days, dtype=bool)
    drifted[max(days - DRIFT_DAYS, 0) :] = drift
    parts = [
        _one_series(seed, calendar, drifted, store, product)
        for store in STORES
        for product in PRODUCTS
    ]
    sales = pd.concat(parts, ignore_index=True)
    return sales.sort_values(["date", "store", "product"], ignore_index=True)


def _one_series(
    seed: int, days: pd.DatetimeIndex, drifted: Flags, store: Store, product: Product
) -> pd.DataFrame:
    """Draw one product in one store from a random stream of its own."""
    number = STORES.index(store) * len(PRODUCTS) + PRODUCTS.index(product)
    rng = generator(seed, SALES_STREAM, number)
    promotion = _promotions(rng, drifted, store)
    price = _prices(seed, rng, drifted, store, product, promotion)
    region, rain = weather(days, seed)
    holiday = holidays(days)
    mean = (
        _usual_units(rng, days, store, product)
        * np.where(holiday, store.holiday, 1.0)
        * np.exp(product.warmth * (region - usual_temperature(days)) / 10)
        * np.exp(product.rain * (rain > 0))
        * _price_response(price, drifted, store, product)
        * np.where(promotion, 1.30, 1.0)  # the shelf end and the poster, beyond the price
    )
    return pd.DataFrame(
        {
            "date": days,
            "store": store.name,
            "product": product.name,
            "price": price,
            "promotion": promotion,
            "holiday": holiday,
            "temperature_c": np.round(region + store.warmer, 1),
            "rain_mm": np.round(rain, 1),
            "units": rng.poisson(mean).astype(np.int64),
        }
    )


def _promotions(rng: np.random.Generator, drifted: Flags, store: Store) -> Flags:
    """Return on which days a promotion runs; each lasts a week."""
    more = PROMOTION_FACTOR if store.name == PROMOTED_STORE else 1.0
    starts = rng.random(len(drifted)) < store.promotions * np.where(drifted, more, 1.0)
    running = np.convolve(starts, np.ones(PROMOTION_DAYS))[: len(drifted)]
    return np.asarray(running > 0)


def _prices(
    seed: int,
    rng: np.random.Generator,
    drifted: Flags,
    store: Store,
    product: Product,
    promotion: Flags,
) -> Array:
    """Return prices in pounds: revised each quarter, off while promoted, dearer in the drift."""
    quarter = np.arange(len(drifted)) // QUARTER_DAYS
    chain = generator(seed, SALES_STREAM, 1000 + PRODUCTS.index(product))
    revisions = np.cumsum(chain.uniform(0.002, 0.024, quarter[-1] + 1))
    local = rng.uniform(-0.06, 0.06, quarter[-1] + 1)
    price = product.price * store.dearness * np.exp(revisions + local)[quarter]
    if product.name in DEARER:
        price = price * np.where(drifted, PRICE_RISE, 1.0)
    off = np.where(promotion, 1 - product.discount, 1.0)
    return np.asarray(np.round(price * off, 2), dtype=np.float64)


def _price_response(price: Array, drifted: Flags, store: Store, product: Product) -> Array:
    """Return the factor on demand that a price has, 1 at the store's first list price."""
    touchy = drifted & (product.name == TOUCHY_PRODUCT)
    elasticity = np.where(touchy, TOUCHY_ELASTICITY, product.elasticity)
    response: Array = (price / (product.price * store.dearness)) ** elasticity
    return response


def _usual_units(
    rng: np.random.Generator, days: pd.DatetimeIndex, store: Store, product: Product
) -> Array:
    """Return expected units at list price on an ordinary day: week, year, growth, fashion."""
    weekday = np.asarray(store.week)[days.dayofweek.to_numpy()]
    angle = 2 * np.pi * (days.dayofyear.to_numpy() - 200) / 365.25
    season = np.exp(product.season * np.cos(angle))
    feast = (days.month == 12) & (days.day <= 24)
    season = season * np.where(feast, 1.45 if product.name == "chocolate" else 1.1, 1.0)
    growth = 1.05 ** (np.arange(len(days)) / 365.25)
    fashion = np.exp(wander(rng, len(days), 45, 0.05))
    taste = rng.uniform(0.8, 1.2)
    return np.asarray(product.units * store.size * taste * weekday * season * growth * fashion)


def _days(start: str | date, days: int) -> pd.DatetimeIndex:
    try:
        return pd.date_range(start, periods=days, freq="D", unit="us", normalize=True)
    except ValueError as error:
        raise BadInput(f"Start {start!r} is not a day.", "Write it as 2023-04-01.") from error


def _check(seed: int, days: int, drift: bool) -> None:
    if seed < 0:
        raise BadInput(f"Seed must be 0 or more, got {seed}.", "Choose another seed.")
    if days < 1:
        raise BadInput(f"Days must be 1 or more, got {days}.", "Three years are 1096 days.")
    if drift and days <= DRIFT_DAYS:
        raise BadInput(
            f"Drift needs more than {DRIFT_DAYS} days, got {days}.",
            "Ask for more days, or for drift=False.",
        )
