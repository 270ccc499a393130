"""The one place that talks to Evidently: columns in, numbers and a page out."""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lab.core.errors import LabError
from lab.mlops.drift.safe_html import guarded

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Figures:
    """What Evidently found.

    Args:
        statistics: Column name to statistic.
        verdicts: Column name to whether Evidently calls it drift.
        html: The report, with its content security policy.
    """

    statistics: Mapping[str, float]
    verdicts: Mapping[str, bool]
    html: str


def run(
    reference: "pd.DataFrame",
    current: "pd.DataFrame",
    categories: Sequence[str],
    methods: Mapping[str, str],
    thresholds: Mapping[str, float],
) -> Figures:
    """Make the Evidently report and read its numbers.

    Args:
        reference: Reference window; harmless column names, floats and strings only.
        current: Current window, the same columns.
        categories: The columns that hold categories.
        methods: Method of each column.
        thresholds: Threshold of each column.

    Returns:
        Statistic and verdict of each column and the page.

    Raises:
        LabError: Evidently could not make the report.
    """
    import numpy as np

    # Evidently and what it imports warn about themselves, and divide by empty bins.
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        from evidently import DataDefinition, Dataset, Report
        from evidently.presets import DataDriftPreset

        numbers = [name for name in reference.columns if name not in categories]
        shape = DataDefinition(
            numerical_columns=numbers, categorical_columns=list(categories), text_columns=[]
        )
        preset = DataDriftPreset(
            columns=list(reference.columns),
            per_column_method=dict(methods),
            per_column_threshold=dict(thresholds),
            drift_share=1 / len(reference.columns),  # one drifted column is drift, as we say it
        )
        try:
            snapshot = Report([preset], include_tests=True).run(
                Dataset.from_pandas(current, data_definition=shape),
                Dataset.from_pandas(reference, data_definition=shape),
            )
            content, page = snapshot.dict(), snapshot.get_html_str(as_iframe=False)
        except (ValueError, TypeError, KeyError, ArithmeticError) as error:
            raise LabError(
                f"Evidently could not compare the windows: {error}", "Leave that column out."
            ) from error
    return Figures(_statistics(content), _verdicts(content), guarded(page))


def _statistics(content: Mapping[str, list[dict[str, dict[str, str]]]]) -> dict[str, float]:
    return {
        metric["config"]["column"]: float(metric["value"])  # type: ignore[arg-type]
        for metric in content["metrics"]
        if metric["config"]["type"].endswith(":ValueDrift")
    }


def _verdicts(content: Mapping[str, list[dict[str, dict[str, dict[str, str]]]]]) -> dict[str, bool]:
    tests = ((test["metric_config"]["params"], test["status"]) for test in content["tests"])
    return {
        params["column"]: str(status).endswith("FAIL")
        for params, status in tests
        if params["type"].endswith(":ValueDrift")
    }
