"""Look at what is loaded: tables, their columns, a sample, a summary, and SQL of one's own."""

import re
from typing import Any

import pandas as pd

from lab.core.errors import unknown
from lab.core.schemas import TABLES
from lab.core.sql import is_number, is_time, quoted
from lab.core.store import TableInfo
from lab.core.words import counted, grouped
from lab.core.workspace import Workspace
from lab.data.sql_console import SqlResult, run_sql
from lab.flows.example_queries import EXAMPLES

# Above this a summary reads a sample: exact figures of more rows are not worth the wait.
SUMMARY_ROWS = 2_000_000
# Up to this different values are counted, not estimated.
EXACT_ROWS = 200_000
NUMBER = ("number", "whole number")
# A summary tells times to the second, large numbers in full and long texts in part.
SECONDS = re.compile(r"\d{4}-\d\d-\d\d( \d\d:\d\d:\d\d)?")
# What fills an empty workspace, in the code beside the page.
FILL = "lab.drain(lab.ingest(ws, 'shop_sales'))\n"
PLAN = "How DuckDB would run it: the last step stands first."
MILLION, LONGEST, DAY, SECOND = 1_000_000, 30, 10, 19
MARKS = {"lowest": "min", "median": "q50", "highest": "max", "mean": "avg"}
# Headings of a summary; names must be read whole, so they say how wide they are, in pixels.
HEADINGS: dict[str, str | dict[str, str | int]] = {
    "column": {"label": "Column", "width": 150},
    "type": {"label": "Type", "width": 110},
    "missing": {"label": "Missing (%)", "width": 90},
    "different": {"label": "Different values", "width": 115},
    "lowest": "Lowest",
    "median": "Median",
    "highest": "Highest",
    "mean": "Mean",
}
SUMMARY: dict[str, Any] = {"config": HEADINGS, "counts": ["different"]}


def tables(ws: Workspace) -> list[TableInfo]:
    """List the tables.

    Args:
        ws: The workspace.

    Returns:
        Each table with its row count and columns, by name; empty before the first load.
    """
    return ws.store.tables() if ws.database.exists() else []


def tables_by_interest(ws: Workspace) -> dict[str, TableInfo]:
    """Tables by name: a person's own first, then data, then what the lab keeps for itself."""
    shop = ("orders", "order_labels", "daily_sales", "logs", "spans", "alerts", "changes")
    first = ("sales", "observations", "series", "incidents", *shop)
    rank = {name: (1, i) for i, name in enumerate(first)}
    found = sorted(
        tables(ws), key=lambda info: rank.get(info.name, (2 if info.name in TABLES else 0, 0))
    )
    return {info.name: info for info in found}


def titles(tables: dict[str, TableInfo]) -> dict[str, str]:
    """What to call each table in a list."""
    return {name: f"{name} ({counted(info.rows, 'row')})" for name, info in tables.items()}


def telling_columns(info: TableInfo) -> list[str]:
    """Columns of a table, those with numbers first and ids after all others of their kind."""

    def rank(column: tuple[str, str]) -> tuple[bool, bool]:
        return type_title(column[1]) not in NUMBER, column[0].endswith("_id")

    return [name for name, _ in sorted(info.columns, key=rank)]


def query(ws: Workspace, sql: str, limit: int | None = None) -> pd.DataFrame:
    """Run one SELECT in a process that can be ended whatever it does.

    Args:
        ws: The workspace whose tables it reads.
        sql: One SELECT.
        limit: Most rows to give back; the ``sql_max_rows`` setting when not given.

    Returns:
        The rows; ``attrs["truncated"]`` says whether there were more.

    Raises:
        BadInput: It is not one SELECT, or DuckDB cannot make sense of it.
        Unavailable: It used up its time or memory and was ended.
    """
    result = run_sql(ws, sql, limit=limit)
    frame = result.frame()
    frame.attrs["truncated"] = result.truncated
    return frame


def ask(ws: Workspace, sql: str, explain: bool = False) -> SqlResult:
    """The answer to one SELECT with its types and figures, or its plan."""
    return run_sql(ws, sql, explain=explain)


def bounds(ws: Workspace) -> str:
    """What a query may use, in one sentence."""
    told = ws.settings
    return (
        f"Reads only. At most {told.sql_timeout_seconds:g} s, {told.sql_memory_mb} MB and "
        f"{grouped(told.sql_max_rows)} rows."
    )


