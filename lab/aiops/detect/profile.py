"""The usual day: a robust seasonal profile of level and spread."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lab.aiops.detect.validate import index_seconds, time_index
from lab.core.errors import BadInput

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

DAY_SECONDS = 86_400
SIGMA_PER_MAD = 1.4826  # makes the MAD equal the standard deviation on normal noise
SEASONS = ("auto", "none", "day", "daytype", "week")
LEAST_SPREAD = 0.5  # of the overall spread, so that a very quiet hour does not alarm on a whisper


@dataclass(frozen=True, eq=False)
class SeasonalProfile:
    """What is usual at each time of the day, for each kind of day.

    Args:
        season: ``none``, ``day``, ``daytype`` (workdays apart from weekends) or ``week``.
        medians: Array (kinds of day, bins per day, metrics), in the metrics' units.
        spreads: Array of the same shape, 1.4826 times the median absolute deviation, above 0.
    """

    season: str
    medians: NDArray[np.float64]
    spreads: NDArray[np.float64]

    def median_of(self, frame: pd.DataFrame) -> NDArray[np.float64]:
        """Usual level at each row, (n, metrics), between bin centres by straight lines."""
        return _interpolated(self.medians, self.season, time_index(frame))

    def spread_of(self, frame: pd.DataFrame) -> NDArray[np.float64]:
        """Usual spread at each row, (n, metrics)."""
        return _interpolated(self.spreads, self.season, time_index(frame))


def learn_profile(
    train: pd.DataFrame, season: str = "auto", bin_minutes: float = 30.0
) -> SeasonalProfile:
    """Learn the usual level and spread for each time of the day.

    The median and the median absolute deviation hold up to just under half of the samples of a
    bin being anomalous (breakdown point 0.5).

    Args:
        train: Table (n, metrics), UTC index with a regular step; gaps are left out.
        season: One of ``SEASONS``; ``auto`` chooses by the length of the table.
        bin_minutes: Width of a bin in minutes, above 0.

    Returns:
        The profile.

    Raises:
        BadInput: The season is unknown or the bin is not above 0.

    Source: Rousseeuw and Croux, Alternatives to the Median Absolute Deviation, 1993, section 1.
    """
    import numpy as np

    if season not in SEASONS:
        raise BadInput(f"There is no season {season!r}.", f"Choose {', '.join(SEASONS)}.")
    if not bin_minutes > 0:
        raise BadInput(f"bin_minutes must be above 0, got {bin_minutes!r}.", "Try 30.")
    index = time_index(train)
    chosen = resolved_season(index) if season == "auto" else season
    values = train.to_numpy(dtype=float, na_value=np.nan)
    kinds, bins = _shape(chosen, index, bin_minutes)
    medians = _binned_medians(values, chosen, index, kinds, bins)
    away = np.abs(values - _interpolated(medians, chosen, index))
    spreads = _binned_medians(away, chosen, index, kinds, bins) * SIGMA_PER_MAD
    floor = LEAST_SPREAD * overall_spread(away)
    return SeasonalProfile(chosen, medians, np.maximum(spreads, floor))


def resolved_season(index: pd.DatetimeIndex) -> str:
    """Choose the finest season that a training window can teach.

    A bin needs several days of its own: one Sunday seen once says little about Sundays, and a
    spread learnt from it is too small.

    Args:
        index: Times of the training table, regular.

    Returns:
        ``week`` from four weeks on, ``daytype`` from two weeks on, ``day`` from two days on,
        else ``none``.

    >>> import pandas as pd
    >>> resolved_season(pd.date_range("2026-03-02", periods=7 * 24, freq="h", tz="UTC"))
    'day'
    """
    days = (index[-1] - index[0] + (index[1] - index[0])).total_seconds() / DAY_SECONDS
    for least, season in ((28, "week"), (14, "daytype"), (2, "day")):
        if days >= least:
            return season
    return "none"


def overall_spread(away: NDArray[np.float64]) -> NDArray[np.float64]:
    """Spread of each column from its absolute deviations, (metrics,), always above 0.

    Falls back to the mean deviation where more than half of the deviations are 0.
    """
    import numpy as np

    spread = np.nanmedian(away, axis=0) * SIGMA_PER_MAD
    mean = np.nanmean(away, axis=0) * 1.2533  # sqrt(pi/2): mean deviation of normal noise
    spread = np.where(spread > 0, spread, mean)
    return np.where(spread > 0, spread, 1.0)


def _shape(season: str, index: pd.DatetimeIndex, bin_minutes: float) -> tuple[int, int]:
    if season == "none":
        return 1, 1
    step = (index[1] - index[0]).total_seconds()
    width = max(bin_minutes * 60, step)
    return {"day": 1, "daytype": 2, "week": 7}[season], max(1, round(DAY_SECONDS / width))


def _kind(season: str, index: pd.DatetimeIndex) -> NDArray[np.int64]:
    weekday = index.dayofweek.to_numpy(dtype="int64")
    if season == "week":
        return weekday
    return (weekday >= 5).astype("int64") if season == "daytype" else weekday * 0


def _binned_medians(
    values: NDArray[np.float64], season: str, index: pd.DatetimeIndex, kinds: int, bins: int
) -> NDArray[np.float64]:
    import pandas as pd

    of_day = index_seconds(index) % DAY_SECONDS
    cell = _kind(season, index) * bins + (of_day * bins / DAY_SECONDS).astype("int64")
    grouped = pd.DataFrame(values).groupby(cell).median().reindex(range(kinds * bins))
    by_kind = grouped.to_numpy().reshape(kinds, bins, values.shape[1])
    return _filled(by_kind.copy(), values)


def _filled(by_kind: NDArray[np.float64], values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Fill bins without samples from the other kinds of day, then from the whole table."""
    import numpy as np
    import pandas as pd

    flat = pd.DataFrame(np.concatenate(list(by_kind), axis=1))
    same_bin = flat.T.groupby(np.tile(range(by_kind.shape[2]), len(by_kind))).median().T
    for kind in by_kind:
        kind[:] = np.where(np.isnan(kind), same_bin.to_numpy(), kind)
        kind[:] = np.where(np.isnan(kind), np.nanmedian(values, axis=0), kind)
    return by_kind


def _interpolated(
    by_kind: NDArray[np.float64], season: str, index: pd.DatetimeIndex
) -> NDArray[np.float64]:
    import numpy as np

    bins = by_kind.shape[1]
    place = (index_seconds(index) % DAY_SECONDS) * bins / DAY_SECONDS - 0.5
    low = np.floor(place).astype("int64")
    share = (place - low)[:, None]
    kind = _kind(season, index)
    blend: NDArray[np.float64] = (
        by_kind[kind, low % bins] * (1 - share) + by_kind[kind, (low + 1) % bins] * share
    )
    return blend
