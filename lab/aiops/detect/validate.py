"""The one gate that every table passes before a detector sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from lab.core.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

MINIMUM_ROWS = 30
MAXIMUM_GAP_SHARE = 0.8


def training_problems(train: pd.DataFrame) -> dict[str, str]:
    """Say for each column why a detector cannot learn from it.

    Gaps (NaN) are allowed: monitoring loses samples, and a gap says nothing about the rest.
    They are refused when more than four fifths of a column are missing or fewer than 30 values
    are left.

    Args:
        train: Table (n, metrics) of numbers.

    Returns:
        Reason by column; empty when all columns are fit to train on.

    >>> import pandas as pd
    >>> training_problems(pd.DataFrame({"load": [1.0] * 40, "cpu": [1.0, 2.0] * 20}))
    {'load': 'is constant (1 in all 40 rows)'}
    """
    problems = {}
    for name in train.columns:
        reason = _unfit(train[name]) or _standstill(train[name])
        if reason:
            problems[str(name)] = reason
    return problems


def constant_columns(train: pd.DataFrame) -> list[str]:
    """Columns that nothing is wrong with but that they never moved."""
    return [str(name) for name in train if not _unfit(train[name]) and _standstill(train[name])]


def _unfit(column: pd.Series) -> str:
    import numpy as np
    import pandas as pd

    if not pd.api.types.is_numeric_dtype(column) or pd.api.types.is_bool_dtype(column):
        return f"holds {column.dtype} values, not numbers"
    values = column.to_numpy(dtype=float, na_value=np.nan)
    infinite, present = int(np.isinf(values).sum()), values[np.isfinite(values)]
    if infinite:
        return f"has {infinite} infinite value{'s' if infinite > 1 else ''}"
    if len(present) < MINIMUM_ROWS:
        return f"has {len(present)} values; at least {MINIMUM_ROWS} are needed"
    missing = 1 - len(present) / len(values)
    if missing > MAXIMUM_GAP_SHARE:
        return f"is missing in {missing:.0%} of the rows; at most {MAXIMUM_GAP_SHARE:.0%} may be"
    return ""


def _standstill(column: pd.Series) -> str:
    present = column.dropna()
    if present.min() < present.max():
        return ""
    return f"is constant ({present.iloc[0]:g} in all {len(present)} rows)"


def check_training(train: pd.DataFrame) -> None:
    """Refuse a table that a detector cannot learn from.

    Args:
        train: Table (n, metrics), UTC index with a regular step.

    Raises:
        BadInput: The index is not regular UTC time, or a column is constant, too short, too
            gappy, infinite or not numeric; every such column is named with its reason.
    """
    check_index(train)
    problems = training_problems(train)
    if problems:
        raise BadInput(f"Cannot train: {_listed(problems)}.", _hint(problems))


def check_scoring(frame: pd.DataFrame, columns: tuple[str, ...], step_seconds: float) -> None:
    """Refuse a table that does not look like the one a detector was fitted on.

    Args:
        frame: Table (n, metrics) to score; gaps are welcome and score as missing.
        columns: Columns of the training table, in order.
        step_seconds: Step of the training table.

    Raises:
        BadInput: Other columns, another step, infinite values or no regular UTC index.
    """
    if tuple(frame.columns) != columns:
        raise BadInput(
            f"The detector was fitted on {', '.join(columns)}; "
            f"it was given {', '.join(map(str, frame.columns)) or 'no columns'}.",
            "Score the same columns, in the same order.",
        )
    step = check_index(frame)
    if step is not None and step != step_seconds:
        raise BadInput(
            f"The detector was fitted on a step of {step_seconds:g} s; the table has {step:g} s.",
            "Resample to the same step.",
        )
    infinite = infinite_columns(frame)
    if infinite:
        raise BadInput(f"Cannot score: {_listed(infinite)}.", _hint(infinite))


def infinite_columns(frame: pd.DataFrame) -> dict[str, str]:
    """Reason by column for the columns that hold an infinite value."""
    import numpy as np

    infinite = np.isinf(frame.to_numpy(dtype=float, na_value=np.nan)).any(axis=0)
    return {str(name): "has infinite values" for name in frame.columns[infinite]}


def check_index(frame: pd.DataFrame) -> float | None:
    """Check that a table is regular in UTC time and give its step.

    Args:
        frame: Table with at least one row and one column.

    Returns:
        Step in seconds, or ``None`` for a single row.

    Raises:
        BadInput: The index is not UTC time, not rising, or has an irregular step.
    """
    import numpy as np
    import pandas as pd

    index = frame.index
    if frame.shape[0] == 0 or frame.shape[1] == 0:
        raise BadInput("The table is empty.", "Choose a window and metrics that hold data.")
    if not isinstance(index, pd.DatetimeIndex) or str(index.tz) != "UTC":
        raise BadInput(
            "The table needs a time index in UTC.",
            "Use frame.tz_localize('UTC') or frame.tz_convert('UTC').",
        )
    seconds = index_seconds(index)
    steps = np.unique(np.diff(seconds))
    if len(steps) > 1 or (len(steps) == 1 and steps[0] <= 0):
        raise BadInput(
            f"The time index is not regular: its steps run from {steps.min():g} to "
            f"{steps.max():g} s.",
            "Resample to one step; gaps stay as missing values.",
        )
    return float(steps[0]) if len(steps) else None


def time_index(frame: pd.DataFrame) -> pd.DatetimeIndex:
    """The index of a checked table, as the time index it is known to be."""
    return cast("pd.DatetimeIndex", frame.index)


def index_seconds(index: pd.DatetimeIndex) -> NDArray[np.float64]:
    """Seconds since 1970 of each time in an index, (n,), whatever unit the index has."""
    import pandas as pd

    epoch = pd.Timestamp(0, tz="UTC")
    seconds: NDArray[np.float64] = ((index - epoch) / pd.Timedelta(seconds=1)).to_numpy(float)
    return seconds


def _listed(problems: Mapping[str, str]) -> str:
    return "; ".join(f"column {name} {reason}" for name, reason in problems.items())


def _hint(problems: Mapping[str, str]) -> str:
    if any("constant" in reason for reason in problems.values()):
        return "Leave constant columns out: nothing can be learnt from them."
    if any("infinite" in reason for reason in problems.values()):
        return "Replace infinite values by missing ones at the source."
    return "Choose a longer training window or leave the column out."
