"""Trailing windows that know about gaps and about their own beginning."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def steps_in(minutes: float, step_seconds: float, least: int = 1) -> int:
    """Rows that a duration holds.

    Args:
        minutes: Duration in minutes, above 0.
        step_seconds: Step of the table in seconds; 0 stands for a single row.
        least: Smallest answer.

    >>> steps_in(15, 60), steps_in(15, 3600), steps_in(15, 60, least=20)
    (15, 1, 20)
    """
    return max(least, round(minutes * 60 / step_seconds)) if step_seconds else least


def trailing_mean(away: NDArray[np.float64], window: int) -> NDArray[np.float64]:
    """Mean of the last values of each column, over those that are there.

    The first rows are averaged with zeros, which mean "as usual", so that they are not judged
    on a mean of one.

    Args:
        away: Array (n, metrics), distance from usual; gaps are NaN.
        window: Rows in a window, at least 1.

    Returns:
        Array (n, metrics); missing where a whole window is.
    """
    import pandas as pd

    padded = pd.DataFrame(_after_zeros(away, window - 1))
    return padded.rolling(window, min_periods=1).mean().to_numpy()[window - 1 :]


def trailing_median(away: NDArray[np.float64], window: int) -> NDArray[np.float64]:
    """Median of the last values of each column, started on a window of zeros.

    A change of level is believed when it has filled half of the window.

    Args:
        away: Array (n, metrics), distance from usual; gaps are NaN.
        window: Rows in a window, at least 1.

    Returns:
        Array (n, metrics); over a gap longer than the window the last median holds.
    """
    import pandas as pd

    padded = pd.DataFrame(_after_zeros(away, window))
    return padded.rolling(window, min_periods=1).median().ffill().to_numpy()[window:]


def tail_spread(away: NDArray[np.float64]) -> NDArray[np.float64]:
    """Spread of each column, widened where its tail is heavier than a normal one.

    The 99 % quantile of the size is compared with the 2.576 sigma it has on normal noise; one
    per cent of the training window may be anomalous without moving it. Where 99 % are exactly as
    usual, as with errors on good days, the largest size is taken for that quantile.

    Args:
        away: Array (n, metrics), distance from usual; gaps are NaN.

    Returns:
        Array (metrics,), above 0.
    """
    import numpy as np

    size = np.abs(away)
    sigma = np.nanmedian(size, axis=0) * 1.4826
    high = np.nanquantile(size, 0.99, axis=0)
    tail = np.where(high > 0, high, np.nanmax(size, axis=0)) / 2.576
    spread: NDArray[np.float64] = np.maximum(np.maximum(sigma, tail), 1e-9)
    return spread


def _after_zeros(away: NDArray[np.float64], rows: int) -> NDArray[np.float64]:
    import numpy as np

    return np.vstack([np.zeros((rows, away.shape[1])), away])
