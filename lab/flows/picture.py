"""The samples a picture needs: for every column of pixels its first, last, lowest and highest."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from lab.core.errors import BadInput
from lab.core.schemas import ROLLUPS
from lab.core.workspace import Workspace
from lab.data.rollups import SAMPLES, known, stretched, sum_up

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

# Columns of pixels in all: a wide chart has about 1,000, and several series share it.
MOST_POINTS = 2_000
COLUMNS = 1_000
MOST_SERIES = 6
_MICROSECOND = timedelta(microseconds=1)
_MILLI, _SECOND, _DAY = 1_000, 1_000_000, 86_400_000_000
_ROUND = (
    *(n * _MILLI for n in (1, 2, 5, 10, 20, 50, 100, 200, 500)),
    *(n * _SECOND for n in (1, 2, 5, 10, 15, 30)),
    *(n * 60 * _SECOND for n in (1, 2, 5, 10, 15, 30)),
    *(n * 3_600 * _SECOND for n in (1, 2, 3, 4, 6, 12)),
    *(n * _DAY for n in (1, 2, 7, 14, 28, 91, 364)),
)
_ZERO = datetime(2000, 1, 3, tzinfo=UTC)


@dataclass(frozen=True)
class Window:
    """A part of time that is drawn, half-open.

    Args:
        start: First moment, tz-aware.
        end: First moment after.
    """

    start: datetime
    end: datetime


def picture(
    ws: Workspace,
    dataset: str,
    series_ids: tuple[str, ...],
    window: tuple[datetime, datetime] | None = None,
) -> "pd.DataFrame":
    """Read what a line chart of some series needs, whatever their length.

    The line through the four samples of each column draws the same pixels as all samples.

    Args:
        ws: The workspace.
        dataset: Data set of metrics.
        series_ids: 1 to 6 series.
        window: First moment to draw and first moment after; all of it when not given.

    Returns:
        One row a column and series: ``timestamp`` (UTC, start of the column), ``series_id``,
        ``value`` (mean), ``lower``, ``upper``, ``samples``, and the four samples as
        ``first_at``, ``first``, ``last_at``, ``last``, ``low_at``, ``low``, ``high_at`` and
        ``high``; at most 2,000 rows. Empty when nothing lies in the window.

    Raises:
        BadInput: There are too many series, none, or none with samples.
    """
    if not 1 <= len(series_ids) <= MOST_SERIES:
        raise BadInput(f"{len(series_ids)} series are chosen.", f"Choose 1 to {MOST_SERIES}.")
    _make_known(ws, dataset)
    with ws.store.connect() as connection:
        shown = Window(*window) if window else _whole(connection, dataset, series_ids)
        width = stretch(shown, min(COLUMNS, MOST_POINTS // len(series_ids)))
        return _read(connection, dataset, series_ids, aligned(shown, width), width)


def stretch(shown: Window, most: int) -> int:
    """Width of a column in microseconds: a round one, so that there are at most so many.

    >>> stretch(Window(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC)), 1000)
    120000000
    """
    exact = max(1, -(-((shown.end - shown.start) // _MICROSECOND) // max(1, most - 1)))
    return next((width for width in _ROUND if width >= exact), -(-exact // _DAY) * _DAY)


def aligned(shown: Window, width: int) -> Window:
    """The window with whole columns at both ends."""
    step = timedelta(microseconds=width)
    start = _ZERO + (shown.start - _ZERO) // step * step
    return Window(start, _ZERO - (_ZERO - shown.end) // step * step)


def columns(
    connection: "duckdb.DuckDBPyConnection", source: str, width: int, told: Mapping[str, object]
) -> "pd.DataFrame":
    """Sum up samples, or stretches that fit into columns of pixels, as ``picture`` gives them.

    Args:
        connection: Where they are.
        source: A relation with the columns of rollups.
        width: Width of a column in microseconds, from ``stretch``.
        told: Values of the parameters of the source.
    """
    return connection.execute(
        "SELECT bucket AS timestamp, series_id, total / samples AS value, low AS lower, "
        "high AS upper, samples, first_at, first, last_at, last, low_at, low, high_at, high "
        f"FROM ({stretched(width, source)}) ORDER BY 1, 2",
        told,
    ).df()


def _make_known(ws: Workspace, dataset: str) -> None:
    with ws.store.connect() as connection:
        if known(connection, dataset):
            return
    ws.store.change(lambda connection: sum_up(connection, dataset))


def _whole(
    connection: "duckdb.DuckDBPyConnection", dataset: str, series_ids: tuple[str, ...]
) -> Window:
    first, last = connection.execute(
        f"SELECT min(first_at), max(last_at) FROM {ROLLUPS.name} "
        "WHERE dataset = ? AND width = 0 AND series_id IN (SELECT unnest(?))",
        [dataset, list(series_ids)],
    ).fetchall()[0]
    if first is None:
        raise BadInput("There is nothing to draw.", "Choose a series or column with values.")
    return Window(first, last + _MICROSECOND)


def _read(
    connection: "duckdb.DuckDBPyConnection",
    dataset: str,
    series_ids: tuple[str, ...],
    shown: Window,
    width: int,
) -> "pd.DataFrame":
    levels = dict(
        connection.execute(
            f"SELECT series_id, max(width) FROM {ROLLUPS.name} WHERE dataset = ? AND width > 0 "
            f"AND {width} % width = 0 AND series_id IN (SELECT unnest(?)) GROUP BY 1",
            [dataset, list(series_ids)],
        ).fetchall()
    )
    told = {"dataset": dataset, "start": shown.start, "end": shown.end}
    parts = []
    for number, series_id in enumerate(series_ids):
        told[f"series{number}"] = series_id
        source = SAMPLES
        if series_id in levels:
            source = f"SELECT * EXCLUDE width FROM {ROLLUPS.name} WHERE width = {levels[series_id]}"
        parts.append(
            f"SELECT * FROM ({source}) WHERE dataset = $dataset AND series_id = $series{number} "
            "AND bucket >= $start AND bucket < $end"
        )
    return columns(connection, f"({' UNION ALL '.join(parts)})", width, told)
