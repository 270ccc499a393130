"""A dense autoencoder over sliding windows: what it cannot rebuild is anomalous."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from lab.aiops.detect.base import Scores, combine, table_like
from lab.aiops.detect.profile import SeasonalProfile, learn_profile
from lab.aiops.detect.rolling import steps_in, tail_spread, trailing_mean
from lab.aiops.detect.validate import (
    MINIMUM_ROWS,
    check_index,
    check_scoring,
    check_training,
)
from lab.core.errors import BadInput

if TYPE_CHECKING:
    from typing import Self

    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

KNEE = 3.0  # usual spreads; where squashing turns from straight to logarithmic
Layer = tuple["NDArray[np.float64]", "NDArray[np.float64]"]


@dataclass
class Autoencoder:
    """Squeeze the last minutes of all metrics through a few numbers and rebuild them.

    It sees distances from the seasonal median in usual spreads, with far ones squashed. Works where
    metrics move together and a fault breaks the pattern. Fails with little training data, and on a
    fault that lasted through training. Fitting needs TensorFlow; the fitted weights are plain
    arrays, so that scoring and pickling do not.

    Args:
        window_minutes: Length of the window in minutes, at least two steps.
        hidden: Width of the outer hidden layers, at least 1.
        code: Width of the middle layer, at least 1.
        epochs: Most passes over the training windows, at least 1; stops earlier when the error
            on held-out windows no longer falls.
        season: ``auto``, ``none``, ``day``, ``daytype`` or ``week``.
        smooth_minutes: Length of the trailing mean of the error in minutes, above 0.
        sensitivity: Alarm distance in robust standard deviations of the error, above 0.
        seed: Seed of weights, order and held-out windows.

    Source: Sakurada and Yairi, Anomaly Detection Using Autoencoders with Nonlinear
    Dimensionality Reduction, 2014, section 3.
    """

    name: ClassVar[str] = "autoencoder"
    title: ClassVar[str] = "Autoencoder (Keras)"

    window_minutes: float = 30.0
    hidden: int = 48
    code: int = 6
    epochs: int = 15
    season: str = "auto"
    smooth_minutes: float = 15.0
    sensitivity: float = 8.0
    seed: int = 7

    columns_: tuple[str, ...] = field(init=False, repr=False, default=())
    step_seconds_: float = field(init=False, repr=False, default=0.0)
    profile_: SeasonalProfile = field(init=False, repr=False)
    layers_: list[Layer] = field(init=False, repr=False)
    point_limit_: NDArray[np.float64] = field(init=False, repr=False)
    mean_limit_: NDArray[np.float64] = field(init=False, repr=False)

    def fit(self, train: pd.DataFrame) -> Self:
        """Train on the windows of a table (n, metrics) and learn the usual size of the error.

        Raises:
            BadInput: The table cannot be learnt from, or a parameter is out of range.
            Unavailable: TensorFlow is not installed.
        """
        from lab.aiops.detect.keras_dense import train_dense

        self._check_parameters()
        check_training(train)
        self.columns_, self.step_seconds_ = tuple(train.columns), check_index(train) or 0.0
        self.profile_ = learn_profile(train, self.season)
        whole = self._windows(train)[train.notna().all(axis=1).to_numpy()]
        if len(whole) < MINIMUM_ROWS:
            raise BadInput(
                f"Only {len(whole)} rows have every column; at least {MINIMUM_ROWS} are needed.",
                "Leave out the column with the most gaps.",
            )
        sizes = (self.hidden, self.code, self.hidden)
        self.layers_ = train_dense(whole, sizes, self.epochs, self.seed)
        error = self._error(train)
        self.point_limit_ = self.sensitivity * tail_spread(error)
        self.mean_limit_ = self.sensitivity * tail_spread(self._smoothed(error))
        return self

    def score(self, frame: pd.DataFrame) -> Scores:
        """Score each row of a table (n, metrics); ``expected`` is the rebuilt value.

        Raises:
            BadInput: The table does not look like the training table.
        """
        import numpy as np

        check_scoring(frame, self.columns_, self.step_seconds_)
        rebuilt = self._rebuilt(frame)
        error = self._squashed(frame) - rebuilt
        point = np.abs(error) / self.point_limit_
        mean = np.abs(self._smoothed(error)) / self.mean_limit_
        contributions = table_like(frame, np.where(np.isnan(error), np.nan, np.fmax(point, mean)))
        return Scores(
            score=combine(contributions),
            expected=self._in_units(frame, rebuilt),
            lower=self._in_units(frame, rebuilt - self.point_limit_),
            upper=self._in_units(frame, rebuilt + self.point_limit_),
            contributions=contributions,
        )

    def _check_parameters(self) -> None:
        for key in ("window_minutes", "smooth_minutes", "sensitivity", "hidden", "code", "epochs"):
            if not getattr(self, key) > 0:
                raise BadInput(f"{key} must be above 0, got {getattr(self, key)!r}.", "Raise it.")

    def _squashed(self, frame: pd.DataFrame) -> NDArray[np.float64]:
        """Distance from usual, straight near 0 and logarithmic far out, (n, metrics).

        Without it one fault a hundred spreads away would rule the whole window.
        """
        import numpy as np

        values = frame.to_numpy(dtype=float, na_value=np.nan)
        usual, spread = self.profile_.median_of(frame), self.profile_.spread_of(frame)
        squashed: NDArray[np.float64] = np.arcsinh((values - usual) / (KNEE * spread)) * KNEE
        return squashed

    def _in_units(self, frame: pd.DataFrame, squashed: NDArray[np.float64]) -> pd.DataFrame:
        """The way back from ``_squashed`` to the units of the metrics."""
        import numpy as np

        usual, spread = self.profile_.median_of(frame), self.profile_.spread_of(frame)
        return table_like(frame, usual + np.sinh(squashed / KNEE) * KNEE * spread)

    def _windows(self, frame: pd.DataFrame) -> NDArray[np.float64]:
        """The window that ends at each row, (n, steps * metrics), oldest step first.

        Inside a window a gap is bridged by the last value before it, and the rows before the
        first are taken to equal it; the score of a missing row itself stays missing.
        """
        import numpy as np
        import pandas as pd

        steps = steps_in(self.window_minutes, self.step_seconds_, least=2)
        bridged = pd.DataFrame(self._squashed(frame)).ffill().bfill().fillna(0.0).to_numpy()
        padded = np.vstack([np.repeat(bridged[:1], steps - 1, axis=0), bridged])
        view = np.lib.stride_tricks.sliding_window_view(padded, steps, axis=0)
        return np.ascontiguousarray(view.transpose(0, 2, 1)).reshape(len(frame), -1)

    def _rebuilt(self, frame: pd.DataFrame) -> NDArray[np.float64]:
        """The last step of each window as the network rebuilds it, squashed, (n, metrics)."""
        return forward(self._windows(frame), self.layers_)[:, -frame.shape[1] :]

    def _error(self, frame: pd.DataFrame) -> NDArray[np.float64]:
        return self._squashed(frame) - self._rebuilt(frame)

    def _smoothed(self, error: NDArray[np.float64]) -> NDArray[np.float64]:
        return trailing_mean(error, steps_in(self.smooth_minutes, self.step_seconds_))


def forward(inputs: NDArray[np.float64], layers: list[Layer]) -> NDArray[np.float64]:
    """Run a dense network: ReLU after every layer but the last.

    Args:
        inputs: Array (n, width of the input).
        layers: Weights (width in, width out) and biases (width out,) of each layer.

    Returns:
        Array (n, width of the output).
    """
    import numpy as np

    values = inputs
    for place, (weights, biases) in enumerate(layers):
        values = values @ weights + biases
        if place < len(layers) - 1:
            values = np.maximum(values, 0)
    return values