def answer_sentence(answer: SqlResult, planned: bool = False) -> str:
    """How much an answer holds, how long it took, and whether it was cut.

    Args:
        answer: From ``ask``.
        planned: Whether it is a plan.

    >>> answer_sentence(SqlResult((("a", "BIGINT"),), ((1,),), False, 0.5))
    '1 row, 1 column, in 0.50 s.'
    """
    if planned:
        return PLAN
    size = f"{counted(len(answer.rows), 'row')}, {counted(len(answer.columns), 'column')}"
    cut = " There are more; add a LIMIT or a WHERE to choose." if answer.truncated else ""
    bounds = (
        f" This system cannot bound: {', '.join(answer.missing_bounds)}."
        if answer.missing_bounds
        else ""
    )
    return f"{'First ' * answer.truncated}{size}, in {answer.seconds:.2f} s.{cut}{bounds}"


def plan_text(answer: SqlResult) -> str:
    """The plan of a query as DuckDB draws it."""
    return "\n".join(str(row[-1]) for row in answer.rows)


def as_csv(frame: pd.DataFrame) -> bytes:
    """Rows as CSV, times in UTC and ISO 8601."""
    return frame.to_csv(index=False, date_format="%Y-%m-%dT%H:%M:%S.%f%z").encode()


def examples(ws: Workspace) -> dict[str, str]:
    """Queries worth trying on the tables that are there, by what they answer."""
    there = {table.name for table in tables(ws) if table.rows}
    return {title: sql for name, (title, sql) in EXAMPLES.items() if name in there}


def sample(ws: Workspace, table: str, rows: int = 100) -> pd.DataFrame:
    """The first rows of a table.

    Args:
        ws: The workspace.
        table: Its name.
        rows: How many, 1 to 10,000.

    Raises:
        NotFound: There is no such table.
    """
    count = max(1, min(rows, 10_000))
    return ws.store.read(f"FROM {quoted(_known(ws, table).name)} LIMIT {count}")


def summary(ws: Workspace, table: str) -> pd.DataFrame:
    """What each column of a table holds.

    Args:
        ws: The workspace.
        table: Its name.

    Returns:
        One row a column: ``column``, ``type``, ``missing`` (share in percent), ``different``
        (how many values; about, above 200,000 rows), ``lowest``, ``median``, ``highest`` and
        ``mean`` as text.

    Raises:
        NotFound: There is no such table.
    """
    info = _known(ws, table)
    source = f"SELECT * FROM {quoted(info.name)}"
    if info.rows > SUMMARY_ROWS:
        source += f" USING SAMPLE {SUMMARY_ROWS} ROWS (reservoir, 7)"
    found = ws.store.read(f"SUMMARIZE {source}")
    if info.rows <= EXACT_ROWS:
        found["approx_unique"] = _different(ws, info)
    if not info.rows:
        found["null_percentage"] = 0.0
    return pd.DataFrame(
        {
            "column": found["column_name"],
            "type": [type_title(kind) for kind in found["column_type"]],
            "missing": found["null_percentage"].astype("float64"),
            "different": found["approx_unique"].clip(upper=info.rows),
            **{
                title: list(map(_short, found[name], found["column_type"]))
                for title, name in MARKS.items()
            },
        }
    )


def type_title(kind: str) -> str:
    """What a person calls a DuckDB type.

    >>> type_title("TIMESTAMP WITH TIME ZONE"), type_title("BIGINT")
    ('time', 'whole number')
    """
    titles = {
        "TIMESTAMP": "time", "DATE": "date", "VARCHAR": "text", "DOUBLE": "number",
        "FLOAT": "number", "DECIMAL": "number", "BIGINT": "whole number",
        "INTEGER": "whole number", "HUGEINT": "whole number", "BOOLEAN": "true or false",
    }  # fmt: skip
    return next((title for name, title in titles.items() if kind.startswith(name)), kind.lower())


def _different(ws: Workspace, info: TableInfo) -> list[int]:
    counts = ", ".join(f"count(DISTINCT {quoted(name)})" for name, _ in info.columns)
    return list(ws.store.rows(f"SELECT {counts} FROM {quoted(info.name)}")[0])


def _known(ws: Workspace, table: str) -> TableInfo:
    found = {info.name: info for info in tables(ws)}
    if table not in found:
        raise unknown("table", table, found)
    return found[table]


def _short(cell: Any, kind: str) -> str:
    if pd.isna(cell):
        return ""
    text = str(cell)
    if is_time(kind) and SECONDS.match(text):
        return text[:DAY] if kind == "DATE" else text[:SECOND]
    if not is_number(kind):
        return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
    number = float(text)
    return grouped(number, ".0f" if abs(number) >= MILLION else ".6g")
