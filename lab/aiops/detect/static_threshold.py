"""The baseline: fixed limits, as most alert rules have them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from lab.aiops.detect.base import Scores, combine, table_like
from lab.aiops.detect.validate import check_index, check_scoring, check_training
from lab.core.errors import BadInput

if TYPE_CHECKING:
    from typing import Self

    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray


@dataclass
class StaticThreshold:
    """Alarm outside fixed limits taken from the training window.

    Works for metrics with a hard, constant range. Fails where normal depends on the time of day:
    limits wide enough for noon hide a fault at night.

    Args:
        quantile: Share of training values below the upper limit, in (0.5, 1); the lower limit
            lies at ``1 - quantile``.

    Source: the alert rules of Prometheus' node-mixin, which compare a metric with a constant;
    the quantile takes the place of the hand-chosen constant.
    """

    name: ClassVar[str] = "static_threshold"
    title: ClassVar[str] = "Static threshold (baseline)"

    quantile: float = 0.9999

    columns_: tuple[str, ...] = field(init=False, repr=False, default=())
    step_seconds_: float = field(init=False, repr=False, default=0.0)
    middle_: NDArray[np.float64] = field(init=False, repr=False)
    lower_: NDArray[np.float64] = field(init=False, repr=False)
    upper_: NDArray[np.float64] = field(init=False, repr=False)

    def fit(self, train: pd.DataFrame) -> Self:
        """Take the limits from a table (n, metrics).

        Raises:
            BadInput: The table cannot be learnt from, or the quantile is out of range.
        """
        import numpy as np

        if not 0.5 < self.quantile < 1:
            raise BadInput(f"quantile must lie in (0.5, 1), got {self.quantile!r}.", "Try 0.999.")
        check_training(train)
        self.columns_, self.step_seconds_ = tuple(train.columns), check_index(train) or 0.0
        values = train.to_numpy(dtype=float, na_value=np.nan)
        shares = [1 - self.quantile, 0.5, self.quantile]
        self.lower_, self.middle_, self.upper_ = np.nanquantile(values, shares, axis=0)
        return self

    def score(self, frame: pd.DataFrame) -> Scores:
        """Score how far each value lies from the middle, 1.0 at the limits.

        Raises:
            BadInput: The table does not look like the training table.
        """
        import numpy as np

        check_scoring(frame, self.columns_, self.step_seconds_)
        values = frame.to_numpy(dtype=float, na_value=np.nan)
        # A column that sits at its middle most of the time has a limit right on it.
        least = 1e-3 * (self.upper_ - self.lower_)
        room = np.where(
            values >= self.middle_,
            np.maximum(self.upper_ - self.middle_, least),
            np.maximum(self.middle_ - self.lower_, least),
        )
        contributions = table_like(frame, np.abs(values - self.middle_) / room)
        whole = np.ones_like(values)
        return Scores(
            score=combine(contributions),
            expected=table_like(frame, whole * self.middle_),
            lower=table_like(frame, whole * self.lower_),
            upper=table_like(frame, whole * self.upper_),
            contributions=contributions,
        )
