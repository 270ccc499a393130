"""A contract to begin with, from a table that is good: what it looks like is what it promises."""

import math
from collections.abc import Sequence
from typing import Any

from lab.core.sql import quoted
from lab.data.quality.contract import Column, Contract, Kind, Rows
from lab.data.quality.whole import Relation, kind_of

# Texts with at most this many different values, each on ten rows on average, are a list to keep.
FEW_TEXTS = 20
ROWS_EACH = 10
# How much farther than seen a number may go, as a share of the range seen.
MARGIN = 0.5


def suggest(relation: Relation, dataset: str, keys: Sequence[Sequence[str]] = ()) -> Contract:
    """Make a contract that a good table keeps.

    Args:
        relation: A table that is good.
        dataset: Its name.
        keys: Columns that make a row unique, where known.

    Returns:
        A contract for a person to edit: types, columns without gaps required, generous ranges,
        short lists of texts, and at least half the rows.
    """
    rows = int(relation.numbers("count(*)")[0])
    known = {name: kind_of(kind) for name, kind in relation.types.items()}
    columns = {name: _column(relation, name, kind, rows) for name, kind in known.items() if kind}
    unique = tuple(tuple(key) for key in keys if key and set(key) <= set(columns))
    return Contract(dataset=dataset, columns=columns, unique=unique, rows=Rows(least=rows // 2))


def _column(relation: Relation, name: str, kind: Kind, rows: int) -> Column:
    cell = quoted(name)
    filled = int(relation.numbers(f"count({cell})")[0])
    said: dict[str, Any] = {"type": kind, "required": bool(rows) and filled == rows}
    if 0 < filled < rows:
        said["complete"] = math.floor(filled / rows * 20) / 20
    if kind in ("integer", "number") and filled:
        ends = _range(*relation.numbers(f"min({cell}), max({cell})"))
        said["least"], said["most"] = (int(end) if end.is_integer() else end for end in ends)
    if kind == "text" and filled:
        texts = relation.connection.execute(
            f"SELECT DISTINCT {cell} FROM ({relation.sql}) WHERE {cell} IS NOT NULL "
            f"ORDER BY 1 LIMIT {FEW_TEXTS + 1}"
        ).fetchall()
        if len(texts) <= min(FEW_TEXTS, filled / ROWS_EACH):
            said["only"] = tuple(text for (text,) in texts)
    return Column(**said)


def _range(low: float, high: float) -> tuple[float, float]:
    """A range wider than what was seen, that keeps its sign, in round numbers."""
    wider = (high - low) * MARGIN or abs(high) * MARGIN or 1.0
    least = 0.0 if low >= 0 else _rounded(low - wider, math.floor)
    most = 0.0 if high <= 0 and low < 0 else _rounded(high + wider, math.ceil)
    return least, most


def _rounded(value: float, towards: Any) -> float:
    """A number with two significant digits, rounded outwards."""
    if not math.isfinite(value) or not value:
        return value
    step = 10.0 ** (math.floor(math.log10(abs(value))) - 1)
    return float(f"{towards(value / step) * step:.6g}")
