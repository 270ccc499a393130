"""Snapshots: keep the rows of a table or query under their hash, load them back, tidy them up."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from lab.core.errors import BadInput, NotFound, unknown
from lab.core.names import IDENTIFIER
from lab.core.sql import quoted
from lab.core.words import counted, grouped
from lab.core.workspace import Workspace
from lab.flows.audit import record
from lab.flows.explore import tables
from lab.flows.snapshot import Snapshot, keep, recall, take
from lab.flows.snapshot_uses import uses

if TYPE_CHECKING:
    from pathlib import Path


MOST_ROWS = 1_000_000
BATCH_ROWS = 100_000
SHORTEST = 6


@dataclass(frozen=True)
class Pruned:
    """Snapshots that nothing refers to.

    Args:
        found: Their ids.
        size_bytes: Space they take.
        removed: Whether they were removed, or only found.
    """

    found: tuple[str, ...]
    size_bytes: int
    removed: bool

    def __str__(self) -> str:
        if not self.found:
            return "Every snapshot is referred to."
        done = "removed" if self.removed else "could be removed; add --remove"
        count = counted(len(self.found), "snapshot")
        return "\n".join(
            [f"{count}, {grouped(self.size_bytes / 1e6, '.1f')} MB, {done}:", *self.found]
        )


def snapshot(ws: Workspace, source: str) -> Snapshot:
    """Keep the rows of a table or a query as a file that is named by its content.

    The same rows give the same id, whatever the order they lie in, and are kept once.

    Args:
        ws: The workspace.
        source: A table, or one SELECT of at most a million rows.

    Returns:
        Its id, place and number of rows.

    Raises:
        NotFound: There is no such table.
        BadInput: The query cannot be run, or gives too many rows.
    """
    what = source.strip()
    found = _of_table(ws, what) if IDENTIFIER.fullmatch(what) else _of_query(ws, what)
    record(ws, "kept", f"snapshot {found.sha256}", {"source": source[:500], "rows": found.rows})
    return found


def load_snapshot(ws: Workspace, snapshot_id: str) -> pd.DataFrame:
    """Read the rows of a snapshot; a file that was changed is refused.

    Args:
        ws: The workspace.
        snapshot_id: Its id, or the first digits of it.

    Returns:
        The rows.

    Raises:
        NotFound: There is none, or several begin so.
        BadInput: The file is not what it was.
    """
    return recall(ws, _full_id(ws, snapshot_id))


def snapshots(ws: Workspace) -> pd.DataFrame:
    """List the snapshots with what refers to them, the newest first.

    Args:
        ws: The workspace.

    Returns:
        One row per snapshot: ``id``, ``rows``, ``size_bytes``, ``taken`` (UTC), ``source`` and
        ``used_by``, empty when nothing refers to it.
    """
    referred, origins = uses(ws), _origins(ws)
    found = sorted(ws.snapshots.glob("*.parquet"), key=lambda p: p.stat().st_mtime, reverse=True)
    rows = [
        {
            "id": path.stem,
            "rows": _row_count(path),
            "size_bytes": path.stat().st_size,
            "taken": pd.Timestamp(path.stat().st_mtime, unit="s", tz="UTC").floor("s"),
            "source": origins.get(path.stem, ""),
            "used_by": ", ".join(referred.get(path.stem, ())),
        }
        for path in found
    ]
    return pd.DataFrame(rows, columns=["id", "rows", "size_bytes", "taken", "source", "used_by"])


def prune_snapshots(ws: Workspace, *, remove: bool = False) -> Pruned:
    """Find the snapshots that no run, contract or recipe refers to, and remove them on request.

    Args:
        ws: The workspace.
        remove: Remove them; without it they are only listed.

    Returns:
        What was found.

    Raises:
        Unavailable: MLflow cannot be asked what its runs refer to; nothing is removed.
    """
    referred = uses(ws)
    unused = sorted(p for p in ws.snapshots.glob("*.parquet") if p.stem not in referred)
    size = sum(path.stat().st_size for path in unused)
    for path in unused if remove else ():
        path.unlink(missing_ok=True)
        record(ws, "removed", f"snapshot {path.stem}", {})
    return Pruned(tuple(path.stem for path in unused), size, remove and bool(unused))


def _of_table(ws: Workspace, table: str) -> Snapshot:
    import pyarrow.parquet as pq

    if not ws.store.has(table):
        raise unknown("table", table, [info.name for info in tables(ws)])
    name = quoted(table)
    with ws.store.connect() as connection:
        size = connection.execute(f"SELECT count(*) FROM {name}").fetchall()[0][0]
        ws.need_space(size * 100)

        def write(part: "Path") -> None:
            # In an order that the rows themselves give, in pieces of one size: the same rows,
            # the same bytes, in bounded memory.
            reader = connection.sql(f"FROM {name} ORDER BY ALL").to_arrow_reader(BATCH_ROWS)
            with pq.ParquetWriter(part, reader.schema) as writer:
                for batch in reader:
                    writer.write_batch(batch, row_group_size=BATCH_ROWS)

        return keep(ws, write, size)


def _of_query(ws: Workspace, sql: str) -> Snapshot:
    from lab.data.sql_console import run_sql

    answer = run_sql(ws, sql, limit=MOST_ROWS)
    if answer.truncated:
        raise BadInput(f"The query gives more than {grouped(MOST_ROWS)} rows.", "Ask for fewer.")
    frame = answer.frame()
    order = sorted(range(len(frame)), key=lambda i: tuple(map(repr, answer.rows[i])))
    return take(ws, frame.iloc[order].reset_index(drop=True))


def _full_id(ws: Workspace, start: str) -> str:
    found = sorted(path.stem for path in ws.snapshots.glob("*.parquet"))
    matching = [name for name in found if name.startswith(start)] if len(start) >= SHORTEST else []
    if len(matching) == 1:
        return matching[0]
    why = "Several snapshots begin" if matching else "There is no snapshot that begins"
    raise NotFound(f"{why} with {start!r}.", f"Give {SHORTEST} digits or more; see the list.")


def _row_count(path: "Path") -> int:
    import pyarrow.parquet as pq

    return int(pq.read_metadata(path).num_rows)


def _origins(ws: Workspace) -> dict[str, str]:
    """What each snapshot was taken of, where the audit log says."""
    if not (ws.database.exists() and ws.store.has("actions")):
        return {}
    rows = ws.store.rows(
        "SELECT object, detail::JSON ->> 'source' FROM actions WHERE verb = 'kept' "
        "AND object LIKE 'snapshot %' ORDER BY acted_at"
    )
    return {str(what).removeprefix("snapshot "): str(source) for what, source in rows}
