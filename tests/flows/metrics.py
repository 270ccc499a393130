"""A small loaded workspace for detection tests, without the ingest flow."""

import json

import pandas as pd

from lab.core.workspace import Workspace
from lab.world.fleet.hosts import METRICS, host_metrics
from tests.tracking_file import tracked


def load_hosts(ws: Workspace, dataset: str = "hosts", labels: bool = True, **world) -> pd.DataFrame:
    """Put a generated world into observations, series and incidents; gives the incidents.

    What is found in it can be tracked at once.
    """
    made = host_metrics(**world)
    tracked(ws)
    long = made.metrics.melt(
        ["timestamp", "instance", "job"], list(METRICS), var_name="metric", value_name="value"
    )
    tail = '{instance="' + long["instance"] + '",job="' + long["job"] + '"}'
    long["series_id"] = long["metric"] + tail
    long["dataset"] = dataset
    series = long.drop_duplicates("series_id")[["dataset", "series_id", "metric", "instance"]]
    series["labels"] = [json.dumps({"instance": i, "job": "node"}) for i in series["instance"]]
    ws.store.write("series", series.drop(columns="instance"), "append")
    ws.store.write("observations", long[["dataset", "timestamp", "series_id", "value"]], "append")
    if labels:
        ws.store.write("incidents", made.incidents.assign(dataset=dataset), "append")
    return made.incidents
