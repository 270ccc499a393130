"""A staged load held to a contract: bad rows join the rejects, good ones go on."""

from datetime import datetime
from typing import TYPE_CHECKING

from lab.core.sql import quoted
from lab.data.mapping import Mapping
from lab.data.picked_lines import put_lines
from lab.data.quality.contract import Contract
from lab.data.quality.findings import Finding
from lab.data.quality.judging import judge
from lab.data.quality.whole import Relation
from lab.data.source import Source
from lab.data.typed import row_text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import duckdb
    import pandas as pd


def judge_staged(
    connection: "duckdb.DuckDBPyConnection",
    source: Source,
    mapping: Mapping,
    contract: Contract,
    now: datetime,
    more: "Callable[[Relation], Sequence[Finding]]",
) -> tuple[tuple[Finding, ...], int, int] | None:
    """Hold typed rows to a contract, and turn away those that break a promise about cells.

    Args:
        connection: With ``good``; rows are added to its table ``rejects``.
        source: The file.
        mapping: The mapping used.
        contract: What the rows promise.
        now: The time freshness is measured from.
        more: Further findings about the rows that are left.

    Returns:
        As ``lab.data.quality.judging.judge``; ``None`` when the rows were read quickly, and so
        many are bad that they must be read carefully.
    """
    cells = ", ".join(
        f"v{source.columns.index(name)} AS {quoted(mapping.landed(name))}" for name in mapping.used
    )
    relation = Relation.of(connection, "good", "line", cells)

    def turn_away(bad: "pd.DataFrame") -> None:
        connection.register("bad_cells", bad)
        connection.execute(
            "INSERT INTO rejects SELECT line, column_name, reason, NULL FROM bad_cells"
        )
        connection.unregister("bad_cells")

    found = judge(relation, contract, now, handled=True, sink=turn_away, more=more)
    return found if _told(connection, source) else None


def _told(connection: "duckdb.DuckDBPyConnection", source: Source) -> bool:
    """Write the text of the rows that were turned away; whether it could be read again."""
    unread = connection.execute(
        "SELECT DISTINCT line FROM rejects WHERE text IS NULL "
        "AND line NOT IN (SELECT line FROM raw) ORDER BY line"
    ).fetchall()
    if unread and not put_lines(connection, source, [line for (line,) in unread]):
        return False
    connection.execute(
        f"UPDATE rejects SET text = left({row_text(source)}, 500) FROM raw "
        "WHERE rejects.line = raw.line AND text IS NULL"
    )
    return True
