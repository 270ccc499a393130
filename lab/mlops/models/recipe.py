"""What a model is to learn from a table: target, time, groups, features, horizon."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

DAY_SECONDS = 86_400.0


@dataclass(frozen=True)
class Recipe:
    """How a table becomes features and target.

    Args:
        target: Column to predict.
        time: Column that orders the rows.
        groups: Columns that, with the time, make a row unique; they are features as well.
        numeric: Number columns known ahead of time, such as a price or a forecast temperature.
        categorical: Further text columns known ahead of time.
        step_seconds: Time between two rows of one group.
        season: Steps in one season; 7 for days in a week.
        horizon: Steps between the moment of prediction and the row predicted.
        lags: Ages of past targets used, in steps, none below ``horizon``.
        windows: Lengths, in steps, of the means over the past ending ``horizon`` steps ago.
    """

    target: str
    time: str
    groups: tuple[str, ...] = ()
    numeric: tuple[str, ...] = ()
    categorical: tuple[str, ...] = ()
    step_seconds: float = DAY_SECONDS
    season: int = 7
    horizon: int = 7
    lags: tuple[int, ...] = (7, 14, 21, 28)
    windows: tuple[int, ...] = (7, 28)

    @property
    def naive_lag(self) -> int:
        """Age in steps of the seasonal-naive forecast: the youngest same slot already known.

        >>> Recipe("units", "date", season=7, horizon=8).naive_lag
        14
        """
        return self.season * -(-self.horizon // self.season)

    @property
    def warm_up(self) -> int:
        """Steps at the start of the data that have no complete past."""
        return max(*self.lags, self.naive_lag, *(self.horizon + w - 1 for w in self.windows))

    @property
    def calendar(self) -> tuple[str, ...]:
        """Calendar features; each is a small number that linear models take as a category."""
        by_hour = ("hour",) if self.step_seconds < DAY_SECONDS else ()
        by_day = ("day_of_week",) if self.step_seconds <= DAY_SECONDS else ()
        return (*by_hour, *by_day, "month")

    @property
    def history(self) -> tuple[str, ...]:
        """Features made from past targets."""
        return (
            *(f"{self.target}_lag_{lag}" for lag in self.lags),
            f"{self.target}_lags_mean",
            *(f"{self.target}_mean_{window}" for window in self.windows),
        )

    @property
    def numbers(self) -> tuple[str, ...]:
        """All features that are quantities, in order."""
        return (*self.numeric, *self.history)

    @property
    def labels(self) -> tuple[str, ...]:
        """All features that are text, in order."""
        return (*self.groups, *self.categorical)

    @property
    def features(self) -> tuple[str, ...]:
        """All features in the order the models take them."""
        return (*self.labels, *self.calendar, *self.numbers)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "Recipe":
        """Read what ``to_dict`` gave.

        >>> recipe = Recipe("units", "date", groups=("store",))
        >>> Recipe.from_dict(recipe.to_dict()) == recipe
        True
        """
        plain: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list | tuple) else value
            for name, value in values.items()
        }
        return cls(**plain)
