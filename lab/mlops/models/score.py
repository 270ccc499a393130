"""How far predictions are off, always beside the seasonal-naive forecast of the same rows."""

from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class Scores:
    """Errors over some rows; lower is better.

    Args:
        mae: Mean absolute error, in the unit of the target.
        rmse: Root of the mean squared error, in the unit of the target.
        mape: Mean absolute error relative to the actual value, over rows where that is not
            zero; 0.1 is 10 %. NaN when all are zero.
        rows: Rows scored.
    """

    mae: float
    rmse: float
    mape: float
    rows: int

    def to_dict(self) -> dict[str, float]:
        """Plain values by name."""
        return asdict(self)


def score(actual: pd.Series, predicted: np.ndarray) -> Scores:
    """Compare predictions with what came.

    Args:
        actual: What came, (n,).
        predicted: What was said, (n,).

    Returns:
        The errors.

    >>> score(pd.Series([10.0, 0.0]), np.array([8.0, 1.0]))
    Scores(mae=1.5, rmse=1.58..., mape=0.2, rows=2)
    """
    truth = actual.to_numpy(dtype="float64")
    off = np.abs(truth - np.asarray(predicted, dtype="float64"))
    some = truth != 0
    relative = off[some] / np.abs(truth[some])
    return Scores(
        mae=float(off.mean()),
        rmse=float(np.sqrt((off**2).mean())),
        mape=float(relative.mean()) if some.any() else float("nan"),
        rows=len(truth),
    )


def improvement(mae: float, baseline_mae: float) -> float:
    """Share of the baseline's error that is gone: 0.25 is a quarter less, below 0 is worse.

    >>> improvement(3.0, 4.0)
    0.25
    """
    return 1.0 - mae / baseline_mae if baseline_mae else 0.0
