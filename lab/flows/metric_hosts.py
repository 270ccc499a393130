"""Metrics of the store, host by host, on a regular grid."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lab.core.errors import BadInput, NotFound, unknown
from lab.core.words import grouped
from lab.core.workspace import Workspace
from lab.flows.counter_rates import ENDINGS, with_rates

if TYPE_CHECKING:
    import pandas as pd

# What a host is called whose series carry no labels.
ALL = "all"
# A year of minutes; beyond it a table of one host no longer fits a laptop's patience.
MOST_ROWS = 600_000
PLAIN_STEPS = (
    1,
    2,
    5,
    10,
    15,
    20,
    30,
    60,
    120,
    300,
    600,
    900,
    1200,
    1800,
    3600,
    7200,
    21600,
    86400,
)
NO_LEVELS = (*ENDINGS, "_info", "_time_seconds", "_max")


@dataclass(frozen=True)
class Host:
    """Series that belong together.

    Args:
        name: Value of the label ``instance``; without one, all labels in text form.
        series: Ids of its series, sorted.
    """

    name: str
    series: tuple[str, ...]


@dataclass(frozen=True)
class TrainingEnds:
    """Moments that training may end at.

    Args:
        moments: UTC, in order: midnights where there are at least three, else tenths of the data.
        middle: The one nearest to the middle of the data, a fair default.
    """

    moments: tuple[str, ...]
    middle: str


def metric_datasets(ws: Workspace) -> list[str]:
    """Names of the data sets that hold metrics, sorted; empty before the first is loaded."""
    if not ws.store.has("series"):
        return []
    return [row[0] for row in ws.store.rows("SELECT DISTINCT dataset FROM series ORDER BY 1")]


def metric_names(ws: Workspace, dataset: str) -> list[str]:
    """Names of the metrics of a data set, sorted."""
    sql = "SELECT DISTINCT metric FROM series WHERE dataset = ? ORDER BY 1"
    return [row[0] for row in ws.store.rows(sql, [dataset])]


def first_to_show(names: Sequence[str]) -> int:
    """Place of the first metric whose line tells something by itself.

    That is a level: not a counter, which only climbs, nor a label or a clock dressed as a number.

    >>> first_to_show(["app_build_info", "cache_hits_total", "node_load1", "up"])
    2
    """
    plain = (place for place, name in enumerate(names) if not name.endswith(NO_LEVELS))
    return next(plain, 0)


def hosts(
    ws: Workspace,
    dataset: str,
    metrics: Sequence[str] | None = None,
    instances: Sequence[str] | None = None,
) -> list[Host]:
    """Group the series of a data set by host.

    Args:
        ws: The workspace.
        dataset: Name of the data set.
        metrics: Keep these metrics only; all when not given.
        instances: Keep these hosts only; all when not given.

    Returns:
        Hosts sorted by name.

    Raises:
        NotFound: The data set, a metric or a host does not exist.
    """
    known = metric_datasets(ws)
    if dataset not in known:
        if not known:
            raise NotFound("No metrics are loaded yet.", "Load some on the page Load data.")
        raise unknown("data set with metrics", dataset, known)
    _check_known("metric", metrics, metric_names(ws, dataset))
    sql = "SELECT series_id, metric, labels FROM series WHERE dataset = ? ORDER BY series_id"
    found: dict[str, list[str]] = {}
    for series_id, metric, labels in ws.store.rows(sql, [dataset]):
        if metrics is None or metric in metrics:
            found.setdefault(_host(json.loads(labels)), []).append(series_id)
    _check_known("host", instances, found)
    wanted = found if instances is None else instances
    return [Host(name, tuple(found[name])) for name in sorted(wanted)]


def span(
    ws: Workspace, dataset: str, chosen: Sequence[Host]
) -> "tuple[pd.Timestamp, pd.Timestamp]":
    """First and last time of the chosen series, UTC.

    Raises:
        NotFound: They hold no samples.
    """
    import pandas as pd

    sql = (
        "SELECT min(timestamp), max(timestamp) FROM observations"
        " WHERE dataset = ? AND series_id IN (SELECT unnest(?))"
    )
    ids = [series_id for host in chosen for series_id in host.series]
    first, last = ws.store.rows(sql, [dataset, ids])[0]
    if first is None:
        raise NotFound(f"Data set {dataset!r} holds no samples.", "Load it again.")
    return pd.Timestamp(first).tz_convert("UTC"), pd.Timestamp(last).tz_convert("UTC")


def training_ends(ws: Workspace, dataset: str) -> TrainingEnds:
    """Moments that training on a data set may end at, for a person to choose from."""
    import pandas as pd

    first, last = span(ws, dataset, hosts(ws, dataset))
    midnights = pd.date_range(first.ceil("D"), last.floor("D"), freq="D")
    moments = list(midnights[(midnights > first) & (midnights < last)])
    if len(moments) < 3:
        moments = [(first + (last - first) * share / 10).round("s") for share in range(1, 10)]
    texts = tuple(f"{moment:%Y-%m-%d %H:%M:%S}Z".replace(":00Z", "Z") for moment in moments)
    half = first + (last - first) / 2
    middle = min(range(len(moments)), key=lambda place: abs(moments[place] - half))
    return TrainingEnds(texts, texts[middle])


def host_frame(ws: Workspace, dataset: str, host: Host) -> "pd.DataFrame":
    """The samples of one host on a regular grid.

    Args:
        ws: The workspace.
        dataset: Name of the data set.
        host: The host.

    Returns:
        Table (n, series), UTC index from the first sample on; the step is the usual distance
        between samples of the slowest series. Several samples within a step are averaged; a step
        without one is a gap. Counters are shown by their growth per second.
    """
    sql = (
        "SELECT timestamp, series_id, value FROM observations"
        " WHERE dataset = ? AND series_id IN (SELECT unnest(?)) ORDER BY series_id, timestamp"
    )
    return with_rates(on_grid(ws.store.read(sql, [dataset, list(host.series)]), host.name))


def on_grid(samples: "pd.DataFrame", name: str) -> "pd.DataFrame":
    """Put long samples on a regular grid, as ``host_frame`` says.

    Args:
        samples: Columns ``timestamp`` (UTC), ``series_id`` and ``value``, sorted by series and
            time.
        name: Of the host, for messages.

    Raises:
        BadInput: The grid would be too long, or no series has two samples.
    """
    import numpy as np
    import pandas as pd

    apart = samples.groupby("series_id")["timestamp"].diff().dt.total_seconds()
    usual = apart.groupby(samples["series_id"]).median().max()
    if not usual > 0:
        raise BadInput(f"{name} has no series with two samples.", "Load more of it.")
    step, first = _plain(float(usual)), samples["timestamp"].min().tz_convert("UTC")
    # Samples come a little early or late; each goes to the nearest place.
    places = (samples["timestamp"] - first).dt.total_seconds() / step + 0.5 - 1e-6
    places = np.floor(places).clip(lower=0).astype("int64").rename("place")
    if places.max() > MOST_ROWS:
        raise BadInput(
            f"{name} spans {grouped(places.max())} steps of {step:g} s; at most "
            f"{grouped(MOST_ROWS)} are read.",
            "Load a shorter window.",
        )
    wide = samples["value"].astype(float).groupby([places, samples["series_id"]]).mean().unstack()
    wide = wide.reindex(range(int(places.max()) + 1))
    wide.index = pd.date_range(first, periods=len(wide), freq=pd.Timedelta(seconds=step))
    return wide


def _plain(seconds: float) -> float:
    """The round step that is meant: scrapes 59.8 s apart are a minute apart."""
    near = min(PLAIN_STEPS, key=lambda step: abs(step / seconds - 1))
    return float(near if abs(near / seconds - 1) <= 0.05 else max(1, round(seconds)))


def _host(labels: dict[str, str]) -> str:
    if "instance" in labels:
        return labels["instance"]
    return ",".join(f"{key}={value}" for key, value in sorted(labels.items())) or ALL


def _check_known(
    kind: str, wanted: Sequence[str] | None, known: Sequence[str] | dict[str, list[str]]
) -> None:
    for name in wanted or ():
        if name not in known:
            raise unknown(kind, name, known)
    if wanted is not None and not wanted:
        raise BadInput(f"No {kind} is chosen.", "Choose at least one, or leave it out for all.")
