"""Series and columns thinned for charts inside the database: no chart reads a million points."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from lab.core.errors import BadInput, unknown
from lab.core.schemas import TABLES
from lab.core.sql import is_number, is_time, literal, quoted
from lab.core.workspace import Workspace
from lab.data.mapping_checks import LOADABLE
from lab.flows.explore import tables

if TYPE_CHECKING:
    import pandas as pd

MOST_POINTS = 2_000
MOST_SERIES = 6
MOST_BARS = 20
METRICS = "Metrics"
COLUMNS = "Columns of a table"


@dataclass(frozen=True)
class Columns:
    """Columns of a table by what a chart can do with them.

    Args:
        times: Columns that can be the horizontal axis.
        numbers: Columns that can be drawn.
        groups: Columns with few different texts, to draw one line each.
    """

    times: tuple[str, ...]
    numbers: tuple[str, ...]
    groups: tuple[str, ...]


def metric_series(ws: Workspace, dataset: str, metric: str) -> dict[str, str]:
    """Series of a metric: id and what tells it apart.

    Args:
        ws: The workspace.
        dataset: Data set of metrics.
        metric: Metric name.
    """
    found = ws.store.rows(
        "SELECT series_id, labels FROM series WHERE dataset = ? AND metric = ? ORDER BY 1",
        [dataset, metric],
    )
    labels = {name: json.loads(text) for name, text in found}
    every = {label for one in labels.values() for label in one}
    telling = sorted(k for k in every if len({one.get(k) for one in labels.values()}) > 1)
    return {
        name: ", ".join(one[k] for k in telling if k in one) or metric
        for name, one in labels.items()
    }


def thinned_series(ws: Workspace, dataset: str, series_ids: tuple[str, ...]) -> "pd.DataFrame":
    """Series for a chart: mean, lowest and highest of each stretch of time.

    Args:
        ws: The workspace.
        dataset: Data set of metrics.
        series_ids: 1 to 6 series.

    Returns:
        Columns ``timestamp`` (UTC, start of the stretch), ``series_id``, ``value`` (mean),
        ``lower``, ``upper`` and ``samples``; at most 2,000 rows. Where no stretch holds more
        than one sample these are the samples themselves.

    Raises:
        BadInput: There are too many series, or none.
    """
    if not 1 <= len(series_ids) <= MOST_SERIES:
        raise BadInput(f"{len(series_ids)} series are chosen.", f"Choose 1 to {MOST_SERIES}.")
    where = "dataset = ? AND series_id IN (SELECT unnest(?))"
    chosen = [dataset, list(series_ids)]
    first, last = ws.store.rows(
        f"SELECT min(timestamp), max(timestamp) FROM observations WHERE {where}", chosen
    )[0]
    width = _stretch(first, last, MOST_POINTS // len(series_ids))
    return ws.store.read(
        f"SELECT time_bucket(INTERVAL '{width} microseconds', timestamp, ?) AS timestamp, "
        "series_id, avg(value) AS value, min(value) AS lower, max(value) AS upper, "
        f"count(*) AS samples FROM observations WHERE {where} GROUP BY ALL ORDER BY ALL",
        [first, *chosen],
    )


def series_sql(dataset: str, series_ids: Sequence[str]) -> str:
    """The query that gives the samples of some series, to be shown to a person."""
    listed = ", ".join(map(literal, series_ids))
    return (
        "SELECT timestamp, series_id, value FROM observations "
        f"WHERE dataset = {literal(dataset)} AND series_id IN ({listed}) ORDER BY ALL"
    )


def chartable(ws: Workspace) -> dict[str, list[str]]:
    """What can be drawn: metrics, and tables that have a time and a number.

    Args:
        ws: The workspace.

    Returns:
        ``METRICS`` with the data sets and ``COLUMNS`` with the tables, where there are any.
    """
    own = {"observations", *(name for name in TABLES if name not in LOADABLE)}
    drawn = [
        info.name
        for info in tables(ws)
        if info.rows
        and info.name not in own
        and any(is_time(kind) for _, kind in info.columns)
        and any(is_number(kind) for _, kind in info.columns)
    ]
    sets = (
        [row[0] for row in ws.store.rows("SELECT DISTINCT dataset FROM series ORDER BY 1")]
        if ws.store.has("series")
        else []
    )
    found = {METRICS: sets, COLUMNS: drawn}
    return {way: names for way, names in found.items() if names}


def chart_columns(ws: Workspace, table: str) -> Columns:
    """What a chart can do with the columns of a table."""
    info = {one.name: one for one in tables(ws)}.get(table)
    if info is None:
        raise unknown("table", table, [one.name for one in tables(ws)])
    texts = [name for name, kind in info.columns if kind in ("VARCHAR", "BOOLEAN")]
    counts: tuple[int, ...] = ()
    if texts:
        select = ", ".join(f"approx_count_distinct({quoted(name)})" for name in texts)
        counts = ws.store.rows(f"SELECT {select} FROM {quoted(info.name)}")[0]
    few = tuple(n for n, count in zip(texts, counts, strict=True) if 1 < count <= MOST_BARS)
    times = tuple(name for name, kind in info.columns if is_time(kind))
    return Columns(times, tuple(name for name, kind in info.columns if is_number(kind)), few)


def thinned_column(
    ws: Workspace, table: str, time: str, number: str, group: str = ""
) -> "pd.DataFrame":
    """A column over time for a chart, one line for each value of a group.

    Args:
        ws: The workspace.
        table: Its name.
        time: Column for the horizontal axis.
        number: Column to draw; its mean where several rows share a stretch.
        group: Column that parts the rows into at most 6 lines, the commonest first; none if
            empty.

    Returns:
        Columns ``timestamp``, ``series_id`` (the group), ``value``, ``lower``, ``upper`` and
        ``samples``; at most 2,000 rows.
    """
    columns = chart_columns(ws, table)
    for name, known in ((time, columns.times), (number, columns.numbers)):
        if name not in known:
            raise unknown("column for this chart", name, known)
    if group and group not in columns.groups:
        raise unknown("column to group by", group, columns.groups)
    name, label = quoted(table), f"{quoted(group)}::VARCHAR" if group else "''"
    first, last = ws.store.rows(f"SELECT min({quoted(time)}), max({quoted(time)}) FROM {name}")[0]
    width = _stretch(first, last, MOST_POINTS // (MOST_SERIES if group else 1))
    # A day cannot be cut; DuckDB wants whole days for dates.
    at = f"{quoted(time)}::TIMESTAMPTZ"
    return ws.store.read(
        f"WITH common AS (SELECT {label} AS label FROM {name} GROUP BY 1 "
        f"ORDER BY count(*) DESC, 1 LIMIT {MOST_SERIES}) "
        f"SELECT time_bucket(INTERVAL '{width} microseconds', {at}, ?::TIMESTAMPTZ) AS timestamp, "
        f"{label} AS series_id, avg({quoted(number)}) AS value, min({quoted(number)}) AS lower, "
        f"max({quoted(number)}) AS upper, count({quoted(number)}) AS samples FROM {name} "
        f"WHERE {label} IN (SELECT label FROM common) AND {quoted(time)} IS NOT NULL "
        "GROUP BY ALL ORDER BY ALL",
        [first],
    )


def distribution(ws: Workspace, table: str, column: str) -> "pd.DataFrame":
    """How the values of a column are spread.

    Args:
        ws: The workspace.
        table: Its name.
        column: Its column; numbers fall into 40 bins, other values are counted.

    Returns:
        Columns ``value`` (middle of the bin, or the value as text) and ``rows``; for numbers also
        ``lowest`` and ``highest`` of the whole column, for text the 20 commonest values.
    """
    info = {one.name: one for one in tables(ws)}.get(table)
    kinds = dict(info.columns) if info else {}
    if column not in kinds:
        raise unknown("column", column, kinds)
    name, cell = quoted(table), quoted(column)
    if not is_number(kinds[column]):
        return ws.store.read(
            f"SELECT {cell}::VARCHAR AS value, count(*) AS rows FROM {name} "
            f"WHERE {cell} IS NOT NULL GROUP BY 1 ORDER BY rows DESC, value LIMIT {MOST_BARS}"
        )
    return ws.store.read(
        f"WITH edges AS (SELECT min({cell})::DOUBLE AS low, max({cell})::DOUBLE AS high "
        f"FROM {name} WHERE isfinite({cell}::DOUBLE)), "
        "bins AS (SELECT least(39, floor(40 * (x - low) / nullif(high - low, 0))) AS bin, low, "
        f"high FROM (SELECT {cell}::DOUBLE AS x FROM {name}), edges WHERE isfinite(x)) "
        "SELECT low + (coalesce(bin, 0) + 0.5) * (high - low) / 40 AS value, count(*) AS rows, "
        "low AS lowest, high AS highest "
        "FROM bins GROUP BY ALL ORDER BY value"
    )


def _stretch(first: Any, last: Any, most: int) -> int:
    """Microseconds in a stretch, so that there are at most so many."""
    if first is None or last is None:
        raise BadInput("There is nothing to draw.", "Choose a series or column with values.")
    whole = (last - first) // timedelta(microseconds=1)
    exact = max(1, -(-(whole + 1) // most))
    return next((w for w in _ROUND if w >= exact), exact)


_SECOND = 1_000_000
_DAY = 86_400 * _SECOND
_ROUND = (
    *(n * _SECOND for n in (1, 2, 5, 10, 15, 30)),
    *(n * 60 * _SECOND for n in (1, 2, 5, 10, 15, 30)),
    *(n * 3_600 * _SECOND for n in (1, 2, 3, 4, 6, 12)),
    *(n * _DAY for n in (1, 2, 7, 14, 28, 91, 365)),
)
