"""What can be compared and what cannot, column by column, each refusal with its reason."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lab.core.errors import BadInput, unknown
from lab.core.words import grouped
from lab.mlops.drift.result import Kind, MissingShare, NotCompared
from lab.mlops.drift.safe_html import safe_names

if TYPE_CHECKING:
    import pandas as pd

FEWEST_ROWS = 30
MOST_CATEGORIES = 500
LARGEST = 1e150  # its square, summed up, is still a number


@dataclass(frozen=True)
class Pair:
    """One column on both sides, ready to be compared.

    Args:
        column: Its name as given.
        kind: ``numeric`` (floats) or ``category`` (harmless strings).
        reference: Its values in the reference window; missing ones are NaN.
        current: Its values in the current window.
    """

    column: str
    kind: Kind
    reference: "pd.Series"
    current: "pd.Series"


def check_windows(
    reference: "pd.DataFrame", current: "pd.DataFrame", columns: Sequence[str]
) -> None:
    """Refuse windows that no column could be compared in.

    Raises:
        BadInput: A window is empty or has fewer than 30 rows, or repeats a column name.
        NotFound: A named column is in neither window.
    """
    for name, frame in (("reference", reference), ("current", current)):
        if len(frame) < FEWEST_ROWS:
            rows = f"only {len(frame)} rows" if len(frame) else "no rows"
            raise BadInput(
                f"The {name} window has {rows}; {FEWEST_ROWS} are the least to compare.",
                f"Choose a longer {name} window.",
            )
        if not frame.columns.is_unique:
            twice = sorted({str(c) for c in frame.columns[frame.columns.duplicated()]})
            raise BadInput(
                f"The {name} window repeats the column {', '.join(twice)}.", "Rename one of them."
            )
        if not all(isinstance(column, str) for column in frame.columns):
            raise BadInput(f"The {name} window has columns without a name.", "Name them.")
    known = {name for frame in (reference, current) for name in frame.columns}
    for name in columns:
        if name not in known:
            raise unknown("column", name, known)


def pair(column: str, reference: "pd.DataFrame", current: "pd.DataFrame") -> Pair | NotCompared:
    """Make a column comparable, or say why it is not.

    Args:
        column: Its name.
        reference: Reference window.
        current: Current window.

    Returns:
        The column as floats or harmless strings, or the reason it has no verdict.
    """
    for side, frame in (("reference", reference), ("current", current)):
        if column not in frame.columns:
            return NotCompared(column, f"It is not in the {side} window.")
    kinds = [_kind(frame[column]) for frame in (reference, current)]
    if "time" in kinds:
        return NotCompared(column, "Times are not compared.")
    if kinds[0] != kinds[1]:
        words = {"numeric": "numbers", "category": "text"}
        return NotCompared(
            column, f"It holds {words[kinds[0]]} in the reference, {words[kinds[1]]} now."
        )
    if kinds[0] == "numeric":
        found = Pair(column, "numeric", _floats(reference[column]), _floats(current[column]))
    else:
        found = Pair(column, "category", *_labels(reference[column], current[column]))
    reason = _fault(found)
    return NotCompared(column, reason) if reason else found


def missing_shares(
    columns: Sequence[str], reference: "pd.DataFrame", current: "pd.DataFrame"
) -> tuple[MissingShare, ...]:
    """Columns whose share of missing values differs by a point and by three standard errors."""
    found = []
    for column in columns:
        if column in reference.columns and column in current.columns:
            p, q = float(reference[column].isna().mean()), float(current[column].isna().mean())
            error = (p * (1 - p) / len(reference) + q * (1 - q) / len(current)) ** 0.5
            if abs(p - q) >= max(0.01, 3 * error):
                found.append(MissingShare(column, p, q))
    return tuple(found)


def _kind(values: "pd.Series") -> str:
    from pandas.api import types

    if types.is_datetime64_any_dtype(values.dtype) or types.is_timedelta64_dtype(values.dtype):
        return "time"
    if types.is_bool_dtype(values.dtype) or not types.is_numeric_dtype(values.dtype):
        inferred = types.infer_dtype(values, skipna=True)
        return "time" if inferred in ("date", "datetime", "time", "timedelta") else "category"
    return "numeric"


def _floats(values: "pd.Series") -> "pd.Series":
    # Nullable integers would be skipped by Evidently without a word.
    return values.astype("float64").reset_index(drop=True)


def _labels(reference: "pd.Series", current: "pd.Series") -> tuple["pd.Series", "pd.Series"]:
    sides = [values.astype("object").reset_index(drop=True) for values in (reference, current)]
    kept = [side[side.notna()].map(str) for side in sides]
    safe = safe_names(sorted({label for side in kept for label in side.unique()}))
    reindexed = [
        labels.map(safe).reindex(side.index) for labels, side in zip(kept, sides, strict=True)
    ]
    return reindexed[0].astype("str"), reindexed[1].astype("str")


def _fault(found: Pair) -> str:
    import numpy as np
    import pandas as pd

    sides = {"reference": found.reference, "current": found.current}
    for side, values in sides.items():
        present = int(values.notna().sum())
        if not present:
            return f"It has no values in the {side} window."
        if present < FEWEST_ROWS:
            return f"It has only {present} values in the {side} window; {FEWEST_ROWS} are needed."
        if found.kind == "numeric" and np.isinf(values).any():
            return f"It has {int(np.isinf(values).sum())} infinite values in the {side} window."
        if found.kind == "numeric" and float(np.nanmax(np.abs(values))) > LARGEST:
            return f"Its values in the {side} window are too large to square."
    pooled = pd.concat(sides.values()).dropna()
    different = pooled.nunique()
    if different == 1:
        return f"It is always {pooled.iloc[0]}."
    if found.kind == "category" and different > min(MOST_CATEGORIES, len(pooled) / 2):
        return f"It has {grouped(different)} different values: an identifier or free text."
    return ""
