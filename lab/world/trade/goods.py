"""The shop's catalogue: what its products and stores are like, before anything happens."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Product:
    """One product.

    Attributes:
        name: Its name.
        price: List price of one unit at the start, in pounds.
        units: Mean units per day in a store of size 1.
        elasticity: Change of demand per change of price, both in per cent; below 0.
        discount: Share taken off while on promotion, 0 to 1.
        season: How much its yearly rhythm swings, from -1 (winter) to 1 (summer).
        warmth: Change of log demand per 10 degrees above the usual for the day.
        rain: Change of log demand on a wet day.
    """

    name: str
    price: float
    units: float
    elasticity: float
    discount: float
    season: float
    warmth: float
    rain: float


@dataclass(frozen=True)
class Store:
    """One store.

    Attributes:
        name: Its name.
        size: Factor on units.
        dearness: Factor on prices.
        week: Factor for each day from Monday to Sunday.
        holiday: Factor on public holidays.
        warmer: Degrees Celsius above the region's mean.
        promotions: Chance that a promotion of a product starts on a day, 0 to 1.
    """

    name: str
    size: float
    dearness: float
    week: tuple[float, ...]
    holiday: float
    warmer: float
    promotions: float


PRODUCTS = (
    Product("bread", 2.40, 110, -0.8, 0.15, 0.0, 0.0, -0.03),
    Product("chocolate", 3.20, 70, -1.6, 0.20, -0.15, -0.08, 0.02),
    Product("coffee", 3.60, 120, -1.0, 0.15, -0.08, -0.05, 0.05),
    Product("ice cream", 2.80, 60, -1.4, 0.20, 0.75, 0.30, -0.15),
    Product("salad", 4.50, 55, -1.2, 0.20, 0.30, 0.12, -0.08),
    Product("soup", 3.90, 65, -1.3, 0.20, -0.40, -0.12, 0.08),
)

OFFICE_WEEK = (1.10, 1.12, 1.12, 1.10, 1.15, 0.75, 0.60)
LEISURE_WEEK = (0.80, 0.80, 0.85, 0.90, 1.15, 1.45, 1.25)
STEADY_WEEK = (0.92, 0.92, 0.95, 1.00, 1.15, 1.20, 0.86)

STORES = (
    Store("Airport", 1.20, 1.15, (1.08, 0.92, 0.92, 1.02, 1.18, 0.96, 1.06), 1.25, 0.3, 0.012),
    Store("Harbour", 0.80, 1.00, LEISURE_WEEK, 1.30, -0.8, 0.014),
    Store("Market", 1.00, 0.95, STEADY_WEEK, 0.70, 0.0, 0.016),
    Store("Park", 0.70, 1.00, LEISURE_WEEK, 1.35, 0.2, 0.014),
    Store("Station", 1.40, 1.05, OFFICE_WEEK, 0.50, 0.8, 0.012),
)
