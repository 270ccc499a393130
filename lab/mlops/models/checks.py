"""What makes a table unfit to learn from, said before time is spent on it."""

import numpy as np
import pandas as pd
from pandas.api import types

from lab.core.errors import BadInput
from lab.core.words import grouped

SAME = 0.9999  # correlation from which a feature is the target under another name
CLOSE = 0.98  # and from which a person should ask how it can be known ahead


def check_target(target: pd.Series) -> None:
    """Refuse a target that no regression can learn.

    Args:
        target: The column to predict.

    Raises:
        BadInput: It is not a number, empty, infinite somewhere, or always the same.
    """
    name = target.name
    if types.is_bool_dtype(target) or not types.is_numeric_dtype(target):
        raise BadInput(
            f"The target {name!r} is {target.dtype}, not a number.",
            "Choose a number column, such as units sold.",
        )
    known = target.dropna().to_numpy(dtype="float64")
    if not len(known):
        raise BadInput(f"The target {name!r} is empty.", "Choose another column.")
    infinite = int(np.isinf(known).sum())
    if infinite:
        raise BadInput(
            f"The target {name!r} is infinite in {grouped(infinite)} rows.",
            "Correct or remove them.",
        )
    if known.min() == known.max():
        raise BadInput(
            f"The target {name!r} is always {known[0]:g}: there is nothing to learn.",
            "Choose a column that varies.",
        )


def leaks(table: pd.DataFrame, target: str) -> tuple[str, ...]:
    """Find features that give the answer away.

    Args:
        table: Number features and the target.
        target: Name of the target.

    Returns:
        A sentence for each feature that is suspiciously close to it.

    Raises:
        BadInput: A feature is the target itself or a straight line of it.
    """
    notes = []
    y = table[target].astype("float64")
    for name in (c for c in table.columns if c != target):
        link = abs(correlation(table[name].astype("float64"), y))
        if link >= SAME:
            raise BadInput(
                f"Column {name!r} is the target {target!r} under another name.",
                f"Leave it out: leave_out=[{name!r}]. At prediction time it is not known.",
            )
        if link >= CLOSE:
            notes.append(
                f"{name} follows {target} almost exactly (correlation {link:.3f}). "
                "Leave it out unless it is really known ahead."
            )
    return tuple(notes)


def correlation(a: pd.Series, b: pd.Series) -> float:
    """Pearson's correlation over rows where both are known; 0 when either does not vary.

    >>> correlation(pd.Series([1.0, 2.0, 3.0]), pd.Series([2.0, 4.0, 6.0]))
    1.0
    """
    both = a.notna() & b.notna()
    x, y = a[both].to_numpy(), b[both].to_numpy()
    if len(x) < 3 or np.ptp(x) == 0 or np.ptp(y) == 0:
        return 0.0
    return round(float(np.corrcoef(x, y)[0, 1]), 6)
