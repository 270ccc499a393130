"""What a load did, in counts that add up, and what was loaded before."""

import uuid
from collections.abc import Mapping as Dict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from lab.core.words import grouped
from lab.core.workspace import Workspace
from lab.data.content import content_hash
from lab.data.landing import count_rows
from lab.data.mapping import Mapping
from lab.data.preview import Preview
from lab.data.staging import Tally

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

SHOWN_REASONS = 10
SHOWN_REJECTS = 1_000
# Headings of the list of loads; a column without one is not shown.
LOADED = {
    "dataset": "Name",
    "kind": "Kind",
    "source": "File",
    "rows_loaded": "Rows",
    "rows_rejected": "Rejected",
    "at": "Loaded (UTC)",
    "load_id": None,
}
COUNTS = ("rows_loaded", "rows_rejected")
REJECTED = {
    "line": "Line",
    "column_name": "Column",
    "reason": "Reason",
    "text": "Row as it stands",
}
# What a line was, in the words of a person; rows come first.
LINE_WORDS = {
    "row": ("line with a row", "lines with rows"),
    "bad": ("line that cannot be read", "lines that cannot be read"),
    "header": ("header", "header lines"),
    "blank": ("blank line", "blank lines"),
    "comment": ("comment", "comments"),
    "preamble": ("title line", "title lines"),
    "footnote": ("footnote", "footnotes"),
    "another table": ("line of another table", "lines of another table"),
}


@dataclass(frozen=True)
class LoadSummary:
    """What a load did, with counts that add up.

    Args:
        load_id: Its id in tables ``loads`` and ``rejects``.
        dataset: Name of the data set or table.
        kind: metrics or table.
        source: What the person calls the file.
        rows_read: Data rows met: ``rows_loaded`` + ``rows_rejected``.
        rows_loaded: Rows that landed.
        rows_rejected: Rows turned away, whole.
        physical_lines: Lines in the file; 0 for Parquet.
        lines: Where they went: row, bad, header, blank, comment, preamble.
        values: Samples landed in observations; 0 for a table.
        series: Series landed; 0 for a table.
        incidents: Labelled incidents that came with it.
        start: First moment, ISO 8601; empty for a table without time.
        end: Last moment.
        reasons: The commonest reasons of rejection with how often.
        content_hash: Hash of what landed, whatever its order.
        sha256: Hash of the file.
        mapping: The mapping used.
        quality: What the contract says, in a sentence; empty without a contract.
    """

    load_id: str
    dataset: str
    kind: str
    source: str
    rows_read: int
    rows_loaded: int
    rows_rejected: int
    physical_lines: int
    lines: dict[str, int]
    values: int
    series: int
    incidents: int
    start: str
    end: str
    reasons: list[tuple[str, int]]
    content_hash: str
    sha256: str
    mapping: dict[str, Any] = field(default_factory=dict)
    quality: str = ""


def sentence(result: Dict[str, Any]) -> str:
    """The counts of a load as sentences that add up.

    Args:
        result: A ``LoadSummary`` as a mapping, as a job keeps it.

    >>> sentence({"physical_lines": 4, "lines": {"header": 1, "row": 3}, "rows_read": 3,
    ...           "rows_loaded": 2, "rows_rejected": 1})
    '4 lines = 3 lines with rows + 1 header. 3 rows = 2 loaded + 1 rejected.'
    """
    counted = [
        f"{grouped(result['lines'][kind])} {words[result['lines'][kind] > 1]}"
        for kind, words in LINE_WORDS.items()
        if result["lines"].get(kind)
    ]
    total = grouped(result["physical_lines"])
    lines = f"{total} lines = {' + '.join(counted)}. " if counted else ""
    read, loaded, rejected = (
        grouped(result[name]) for name in ("rows_read", "rows_loaded", "rows_rejected")
    )
    said = f" {result['quality']}" if result.get("quality") else ""
    return f"{lines}{read} rows = {loaded} loaded + {rejected} rejected.{said}"


def figures(result: Dict[str, Any]) -> dict[str, str]:
    """The few numbers of a load that matter.

    Args:
        result: A ``LoadSummary`` as a mapping, as a job keeps it.

    Returns:
        Label and formatted number.
    """
    shown = {"Rows read": "rows_read", "Loaded": "rows_loaded", "Rejected": "rows_rejected"}
    if result["kind"] == "metrics":
        shown |= {"Samples": "values", "Series": "series"}
    if result["incidents"]:
        shown["Incidents"] = "incidents"
    return {label: grouped(result[name]) for label, name in shown.items()}


def loads(ws: Workspace) -> "pd.DataFrame":
    """What was loaded, newest first; only the latest load of each name still holds."""
    if not ws.store.has("loads"):
        return _nothing()
    return ws.store.read(
        "SELECT dataset, kind, source, rows_loaded, rows_rejected, "
        "strftime(loaded_at, '%Y-%m-%d %H:%M') AS at, load_id FROM loads "
        "QUALIFY row_number() OVER (PARTITION BY dataset, kind ORDER BY loaded_at DESC) = 1 "
        "ORDER BY loaded_at DESC"
    )


def rejects(ws: Workspace, load_id: str) -> "pd.DataFrame":
    """Rows that a load turned away, in the order of the file.

    Args:
        ws: The workspace.
        load_id: The load.

    Returns:
        Columns ``line``, ``column_name``, ``reason`` and ``text``; at most 1,000 rows.
    """
    return ws.store.read(
        "SELECT line, column_name, reason, text FROM rejects WHERE load_id = ? "
        f"ORDER BY line, column_name LIMIT {SHOWN_REJECTS}",
        [load_id],
    )


def summarise(
    connection: "duckdb.DuckDBPyConnection",
    mapping: Mapping,
    tally: Tally,
    found: Preview,
    sha256: str,
) -> LoadSummary:
    """Count what is staged, before it lands.

    Args:
        connection: The private database, with everything arranged.
        mapping: The mapping used.
        tally: Where every line of the file went.
        found: The look at the file.
        sha256: Hash of the file.

    Returns:
        The counts, under a new load id.
    """
    loaded, rejected = count_rows(connection)
    metrics = mapping.kind == "metrics"
    values, series, start, end = (0, 0, None, None)
    if metrics:
        values, series, start, end = connection.execute(
            "SELECT count(*), count(DISTINCT series_id), min(timestamp), max(timestamp) "
            "FROM observations"
        ).fetchall()[0]
    reasons = connection.execute(
        # Cell and line differ from row to row; the rest of the reason is what they share.
        "SELECT regexp_replace(regexp_replace(reason, ' of line \\d+$', ' of another line'),"
        " '^(.*?): .* ((is|carries|does|happens) )', '\\1: … \\2'),"
        " count(*) FROM rejects GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT ?",
        [SHOWN_REASONS],
    ).fetchall()
    return LoadSummary(
        load_id=uuid.uuid4().hex[:12],
        dataset=mapping.dataset,
        kind=mapping.kind,
        source=found.name,
        rows_read=tally.rows,
        rows_loaded=loaded,
        rows_rejected=rejected,
        physical_lines=tally.physical_lines,
        lines=tally.lines,
        values=values,
        series=series,
        incidents=0,
        start=start.isoformat() if start else "",
        end=end.isoformat() if end else "",
        reasons=reasons,
        content_hash=content_hash(connection, "observations" if metrics else "landing"),
        sha256=sha256,
        mapping=mapping.as_dict(),
    )


def _nothing() -> "pd.DataFrame":
    import pandas as pd

    return pd.DataFrame()
