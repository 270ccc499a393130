"""What a comparison of two windows says."""

from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["numeric", "category"]


@dataclass(frozen=True)
class ColumnVerdict:
    """One column, compared.

    Args:
        column: Its name as given.
        kind: ``numeric`` or ``category``.
        method: Name of the statistical method, a key of ``METHODS``.
        statistic: What the method gave, the same number as in the Evidently report.
        threshold: Where drift begins.
        drifted: The verdict.
        p_value_based: Whether ``statistic`` is a p-value (drift when low), not a distance.
        n_reference: Values compared on the reference side, missing ones left out.
        n_current: Values compared on the current side.
    """

    column: str
    kind: Kind
    method: str
    statistic: float
    threshold: float
    drifted: bool
    p_value_based: bool
    n_reference: int
    n_current: int


@dataclass(frozen=True)
class NotCompared:
    """A column without a verdict, and why."""

    column: str
    reason: str


@dataclass(frozen=True)
class MissingShare:
    """A column whose share of missing values differs between the windows.

    Args:
        column: Its name.
        reference: Share missing in the reference window, in [0, 1].
        current: Share missing in the current window, in [0, 1].
    """

    column: str
    reference: float
    current: float


@dataclass(frozen=True)
class Shares:
    """How the values of a column spread over bins or categories, to be drawn.

    Args:
        column: Its name.
        labels: One text per bin or category, in order; the last may be ``other``.
        edges: Edges of the bins, one more than labels; empty for categories.
        reference: Share of the reference window in each, summing to 1.
        current: Share of the current window in each, summing to 1.
    """

    column: str
    labels: tuple[str, ...]
    edges: tuple[float, ...]
    reference: tuple[float, ...]
    current: tuple[float, ...]


@dataclass(frozen=True)
class DriftReport:
    """A current window held against a reference window.

    Args:
        verdicts: One per compared column, drifted ones first.
        not_compared: Columns without a verdict.
        missing: Columns whose share of missing values changed.
        shares: One per compared column, in the order of the verdicts.
        rows_reference: Rows in the reference window before sampling.
        rows_current: Rows in the current window before sampling.
        rows_used: Most rows used of either window.
        html: The Evidently report with its content security policy; show it in
            ``safe_html.frame``.
    """

    verdicts: tuple[ColumnVerdict, ...]
    not_compared: tuple[NotCompared, ...]
    missing: tuple[MissingShare, ...]
    shares: tuple[Shares, ...]
    rows_reference: int
    rows_current: int
    rows_used: int
    html: str = field(repr=False)

    @property
    def drifted(self) -> tuple[str, ...]:
        """Names of the columns that drifted."""
        return tuple(verdict.column for verdict in self.verdicts if verdict.drifted)

    @property
    def sampled(self) -> bool:
        """Whether a window was larger than what was used of it."""
        return max(self.rows_reference, self.rows_current) > self.rows_used
