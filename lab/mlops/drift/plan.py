"""Which method judges which column."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lab.core.errors import BadInput, unknown
from lab.mlops.drift.columns import Pair, pair
from lab.mlops.drift.methods import SMALLEST_SPREAD, Method, method, methods_for
from lab.mlops.drift.result import NotCompared

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd

    from lab.mlops.drift.methods import Values


@dataclass(frozen=True)
class Plan:
    """A comparable column and the method that will judge it."""

    pair: Pair
    method: Method

    @property
    def column(self) -> str:
        """Name of the column."""
        return self.pair.column

    def pooled(self) -> "tuple[Values, npt.NDArray[np.bool_], npt.NDArray[np.bool_]]":
        """Values of both windows without gaps (n,), whether each is reference (n,), and which
        rows of the windows laid end to end they are.
        """  # noqa: D205
        import numpy as np
        import pandas as pd

        values = pd.concat([self.pair.reference, self.pair.current], ignore_index=True)
        present = values.notna().to_numpy()
        side = np.arange(len(values)) < len(self.pair.reference)
        kind = "float64" if self.pair.kind == "numeric" else "object"
        return values[present].to_numpy(dtype=kind), side[present], present


def plans(
    columns: Sequence[str],
    reference: "pd.DataFrame",
    current: "pd.DataFrame",
    defaults: Mapping[str, str],
    methods: Mapping[str, str],
) -> tuple[list[Plan], tuple[NotCompared, ...]]:
    """Pair up the columns and choose a method for each.

    Args:
        columns: Columns to compare.
        reference: Reference window.
        current: Current window.
        defaults: Method by kind of column.
        methods: Method by column, where it should not be the default.

    Returns:
        What will be compared, and what will not with the reason.

    Raises:
        BadInput: A method does not fit its column, or no column can be compared.
        NotFound: A column or method does not exist.
    """
    for name in methods:
        if name not in columns:
            raise unknown("column", name, columns)
    chosen: list[Plan] = []
    refused: list[NotCompared] = []
    for column in columns:
        found = pair(column, reference, current)
        judged = _plan(found, methods.get(column), defaults) if isinstance(found, Pair) else found
        if isinstance(judged, Plan):
            chosen.append(judged)
        else:
            refused.append(judged)
    if not chosen:
        reasons = " ".join(f"{entry.column}: {entry.reason}" for entry in refused[:5])
        raise BadInput(f"No column can be compared. {reasons}", "Choose other columns.")
    return chosen, tuple(refused)


def _plan(found: Pair, asked: str | None, defaults: Mapping[str, str]) -> Plan | NotCompared:
    import numpy as np

    best = method(asked or defaults[found.kind])
    if found.kind not in best.kinds:
        fitting = ", ".join(entry.name for entry in methods_for(found.kind))
        raise BadInput(
            f"{best.title} does not fit column {found.column!r} ({found.kind}).",
            f"Choose one of: {fitting}.",
        )
    if best.name == "wasserstein" and float(np.nanstd(found.reference)) < SMALLEST_SPREAD:
        if asked:
            return NotCompared(found.column, "It hardly varies in the reference window.")
        best = method("jensenshannon")  # needs no spread to measure by
    return Plan(found, best)
