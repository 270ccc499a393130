"""What a detector is, what it gives, and how detectors are found."""

from __future__ import annotations

import importlib
import pkgutil
from dataclasses import MISSING, dataclass, fields, is_dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, cast, runtime_checkable

from lab.core.errors import BadInput, unknown

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Self

    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Scores:
    """What a detector says about each row of a table.

    Args:
        score: Series (n,), from 0 up; 1.0 is the threshold; missing where nothing can be said.
        expected: Table like the input, what the detector expected, in the input's units; or
            ``None`` where a detector has no such picture.
        lower: Table like the input, lower edge of the expected band, or ``None``.
        upper: Table like the input, upper edge of the expected band, or ``None``.
        contributions: Table like the input, the score of each column on the same scale, or
            ``None``.
    """

    score: pd.Series
    expected: pd.DataFrame | None = None
    lower: pd.DataFrame | None = None
    upper: pd.DataFrame | None = None
    contributions: pd.DataFrame | None = None


@runtime_checkable
class Detector(Protocol):
    """Learns what is normal for one host and scores new rows.

    A detector is a dataclass: the constructor stores its parameters and does nothing else.
    """

    name: ClassVar[str]
    title: ClassVar[str]

    def fit(self, train: pd.DataFrame) -> Self:
        """Learn from a table taken to be mostly normal, (n, metrics), and return itself."""
        ...

    def score(self, frame: pd.DataFrame) -> Scores:
        """Score a table with the fitted columns and step, of any length."""
        ...


def detectors() -> dict[str, type[Detector]]:
    """Find every detector in this package.

    Returns:
        Classes by name, sorted by name. A module that fails to import raises: an absent
        detector is never passed over in silence.

    >>> "seasonal_robust" in detectors()
    True
    """
    import lab.aiops.detect as package

    found: dict[str, type[Detector]] = {}
    for info in pkgutil.iter_modules(package.__path__):
        module = importlib.import_module(f"{package.__name__}.{info.name}")
        for value in vars(module).values():
            if _is_detector(value) and value.__module__ == module.__name__:
                found[value.name] = value
    return dict(sorted(found.items()))


def _is_detector(value: object) -> bool:
    if not isinstance(value, type) or not is_dataclass(value):
        return False
    return all(hasattr(value, part) for part in ("name", "title", "fit", "score"))


def make_detector(name: str, params: dict[str, Any] | None = None) -> Detector:
    """Build a detector from its name and parameters.

    Args:
        name: One of ``detectors()``.
        params: Values for some of its parameters; the others keep their defaults.

    Raises:
        NotFound: There is no such detector.
        BadInput: A parameter is unknown or has the wrong type.

    >>> make_detector("static_threshold", {"quantile": 0.99}).quantile
    0.99
    """
    known = detectors()
    if name not in known:
        raise unknown("detector", name, known)
    allowed = parameters(known[name])
    for key, value in (params or {}).items():
        if key not in allowed:
            raise BadInput(
                f"Detector {name} has no parameter {key!r}.",
                f"Its parameters: {', '.join(allowed)}.",
            )
        _check_type(name, key, value, allowed[key])
    return known[name](**(params or {}))


def parameters(detector: type[Detector] | Detector) -> dict[str, Any]:
    """Give the parameters of a detector.

    Args:
        detector: A class, for the defaults; or an instance, for its values.

    Returns:
        Value by parameter name, in order of declaration.
    """
    values: dict[str, Any] = {}
    for item in fields(cast("Any", detector)):
        if not item.init:
            continue
        if isinstance(detector, type):
            values[item.name] = None if item.default is MISSING else item.default
        else:
            values[item.name] = getattr(detector, item.name)
    return values


def _check_type(name: str, key: str, value: object, default: object) -> None:
    kinds = (int, float) if isinstance(default, float) else type(default)
    wrong_bool = isinstance(value, bool) != isinstance(default, bool)
    if not isinstance(value, kinds) or wrong_bool:
        raise BadInput(
            f"Detector {name}: {key} must be a {type(default).__name__}, got {value!r}.",
            f"The default is {default!r}.",
        )


def combine(contributions: pd.DataFrame) -> pd.Series:
    """Join the scores of columns into the score of the row.

    The largest score wins. A row with a missing column is known only when a present column
    alarms already (Kleene's three-valued "or"); otherwise its score is missing.

    Args:
        contributions: Table (n, metrics) of scores on the scale where 1.0 is the threshold.

    Returns:
        Series (n,) named ``score``.

    >>> import pandas as pd
    >>> rows = pd.DataFrame({"cpu": [0.2, 0.2, 3.0], "load": [0.5, None, None]})
    >>> combine(rows).tolist()
    [0.5, nan, 3.0]
    """
    worst = contributions.max(axis=1)
    unknown_rows = contributions.isna().any(axis=1) & ~(worst >= 1.0)
    return worst.mask(unknown_rows).rename("score")


def beside(parts: Sequence[Scores]) -> Scores:
    """Join scores of several sets of columns over the same rows.

    Args:
        parts: At least one; the rows are those of the first.

    Returns:
        The columns of all, side by side; a table that one part lacks is absent.
    """
    import pandas as pd

    if len(parts) == 1:
        return parts[0]

    def joined(tables: Sequence[pd.DataFrame | None]) -> pd.DataFrame | None:
        there = [table for table in tables if table is not None]
        return pd.concat(there, axis=1) if len(there) == len(parts) else None

    return Scores(
        combine(pd.concat([part.score for part in parts], axis=1)),
        joined([part.expected for part in parts]),
        joined([part.lower for part in parts]),
        joined([part.upper for part in parts]),
        joined([part.contributions for part in parts]),
    )


def table_like(frame: pd.DataFrame, values: NDArray[np.float64]) -> pd.DataFrame:
    """Put computed values back into the shape of the input table.

    Args:
        frame: The input, (n, metrics).
        values: Array of the same shape.

    Returns:
        A table with the index and columns of ``frame``.
    """
    import pandas as pd

    return pd.DataFrame(values, index=frame.index, columns=frame.columns)
