"""What the page of Prometheus shows: the server, its metrics, a preview, and what a read did."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from lab.core.errors import LabError
from lab.core.words import grouped
from lab.core.workspace import Workspace
from lab.data.prometheus import Answer, connected
from lab.data.prometheus_grid import Grid, grid
from lab.flows.prometheus import checked_query, nothing_found

if TYPE_CHECKING:
    import pandas as pd

PREVIEW_POINTS = 300
PREVIEW_SERIES = 6
LOOK_AGAIN_SECONDS = 30
MOST_NAMES = 1_000
BETWEEN = "Between two times"
# How a person names a window, and how ``read_prometheus`` does.
SPANS = {
    "Last hour": "1h",
    "Last 6 hours": "6h",
    "Last day": "1d",
    "Last 2 days": "2d",
    "Last week": "7d",
    "Last 30 days": "30d",
    BETWEEN: "",
}
STEPS = {15: "15 seconds", 60: "Minute", 300: "5 minutes", 900: "15 minutes", 3600: "Hour"}
# Title, the metric a server must have, and the query.
EXAMPLES = (
    ("What is up", "up", "up"),
    ("CPU used by host", "node_cpu_seconds_total",
     '1 - avg by (instance) (rate(node_cpu_seconds_total{mode="idle"}[5m]))'),
    ("Load by host", "node_load1", "node_load1"),
    ("Memory available by host", "node_memory_MemAvailable_bytes",
     "node_memory_MemAvailable_bytes"),
    ("Requests a second by service", "http_requests_total",
     "sum by (job) (rate(http_requests_total[5m]))"),
    ("Requests a second to Prometheus", "prometheus_http_requests_total",
     "sum by (instance, handler) (rate(prometheus_http_requests_total[5m]))"),
)  # fmt: skip
# A read as the code beside the page says it while there is no server to ask.
EXAMPLE = {"query": "up", "dataset": "prometheus", "start": "1d", "end": None, "step_seconds": 60,
           "name": "", "mode": "replace"}  # fmt: skip


@dataclass(frozen=True)
class Server:
    """How the server of the settings is.

    Args:
        is_set: Whether there is one in the settings.
        place: Its address without password; empty while it cannot be read.
        names: Names of its metrics, sorted.
        problem: Why it cannot be read; empty when it can.
        hint: What to do about it.
    """

    is_set: bool
    place: str = ""
    names: tuple[str, ...] = ()
    problem: str = ""
    hint: str = ""

    @property
    def beginnings(self) -> dict[str, str]:
        """Queries to begin with, by what to call them: examples that fit, then every metric."""
        fitting = {title: query for title, needed, query in EXAMPLES if needed in self.names}
        return fitting | {name: name for name in self.names[:MOST_NAMES]} | {"Own query": ""}


@dataclass(frozen=True, eq=False)
class Preview:
    """A query drawn coarsely.

    Args:
        points: ``timestamp`` (UTC), ``series_id``, ``value``, ``lower``, ``upper`` and
            ``samples`` of at most 6 series.
        names: What tells each drawn series apart, by its id.
        title: Metric of the first series.
        words: How much there is, in a sentence.
    """

    points: "pd.DataFrame"
    names: dict[str, str] = field(default_factory=dict)
    title: str = ""
    words: str = ""


def metric_names(ws: Workspace) -> list[str]:
    """Names of all metrics of the Prometheus of the settings, sorted.

    Raises:
        Unavailable: No server is set, or it is down, slow, or no Prometheus.
    """
    with connected(ws.settings) as reader:
        return reader.names()


def server(ws: Workspace, stamp: str = "") -> Server:
    """How the server of the settings is; a failure is an answer too, so it can be remembered.

    Args:
        ws: The workspace.
        stamp: From ``stamp``: lets a remembered answer end.
    """
    del stamp
    if not ws.settings.prometheus_url.strip():
        return Server(False)
    try:
        with connected(ws.settings) as reader:
            return Server(True, reader.place, tuple(reader.names()))
    except LabError as error:
        return Server(True, problem=error.message, hint=error.hint)


def stamp() -> str:
    """A text that changes every 30 seconds."""
    return str(int(time.time() // LOOK_AGAIN_SECONDS))


def preview_query(
    ws: Workspace,
    query: str,
    start: str | None = None,
    end: str | None = None,
    step_seconds: int = 60,
) -> Preview:
    """Look at what a query gives without loading it.

    Args:
        ws: The workspace.
        query: PromQL.
        start: As for ``read_prometheus``.
        end: As for ``read_prometheus``.
        step_seconds: As for ``read_prometheus``; the preview asks at most 300 moments.

    Returns:
        The first series, each sample as Prometheus gives it at that moment.

    Raises:
        BadInput: Prometheus refuses the query, or it gives too many series.
        NotFound: It gives nothing in that window.
        Unavailable: No server is set, or it is down, slow, or no Prometheus.
    """
    query = checked_query(query)
    moments = grid(start, end, step_seconds, datetime.now(UTC))
    coarse = moments.coarser(PREVIEW_POINTS)
    with connected(ws.settings) as reader:
        reader.series_count(query, coarse)
        found = [one for one in reader.ask(query, coarse) if len(one.times)]
    if not found:
        raise nothing_found(moments)
    drawn = found[:PREVIEW_SERIES]
    return Preview(_points(drawn), _telling(drawn), drawn[0].metric,
                   _words(len(found), moments, coarse))  # fmt: skip


def figures(result: Mapping[str, Any]) -> dict[str, str]:
    """The few numbers of a read that matter, from a ``ReadSummary`` as a job keeps it."""
    shown = {"Series": "series", "Samples": "rows_loaded", "Infinite": "rows_rejected",
             "Gaps": "gaps", "Requests": "requests"}  # fmt: skip
    return {label: grouped(result[name]) for label, name in shown.items()}


def sentence(result: Mapping[str, Any]) -> str:
    """What a read did, in sentences.

    Args:
        result: A ``ReadSummary`` as a mapping, as a job keeps it.

    >>> sentence({"start": "2026-03-02T00:00:00+00:00", "end": "2026-03-02T00:59:00+00:00",
    ...           "rows_read": 60, "rows_loaded": 59, "rows_rejected": 1, "gaps": 2})
    '2026-03-02 00:00 to 2026-03-02 00:59 UTC. 60 samples = 59 loaded + 1 infinite; 2 gaps.'
    """
    read, loaded, rejected, gaps = (
        grouped(result[key]) for key in ("rows_read", "rows_loaded", "rows_rejected", "gaps")
    )
    first, last = (result[key][:16].replace("T", " ") for key in ("start", "end"))
    return (
        f"{first} to {last} UTC. {read} samples = {loaded} loaded + {rejected} infinite; "
        f"{gaps} gaps."
    )


def _words(series: int, moments: Grid, coarse: Grid) -> str:
    every = (
        f"The preview asks every {grouped(coarse.step)} s; " if coarse.step > moments.step else ""
    )
    shown = f", the first {PREVIEW_SERIES} drawn" if series > PREVIEW_SERIES else ""
    return (
        f"{series} series{shown}, {moments.words}. {every}{'a' if every else 'A'} load asks "
        f"{grouped(moments.points)} moments: at most {grouped(series * moments.points)} samples."
    )


def _points(found: list[Answer]) -> "pd.DataFrame":
    import numpy as np
    import pandas as pd

    frames = [
        pd.DataFrame({"timestamp": pd.to_datetime(one.times, unit="us", utc=True),
                      "series_id": one.series_id, "value": one.values})
        for one in found
    ]  # fmt: skip
    points: pd.DataFrame = pd.concat(frames, ignore_index=True)
    points = points.loc[np.isfinite(points["value"])].reset_index(drop=True)
    for edge in ("lower", "upper"):
        points[edge] = points["value"]
    points["samples"] = 1
    return points


def _telling(found: list[Answer]) -> dict[str, str]:
    keys = sorted({key for one in found for key in one.labels})
    telling = [key for key in keys if len({one.labels.get(key) for one in found}) > 1]
    return {
        one.series_id: ", ".join(one.labels[key] for key in telling if key in one.labels)
        or one.metric
        for one in found
    }
