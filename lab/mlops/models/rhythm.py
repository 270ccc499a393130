"""The rhythm of a table: its time step, its season, and which past helps to look how far ahead."""

from dataclasses import dataclass

import pandas as pd

from lab.core.errors import BadInput
from lab.mlops.models.recipe import DAY_SECONDS

MONTH_DAYS = 30.4375
OFF_BEAT = 0.1  # share of a step by which times may be off


@dataclass(frozen=True)
class Rhythm:
    """Steps and seasons; see ``Recipe`` for the meaning of each."""

    step_seconds: float
    season: int
    horizon: int
    lags: tuple[int, ...]
    windows: tuple[int, ...]


def rhythm(times: pd.Series, horizon: int | None = None) -> Rhythm:
    """Find the rhythm of some times.

    Args:
        times: Time of each row, repeats allowed.
        horizon: Steps ahead to predict; one season when not given, one step where the season
            is a year.

    Returns:
        The rhythm; lags reach no further back than a quarter of the table.

    Raises:
        BadInput: There are fewer than 20 different times, or they keep no regular step.
    """
    moments = times.drop_duplicates().sort_values()
    if len(moments) < 20:
        raise BadInput(
            f"The table holds {len(moments)} different times; that is too few to learn a rhythm.",
            "Load a longer table.",
        )
    step = _step(moments)
    season = _season(step)
    yearly = step > DAY_SECONDS
    horizon = horizon or (1 if yearly else season)
    naive = season * -(-horizon // season)
    reach = max(naive, round((moments.iloc[-1] - moments.iloc[0]).total_seconds() / step) // 4)
    lags = (
        {horizon, horizon + 1, horizon + 2, naive} if yearly
        else {naive + k * season for k in range(4)}
    )  # fmt: skip
    windows = {4, season} if yearly else {season, 4 * season}
    return Rhythm(
        step,
        season,
        horizon,
        tuple(sorted(lag for lag in lags if lag <= reach)),
        tuple(sorted(w for w in windows if horizon + w - 1 <= reach)) or (season,),
    )


def _step(moments: pd.Series) -> float:
    gaps = moments.diff().dropna().dt.total_seconds()
    step = float(gaps.mode().iloc[0])
    if 27 * DAY_SECONDS < step < 32 * DAY_SECONDS:
        step = MONTH_DAYS * DAY_SECONDS  # months differ in length
    beats = (moments - moments.iloc[0]).dt.total_seconds() / step
    off = (beats - beats.round()).abs() > OFF_BEAT
    if off.mean() > 0.01:
        raise BadInput(
            f"Times in {moments.name!r} keep no regular step: {off.mean():.0%} are off the "
            f"commonest one, {pd.Timedelta(seconds=step)}.",
            "Sum the rows up by hour, day or week first (Explore has a SQL box).",
        )
    return step


def _season(step: float) -> int:
    if step >= 27 * DAY_SECONDS:
        return 12
    if step >= 7 * DAY_SECONDS:
        return 52
    if step >= DAY_SECONDS:
        return max(1, round(7 * DAY_SECONDS / step))
    return round(DAY_SECONDS / step)
