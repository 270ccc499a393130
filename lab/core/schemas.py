"""Tables as contracts: columns, types, units and keys, declared once.

Times are UTC and tz-aware, intervals half-open [start, end). ``series_id`` is the Prometheus
text form with sorted labels. Each derived row carries the id of the run that made it.
"""

from collections.abc import Mapping

from lab.core.contracts import Table
from lab.core.ledger_tables import (
    ACTIONS,
    ATTEMPTS,
    LEDGER_TABLES,
    LIVE_CURSORS,
    LOADS,
    QUALITY_RESULTS,
    REJECTS,
    STREAM_OFFSETS,
)
from lab.core.metric_tables import (
    ANOMALY_EVENTS,
    ANOMALY_RUNS,
    ANOMALY_SCORES,
    INCIDENTS,
    METRIC_TABLES,
    OBSERVATIONS,
    OVERLAYS,
    ROLLUPS,
    SERIES,
)
from lab.core.model_tables import DRIFT_RESULTS, MODEL_TABLES, ONLINE_FEATURES, PREDICTIONS, SALES
from lab.core.shop_tables import SHOP_TABLES

__all__ = [
    "ACTIONS", "ANOMALY_EVENTS", "ANOMALY_RUNS", "ANOMALY_SCORES", "ATTEMPTS", "DRIFT_RESULTS",
    "INCIDENTS", "LIVE_CURSORS", "LOADS", "OBSERVATIONS", "ONLINE_FEATURES", "OVERLAYS",
    "PREDICTIONS", "QUALITY_RESULTS", "REJECTS", "ROLLUPS", "SALES", "SERIES", "STREAM_OFFSETS",
    "TABLES", "series_id",
]  # fmt: skip

TABLES: Mapping[str, Table] = {
    declared.name: declared
    for declared in (*METRIC_TABLES, *MODEL_TABLES, *LEDGER_TABLES, *SHOP_TABLES)
}


def series_id(metric: str, labels: Mapping[str, str]) -> str:
    r"""Write a series in Prometheus text form with sorted labels.

    Args:
        metric: Metric name.
        labels: Label names and values; empty values are left out, as Prometheus does.

    Returns:
        The text form, escaped as the exposition format asks.

    >>> series_id("node_load1", {"job": "node", "instance": "host-01"})
    'node_load1{instance="host-01",job="node"}'
    """
    escape = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})
    inner = ",".join(f'{k}="{v.translate(escape)}"' for k, v in sorted(labels.items()) if v)
    return f"{metric}{{{inner}}}" if inner else metric
