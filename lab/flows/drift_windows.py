"""Windows of a table: which rows a comparison reads, and which windows suit it by default."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lab.core.errors import BadInput, unknown
from lab.core.sql import is_time, quoted, row_id
from lab.core.workspace import Workspace

if TYPE_CHECKING:
    import pandas as pd

Window = tuple[str, str]
MOST_EARLIER = 8
FEWEST_BLOCKS = 8
BLOCK = "lab block"


@dataclass(frozen=True)
class Span:
    """The time column of a table and how far it reaches.

    Args:
        table: Name of the table.
        time: Its time column.
        columns: Its other columns.
        first: First time in it, ISO, UTC.
        end: First midnight after the last time in it, ISO, UTC.
    """

    table: str
    time: str
    columns: tuple[str, ...]
    first: str
    end: str


@dataclass(frozen=True)
class Defaults:
    """Windows to begin with.

    Args:
        reference: Start and end, half-open, ISO dates.
        current: Start and end, half-open, ISO dates.
        why: Why these, in a sentence.
    """

    reference: Window
    current: Window
    why: str


def comparable_tables(ws: Workspace) -> list[str]:
    """Names of the tables that have a time column and rows, sales first."""
    found = [
        info.name
        for info in ws.store.tables()
        if info.rows and any(is_time(kind) for _, kind in info.columns)
    ]
    ours = {"drift_results", "loads", "rejects", "quality_results", "actions", "attempts"}
    ours |= {"predictions", "online_features"}
    kept = [name for name in found if name not in ours and not name.startswith("anomaly_")]
    return sorted(kept, key=lambda name: (name != "sales", name))


def span(ws: Workspace, table: str) -> Span:
    """Find the time column of a table and how far it reaches.

    Raises:
        NotFound: There is no such table.
        BadInput: It has no time column, or no rows.
    """
    import pandas as pd

    tables = {info.name: info for info in ws.store.tables()}
    if table not in tables:
        raise unknown("table", table, tables)
    times = [name for name, kind in tables[table].columns if is_time(kind)]
    if not times:
        raise BadInput(f"Table {table} has no date or time column.", "Choose another table.")
    sql = f"SELECT min({_utc(times[0])}), max({_utc(times[0])}) FROM {quoted(table)}"
    first, last = ws.store.rows(sql)[0]
    if first is None:
        raise BadInput(f"Table {table} has no rows.", "Load data into it first.")
    others = tuple(name for name, _ in tables[table].columns if name != times[0])
    end = pd.Timestamp(last).normalize() + pd.Timedelta(days=1)
    return Span(table, times[0], others, str(pd.Timestamp(first).date()), str(end.date()))


def default_windows(reach: Span) -> Defaults:
    """The last quarter against the same quarter a year earlier.

    A year apart, seasons cancel out: against the quarter before, every winter would count as
    drift of the temperature. A table that does not reach back that far is cut in one: its last
    quarter against everything before.

    Args:
        reach: The table's span.
    """
    import pandas as pd

    first, end = pd.Timestamp(reach.first), pd.Timestamp(reach.end)
    quarter, year = pd.DateOffset(months=3), pd.DateOffset(years=1)
    if first <= end - quarter - year:
        return Defaults(
            (_day(end - quarter - year), _day(end - year)),
            (_day(end - quarter), _day(end)),
            "The last three months against the same months a year earlier, so that the season "
            "does not count as drift.",
        )
    cut = end - max((end - first) / 4, pd.Timedelta(days=1))
    cut = cut.normalize() if cut.normalize() > first else cut
    return Defaults(
        (_day(first), _day(cut)),
        (_day(cut), _day(end)),
        "The last quarter of the data against everything before; it does not reach back a year.",
    )


def checked(name: str, window: Sequence[str]) -> Window:
    """Read a window.

    Args:
        name: What it is, for the message.
        window: Start and end, ISO dates or times; without a zone they are UTC.

    Raises:
        BadInput: It is not two times in order.
    """
    import pandas as pd

    try:
        start, end = (pd.Timestamp(moment) for moment in window)
        start, end = (t.tz_convert("UTC").tz_localize(None) if t.tz else t for t in (start, end))
    except (TypeError, ValueError) as error:
        raise BadInput(
            f"The {name} window {tuple(window)} is not a start and an end.",
            "Give two dates such as 2026-01-01.",
        ) from error
    if not start < end:
        raise BadInput(
            f"The {name} window ends ({_day(end)}) before it begins ({_day(start)}).",
            "Put the earlier date first; the end itself is not part of the window.",
        )
    return _day(start), _day(end)


def earlier_windows(reach: Span, reference: Window, current: Window) -> list[tuple[Window, Window]]:
    """Pairs of windows as far apart and as long as these, before them, newest first.

    They say how much a column usually moves over such a stretch of time. Both windows step back
    by the length of the current one, in whole months where it has whole months, until the table
    ends; at most eight times. A reference that touches the current window has no such pairs.
    """
    import pandas as pd

    first = pd.Timestamp(reach.first)
    edges = [pd.Timestamp(moment) for moment in (*reference, *current)]
    if edges[1] >= edges[2]:
        return []
    months = (edges[3].year - edges[2].year) * 12 + edges[3].month - edges[2].month
    whole = months > 0 and edges[2] + pd.DateOffset(months=months) == edges[3]
    step = pd.DateOffset(months=months) if whole else edges[3] - edges[2]
    found = []
    for _ in range(MOST_EARLIER):
        edges = [edge - step for edge in edges]
        if edges[0] < first:
            break
        days = [_day(edge) for edge in edges]
        found.append(((days[0], days[1]), (days[2], days[3])))
    return found


def rows_in(ws: Workspace, reach: Span, window: Window) -> int:
    """How many rows a window has."""
    sql = f"SELECT count(*) FROM {quoted(reach.table)} WHERE {_within(reach)}"
    return int(ws.store.rows(sql, list(window))[0][0])


def read_window(
    ws: Workspace, reach: Span, window: Window, columns: Sequence[str], most: int
) -> "pd.DataFrame":
    """Read a window: the columns, and in ``BLOCK`` the time of each row.

    Args:
        ws: The workspace.
        reach: The table's span.
        window: Start and end, half-open.
        columns: Columns to read.
        most: Most rows; of more, the same ones are drawn each time.
    """
    names = ", ".join(quoted(name) for name in columns)
    drawn = f"hash({row_id([reach.time, *reach.columns])})"
    sql = (
        f"SELECT {names}, {_utc(reach.time)} AS {quoted(BLOCK)} FROM {quoted(reach.table)} "
        f"WHERE {_within(reach)} ORDER BY {drawn} LIMIT {most:d}"
    )
    return ws.store.read(sql, list(window))


def blocked(reference: "pd.DataFrame", current: "pd.DataFrame") -> str:
    """Turn the times in ``BLOCK`` into what holds rows together, in place.

    Weeks where both windows have eight of them, else days where both have eight.

    Args:
        reference: A window as ``read_window`` gives it.
        current: The other window.

    Returns:
        The name of the block column, or nothing: each row then stands alone.
    """
    times = [frame[BLOCK] for frame in (reference, current)]
    for pattern in ("%G-%V", "%Y-%m-%d"):
        named = [time.dt.strftime(pattern) for time in times]
        if min(names.nunique() for names in named) >= FEWEST_BLOCKS:
            reference[BLOCK], current[BLOCK] = named
            return BLOCK
    return ""


def _within(reach: Span) -> str:
    time = _utc(reach.time)
    return f"{time} >= CAST(? AS TIMESTAMP) AND {time} < CAST(? AS TIMESTAMP)"


def _utc(column: str) -> str:
    # The connection is in UTC, so that a time with a zone becomes its UTC wall time.
    return f"CAST({quoted(column)} AS TIMESTAMP)"


def _day(moment: Any) -> str:
    text: str = moment.isoformat(sep=" ")
    return text.removesuffix(" 00:00:00")
