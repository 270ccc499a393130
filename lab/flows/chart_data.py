"""Series and columns thinned for charts inside the database: no chart reads a million points."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lab.core.errors import BadInput, unknown
from lab.core.schemas import TABLES
from lab.core.shop_tables import SHOP_TABLES
from lab.core.sql import is_number, is_time, literal, quoted
from lab.core.workspace import Workspace
from lab.data.mapping_checks import LOADABLE
from lab.flows.explore import tables, tables_by_interest
from lab.flows.metric_hosts import metric_datasets
from lab.flows.picture import MOST_POINTS, MOST_SERIES, Window, stretch

if TYPE_CHECKING:
    import pandas as pd

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
    data = (*LOADABLE, *(declared.name for declared in SHOP_TABLES))
    own = {"observations", *(name for name in TABLES if name not in data)}
    drawn = [
        info.name
        for info in tables_by_interest(ws).values()
        if info.rows
        and info.name not in own
        and any(is_time(kind) for _, kind in info.columns)
        and any(is_number(kind) and not _is_id(name) for name, kind in info.columns)
    ]
    found = {METRICS: metric_datasets(ws), COLUMNS: drawn}
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
    numbers = [name for name, kind in info.columns if is_number(kind)]
    # Ids come first, because the last column is what is usually of interest.
    return Columns(times, tuple(sorted(numbers, key=_is_id, reverse=True)), few)


def _is_id(name: str) -> bool:
    return name.endswith("_id")


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
    if first is None:
        raise BadInput("There is nothing to draw.", "Choose a series or column with values.")
    width = stretch(Window(first, last), MOST_POINTS // (MOST_SERIES if group else 1))
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
