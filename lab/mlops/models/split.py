"""Splits that respect time: what is tested always lies after what was learned from.

Hyndman & Athanasopoulos, Forecasting: Principles and Practice (3rd ed.), section 5.10.
"""

from dataclasses import dataclass

import pandas as pd

from lab.core.errors import BadInput


@dataclass(frozen=True)
class Window:
    """A half-open stretch of time, ``start`` included, ``end`` not."""

    start: pd.Timestamp
    end: pd.Timestamp

    def holds(self, times: pd.Series) -> pd.Series:
        """Which rows lie in it."""
        return (times >= self.start) & (times < self.end)

    def __str__(self) -> str:
        return f"{self.start:%Y-%m-%d} to {self.end:%Y-%m-%d}"


@dataclass(frozen=True)
class Split:
    """What to learn from and what to test on; the two never overlap.

    Args:
        name: What to call it, such as ``"fold 2"`` or ``"holdout"``.
        train: Window to learn from.
        test: Window to test on, later than ``train`` by at least the gap.
    """

    name: str
    train: Window
    test: Window


def holdout(times: pd.Series, length: pd.Timedelta, gap: pd.Timedelta, step: pd.Timedelta) -> Split:
    """Set the last stretch of time aside.

    Args:
        times: Time of each row.
        length: Length of the test window, which ends with the last row.
        gap: Time before the test window from which nothing is learned: with a horizon of h
            steps, the h - 1 rows before it would not be known yet when it is predicted.
        step: Time between two rows; the last row lasts that long.

    Returns:
        The split.

    Raises:
        BadInput: Less than twice the test window is left to learn from.
    """
    end = times.max() + step
    return _split("holdout", times.min(), end - length, end, gap)


def expanding(times: pd.Series, folds: int, length: pd.Timedelta, gap: pd.Timedelta,
              end: pd.Timestamp) -> tuple[Split, ...]:  # fmt: skip
    """Test windows in a row before ``end``, each learned from everything before it.

    Args:
        times: Time of each row.
        folds: How many, at least 2.
        length: Length of each test window.
        gap: As in ``holdout``.
        end: Where the last test window ends: the start of the holdout.

    Returns:
        Splits in order of time.

    Raises:
        BadInput: The table is too short for that many folds.
    """
    if folds < 2:
        raise BadInput(f"{folds} folds is too few.", "Ask for 2 or more.")
    starts = [end - length * k for k in range(folds, 0, -1)]
    return tuple(
        _split(f"fold {k}", times.min(), start, start + length, gap)
        for k, start in enumerate(starts, start=1)
    )


def _split(
    name: str, first: pd.Timestamp, start: pd.Timestamp, end: pd.Timestamp, gap: pd.Timedelta
) -> Split:
    length = end - start
    if start - gap - first < 2 * length:
        days = length / pd.Timedelta(days=1)
        raise BadInput(
            f"The table is too short: {name} would test {days:g} days and learn from fewer than "
            f"{2 * days:g} before them.",
            "Ask for fewer folds or a shorter holdout, or load a longer table.",
        )
    return Split(name, Window(first, start - gap), Window(start, end))
