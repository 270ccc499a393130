"""Series that stood still while a detector learnt: there is nothing to learn, and any move is news.

No spread can be learnt from a constant, so it is not the distance that counts but how often the
series leaves its value. After n values that are all the same, at most 3 of n others are to be
expected with 95 % confidence (the rule of three); more than chance would make of that is an alarm.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lab.aiops.detect.base import Scores, combine, table_like
from lab.aiops.detect.rolling import steps_in, trailing_median
from lab.aiops.detect.validate import check_index

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

WINDOW_MINUTES = 15.0
LEVEL_MINUTES = 240.0
CHANCE = 0.05
# What the mean of several samples within a step may stray by; a start time is nearly 2e9 seconds.
ROUNDING = 1e-12
# As Prometheus names them. A moment says when, not how much: another start is no anomaly.
MOMENT = re.compile(r"_time(?:stamp)?_seconds(?:{|$)")


def moved(train: pd.DataFrame, later: pd.DataFrame) -> list[str]:
    """Columns that were constant in training and are not in the rows that came later.

    Moments, such as ``process_start_time_seconds``, are left out.
    """
    import numpy as np

    values = later.to_numpy(dtype=float, na_value=np.nan)
    away = _differs(values, train.max().to_numpy(dtype=float))
    return [
        str(name)
        for name, rows in zip(later.columns, away.T, strict=True)
        if rows.any() and not MOMENT.search(str(name))
    ]


def standstill_scores(train: pd.DataFrame, later: pd.DataFrame) -> Scores:
    """Score columns that were constant in training by how often they leave their value.

    A row counts when it is neither at the value of the training window nor at the level of the
    last four hours, so that a setting that was changed for good is news for two. The score is
    the number of such rows in the last 15 minutes over the number that chance does not explain.

    Args:
        train: Table (n, metrics), each column constant.
        later: The rows that follow, the same columns; gaps are NaN.

    Returns:
        Scores, 0 for a row that stands still; ``expected`` is the level, and so is its band.

    Source: Hanley and Lippman-Hand, If Nothing Goes Wrong, Is Everything All Right?, 1983.
    """
    import numpy as np

    step = check_index(train) or 0.0
    values = later.to_numpy(dtype=float, na_value=np.nan)
    constant = train.max().to_numpy(dtype=float)
    level = trailing_median(values - constant, steps_in(LEVEL_MINUTES, step, least=2)) + constant
    news = _differs(values, constant) & _differs(values, level)
    window = steps_in(WINDOW_MINUTES, step)
    score = np.where(news, _trailing_sum(news, window), 0.0)
    score /= [telling(int(count), window) for count in train.count()]
    contributions = table_like(later, np.where(np.isnan(values), np.nan, score))
    expected = table_like(later, level)
    return Scores(combine(contributions), expected, expected, expected, contributions)


def telling(constant: int, window: int) -> int:
    """Rows in a window that must differ before chance no longer explains them.

    Args:
        constant: Rows that were all the same, 1 or more.
        window: Rows in the window.

    >>> telling(30, 15), telling(60, 15), telling(1440, 15)
    (5, 3, 1)
    """
    from math import exp

    expected = 3 * window / constant
    rows, chance = 1, exp(-expected)
    beyond = 1 - chance  # that a Poisson count reaches as many rows
    while beyond > CHANCE:
        chance *= expected / rows
        beyond -= chance
        rows += 1
    return rows


def _differs(values: NDArray[np.float64], usual: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Where a value is there and is another one."""
    import numpy as np

    apart: NDArray[np.bool_] = np.abs(values - usual) > ROUNDING * np.abs(usual)
    return apart  # a gap compares as false


def _trailing_sum(news: NDArray[np.bool_], window: int) -> NDArray[np.float64]:
    import pandas as pd

    return pd.DataFrame(news.astype(float)).rolling(window, min_periods=1).sum().to_numpy()
