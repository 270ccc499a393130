"""A robust score of how far a value lies from what is usual at that time."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from lab.aiops.detect.base import Scores, combine, table_like
from lab.aiops.detect.profile import SeasonalProfile, learn_profile
from lab.aiops.detect.rolling import steps_in, tail_spread, trailing_mean, trailing_median
from lab.aiops.detect.validate import check_index, check_scoring, check_training
from lab.core.errors import BadInput

if TYPE_CHECKING:
    from typing import Self

    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray


@dataclass
class SeasonalRobust:
    """Compare each value with the usual level and spread for that time of the day and week.

    Two scores are joined by the larger: the value itself, which sees a spike, and its trailing
    mean, which sees a small shift that stays. Works for rhythms of a day or a week, with up to
    nearly half of the training window anomalous. Fails on rhythms of other length and on
    holidays. A level that moves for good is learnt within ``level_hours``.

    Args:
        sensitivity: Alarm distance in robust standard deviations, above 0; smaller alarms more.
        season: ``auto``, ``none``, ``day``, ``daytype`` or ``week``.
        bin_minutes: Width of a bin of the profile in minutes, above 0.
        smooth_minutes: Length of the trailing mean in minutes, at least one step.
        level_hours: Length of the trailing median that follows slow change, in hours; 0 turns
            it off.

    Source: Hochenbaum, Vallis and Kejariwal, Automatic Anomaly Detection in the Cloud Via
    Statistical Learning, 2017, section 3 (seasonal median and MAD); the trailing mean is Roberts,
    Control Chart Tests Based on Geometric Moving Averages, 1959, with equal weights.
    """

    name: ClassVar[str] = "seasonal_robust"
    title: ClassVar[str] = "Seasonal robust score"

    sensitivity: float = 7.0
    season: str = "auto"
    bin_minutes: float = 30.0
    smooth_minutes: float = 15.0
    level_hours: float = 24.0

    columns_: tuple[str, ...] = field(init=False, repr=False, default=())
    step_seconds_: float = field(init=False, repr=False, default=0.0)
    profile_: SeasonalProfile = field(init=False, repr=False)
    point_limit_: NDArray[np.float64] = field(init=False, repr=False)
    mean_limit_: NDArray[np.float64] = field(init=False, repr=False)

    def fit(self, train: pd.DataFrame) -> Self:
        """Learn the profile and both alarm distances from a table (n, metrics).

        Raises:
            BadInput: The table cannot be learnt from, or a parameter is out of range.
        """
        self._check_parameters()
        check_training(train)
        self.columns_, self.step_seconds_ = tuple(train.columns), check_index(train) or 0.0
        self.profile_ = learn_profile(train, self.season, self.bin_minutes)
        away = self._away(train, self._expected(train))
        self.point_limit_ = self.sensitivity * tail_spread(away)
        self.mean_limit_ = self.sensitivity * tail_spread(self._smoothed(away))
        return self

    def score(self, frame: pd.DataFrame) -> Scores:
        """Score each row of a table (n, metrics); the band is where single values are normal.

        Raises:
            BadInput: The table does not look like the training table.
        """
        import numpy as np

        check_scoring(frame, self.columns_, self.step_seconds_)
        expected = self._expected(frame)
        away = self._away(frame, expected)
        point = np.abs(away) / self.point_limit_
        mean = np.abs(self._smoothed(away)) / self.mean_limit_
        contributions = table_like(frame, np.where(np.isnan(away), np.nan, np.fmax(point, mean)))
        room = self.profile_.spread_of(frame) * self.point_limit_
        return Scores(
            score=combine(contributions),
            expected=table_like(frame, expected),
            lower=table_like(frame, expected - room),
            upper=table_like(frame, expected + room),
            contributions=contributions,
        )

    def _check_parameters(self) -> None:
        for key in ("sensitivity", "smooth_minutes"):
            if not getattr(self, key) > 0:
                raise BadInput(f"{key} must be above 0, got {getattr(self, key)!r}.", "Raise it.")
        if self.level_hours < 0:
            raise BadInput(f"level_hours must not be below 0, got {self.level_hours!r}.", "Try 24.")

    def _expected(self, frame: pd.DataFrame) -> NDArray[np.float64]:
        """Usual value at each time plus the slow change seen so far, (n, metrics)."""
        import numpy as np

        usual = self.profile_.median_of(frame)
        if not self.level_hours:
            return usual
        window = steps_in(self.level_hours * 60, self.step_seconds_, least=2)
        away = frame.to_numpy(dtype=float, na_value=np.nan) - usual
        return usual + trailing_median(away, window)

    def _away(self, frame: pd.DataFrame, expected: NDArray[np.float64]) -> NDArray[np.float64]:
        """Distance from the expected value in usual spreads, (n, metrics)."""
        import numpy as np

        values = frame.to_numpy(dtype=float, na_value=np.nan)
        away: NDArray[np.float64] = (values - expected) / self.profile_.spread_of(frame)
        return away

    def _smoothed(self, away: NDArray[np.float64]) -> NDArray[np.float64]:
        return trailing_mean(away, steps_in(self.smooth_minutes, self.step_seconds_))
