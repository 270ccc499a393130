"""Isolation forest on features of the window that ends at each row."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from lab.aiops.detect.base import Scores, combine, table_like
from lab.aiops.detect.profile import SeasonalProfile, learn_profile
from lab.aiops.detect.rolling import steps_in
from lab.aiops.detect.validate import check_index, check_scoring, check_training
from lab.core.errors import BadInput

if TYPE_CHECKING:
    from typing import Self

    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray


@dataclass
class IsolationForest:
    """Points that random cuts separate quickly are anomalous.

    One forest per metric, on the sizes of five features of the trailing window: distance from the
    seasonal median, its change over a step, its mean and its spread over ``window_minutes``, and
    its mean over four windows. Works without assuming a distribution. Fails when the training
    window itself holds many faults, and cannot tell "far" from "very far": beyond the training
    range its score saturates.

    Args:
        trees: Trees per forest, at least 1.
        sample: Rows drawn for each tree, at least 2 (the paper uses 256; more see
            further into the tail).
        contamination: Share of training rows taken to be anomalous, in (0, 0.5]; it places the
            threshold.
        margin: Where the threshold lies between that quantile (0) and the score of a row beyond
            all of training (1), in [0, 1).
        window_minutes: Length of the window in minutes, above 0.
        season: ``auto``, ``none``, ``day``, ``daytype`` or ``week``.
        seed: Seed of the forests.

    Source: Liu, Ting and Zhou, Isolation Forest, 2008, sections 2 and 4.
    """

    name: ClassVar[str] = "isolation_forest"
    title: ClassVar[str] = "Isolation forest"

    trees: int = 100
    sample: int = 1024
    contamination: float = 0.001
    margin: float = 0.7
    window_minutes: float = 15.0
    season: str = "auto"
    seed: int = 7

    columns_: tuple[str, ...] = field(init=False, repr=False, default=())
    step_seconds_: float = field(init=False, repr=False, default=0.0)
    profile_: SeasonalProfile = field(init=False, repr=False)
    forests_: list[Any] = field(init=False, repr=False)
    middle_: NDArray[np.float64] = field(init=False, repr=False)
    limit_: NDArray[np.float64] = field(init=False, repr=False)

    def fit(self, train: pd.DataFrame) -> Self:
        """Grow one forest per column of a table (n, metrics).

        Raises:
            BadInput: The table cannot be learnt from, or a parameter is out of range.
        """
        import numpy as np
        from sklearn import ensemble

        self._check_parameters()
        check_training(train)
        self.columns_, self.step_seconds_ = tuple(train.columns), check_index(train) or 0.0
        self.profile_ = learn_profile(train, self.season)
        self.forests_, middle, limit = [], [], []
        for features in self._features(train):
            present = features[~np.isnan(features).any(axis=1)]
            forest = ensemble.IsolationForest(
                n_estimators=self.trees,
                max_samples=min(self.sample, len(present)),
                random_state=self.seed,
            ).fit(present)
            # scikit-learn gives lower = more anomalous; ours is the other way round.
            score = -forest.score_samples(present)
            beyond = -forest.score_samples(present.max(axis=0, keepdims=True) * 2 + 1)[0]
            usual = np.quantile(score, 1 - self.contamination)
            self.forests_.append(forest)
            middle.append(np.median(score))
            limit.append(usual + self.margin * max(0.0, beyond - usual))
        self.middle_ = np.array(middle)
        self.limit_ = np.maximum(limit, self.middle_ + 1e-9)
        return self

    def score(self, frame: pd.DataFrame) -> Scores:
        """Score each row of a table (n, metrics): 0 at the usual score, 1.0 at the threshold.

        ``expected`` is the seasonal median; a forest has no band.

        Raises:
            BadInput: The table does not look like the training table.
        """
        import numpy as np

        check_scoring(frame, self.columns_, self.step_seconds_)
        values = np.full(frame.shape, np.nan)
        for column, features in enumerate(self._features(frame)):
            present = ~np.isnan(features).any(axis=1)
            if present.any():
                score = -self.forests_[column].score_samples(features[present])
                room = self.limit_[column] - self.middle_[column]
                values[present, column] = np.maximum(0, (score - self.middle_[column]) / room)
        contributions = table_like(frame, values)
        return Scores(
            score=combine(contributions),
            expected=table_like(frame, self.profile_.median_of(frame)),
            contributions=contributions,
        )

    def _check_parameters(self) -> None:
        rules = {
            "trees": (self.trees >= 1, "at least 1"),
            "sample": (self.sample >= 2, "at least 2"),
            "contamination": (0 < self.contamination <= 0.5, "in (0, 0.5]"),
            "margin": (0 <= self.margin < 1, "in [0, 1)"),
            "window_minutes": (self.window_minutes > 0, "above 0"),
        }
        for key, (holds, rule) in rules.items():
            if not holds:
                raise BadInput(f"{key} must be {rule}, got {getattr(self, key)!r}.", "Change it.")

    def _features(self, frame: pd.DataFrame) -> list[NDArray[np.float64]]:
        """Features of each column, (n, 5) each; rows with a missing value are missing."""
        import numpy as np

        values = frame.to_numpy(dtype=float, na_value=np.nan)
        away = (values - self.profile_.median_of(frame)) / self.profile_.spread_of(frame)
        window = steps_in(self.window_minutes, self.step_seconds_, least=2)
        return [window_features(column, window) for column in away.T]


def window_features(away: NDArray[np.float64], window: int) -> NDArray[np.float64]:
    """Describe the window that ends at each value by sizes, so that "far" lies on one side only.

    Args:
        away: Array (n,), distance from usual in usual spreads; gaps are NaN.
        window: Values in a window, at least 2.

    Returns:
        Array (n, 5), all at least 0: size of the value, of its change since the last value there
        is, of the window's mean, the window's standard deviation, size of the mean of four
        windows. A missing value has a missing row; the
        others look at the values that are there.
    """
    import numpy as np
    import pandas as pd

    series = pd.Series(away)
    before = series.ffill().shift().fillna(series)
    rolling = series.rolling(window, min_periods=1)
    features = np.column_stack(
        [
            series,
            series - before,
            rolling.mean(),
            rolling.std(ddof=0),
            series.rolling(4 * window, min_periods=1).mean(),
        ]
    )
    features[np.isnan(away)] = np.nan
    sizes: NDArray[np.float64] = np.abs(features)
    return sizes
