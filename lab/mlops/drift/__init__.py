"""Whether data still looks as it did: a current window held against a reference window.

Conventions: both windows are explicit arguments; a distance at or above its threshold is drift,
a p-value at or below it is; a column that cannot be compared is listed with the reason; a change
in the share of missing values is a finding about quality, listed beside and never called drift.
"""

from lab.mlops.drift.compare import compare
from lab.mlops.drift.methods import METHODS, Method, method, methods_for
from lab.mlops.drift.result import (
    ColumnVerdict,
    DriftReport,
    Kind,
    MissingShare,
    NotCompared,
    Shares,
)

__all__ = [
    "METHODS",
    "ColumnVerdict",
    "DriftReport",
    "Kind",
    "Method",
    "MissingShare",
    "NotCompared",
    "Shares",
    "compare",
    "method",
    "methods_for",
]
