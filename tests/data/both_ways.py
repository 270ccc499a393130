"""What a quick way of reading stages of a file, and what the careful way does."""

from collections.abc import Callable
from typing import Any

from lab.core.progress import drain
from lab.core.workspace import Workspace
from lab.data.content import content_hash
from lab.data.landing import build_table, count_rows, type_rows
from lab.data.mapping import Mapping
from lab.data.samples import build_metrics
from lab.data.source import Source
from lab.data.staging import Tally, stage_rows, staged_database

Found = tuple[Tally, tuple[int, int], str, list[tuple[object, ...]], list[tuple[object, ...]]]
Quick = Callable[[Any, Source, Mapping], Tally | None]


def staged(
    ws: Workspace, source: Source, mapping: Mapping, quick: Quick | None = None
) -> Found | None:
    """Counts, hash, rejects and rows of a file; ``None`` when the quick way declines.

    Args:
        ws: The workspace; nothing lands in it.
        source: The file.
        mapping: A checked mapping.
        quick: The quick way; the careful one when not given.
    """
    with ws.store.stage() as path, staged_database(ws, path, source.path) as connection:
        if quick is None:
            tally = drain(stage_rows(connection, source))
            type_rows(connection, source, mapping)
        elif (found := quick(connection, source, mapping)) is not None:
            tally = found
        else:
            left = connection.execute("SELECT count(*) FROM duckdb_tables()").fetchall()
            assert left == [(0,)]
            return None
        counts = count_rows(connection)
        tally.check(*counts)
        rejects = connection.execute("FROM rejects ORDER BY ALL").fetchall()
        name = "observations" if mapping.kind == "metrics" else "landing"
        if mapping.kind == "metrics":
            drain(build_metrics(connection, source, mapping))
        else:
            build_table(connection, source, mapping)
        rows = connection.execute(f"FROM {name}").fetchall()
        return tally, counts, content_hash(connection, name), rejects, rows
