"""A batch into its table: rows, rejects and position in one transaction."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from lab.core.errors import BadInput
from lab.core.schemas import LOADS, REJECTS, STREAM_OFFSETS
from lab.core.sql import quoted
from lab.data.casts import cast
from lab.data.stream import Batch, Outcome, Record, Sink
from lab.data.stream_columns import columns_of

if TYPE_CHECKING:
    import duckdb

SHOWN_REASONS = 20
# Relations of one batch; no table of a person's can be called like this.
BATCH, TYPED, AWAY = '"batch as text"', '"batch as values"', '"batch turned away"'
UNKNOWN = (", which the table does not have; name it in a contract of the table (Check quality), "
           "or stream into another table")  # fmt: skip
# A row that does not land: its number among the rows, the column, and the reason.
Bad = tuple[int, str, str]


def positions(connection: "duckdb.DuckDBPyConnection", stream: str) -> dict[str, int]:
    """By key, the first record that has not landed yet."""
    connection.execute(STREAM_OFFSETS.ddl())
    sql = "SELECT key, position FROM stream_offsets WHERE stream = ?"
    return dict(connection.execute(sql, [stream]).fetchall())


def land_batch(connection: "duckdb.DuckDBPyConnection", sink: Sink, batch: Batch) -> Outcome:
    """Land a batch, inside a transaction that is open.

    Args:
        connection: From ``Store.change``.
        sink: Where it lands.
        batch: The batch.

    Returns:
        What became of it; a batch that came before changes nothing.

    Raises:
        BadInput: It does not fit the table at all, or its key was used for something else.
    """
    for table in (STREAM_OFFSETS, LOADS, REJECTS):
        connection.execute(table.ddl())
    known = connection.execute(
        "SELECT position, sha256, rows_loaded, rows_rejected, problem FROM stream_offsets "
        "WHERE stream = ? AND key = ?",
        [sink.stream, batch.key],
    ).fetchall()
    start, sha256, loaded, rejected, problem = known[0] if known else (0, batch.sha256, 0, 0, "")
    if sha256 != batch.sha256:
        raise BadInput(
            f"The key {batch.key!r} was used before, for other content.",
            "Give each batch a key of its own, and the same key only to the same batch.",
        )
    fresh = [record for record in batch.records if record.position >= start]
    repeated = len(batch.records) - len(fresh)
    if known and not fresh:
        return Outcome(repeated=repeated, problem=problem)
    outcome = _land_rows(connection, sink, fresh) if fresh else Outcome()
    end = max((record.position + 1 for record in fresh), default=start)
    row = [sink.stream, batch.key, end, sink.table, loaded + outcome.loaded,
           rejected + outcome.rejected, batch.sha256, batch.problem, datetime.now(UTC)]  # fmt: skip
    connection.execute(
        "DELETE FROM stream_offsets WHERE stream = ? AND key = ?", [sink.stream, batch.key]
    )
    connection.execute("INSERT INTO stream_offsets VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
    return Outcome(outcome.loaded, outcome.rejected, repeated, batch.problem, "", outcome.reasons)


def _land_rows(
    connection: "duckdb.DuckDBPyConnection", sink: Sink, records: Sequence[Record]
) -> Outcome:
    types = columns_of(connection, sink, records)
    reasons = [one.reason or _strange(one, types) for one in records]
    away = [(one.position, "", f"The record {reason}", one.text)
            for one, reason in zip(records, reasons, strict=True) if reason]  # fmt: skip
    rows = [one for one, reason in zip(records, reasons, strict=True) if not reason]
    # Where nothing says the columns yet, no record is left.
    found = _judged(connection, sink, types, rows) if types else []
    away += [(rows[line].position, name, why, rows[line].text) for line, name, why in found]
    loaded = _insert(connection, sink, types) if types else 0
    _turn_away(connection, sink, away)
    _record(connection, sink, types, loaded, len(records) - loaded)
    first = sorted((place, why) for place, _, why, _ in away)[:SHOWN_REASONS]
    return Outcome(loaded, len(records) - loaded, reasons=tuple(first))


def _judged(
    connection: "duckdb.DuckDBPyConnection",
    sink: Sink,
    types: Mapping[str, str],
    rows: Sequence[Record],
) -> list[Bad]:
    """Stage the batch as values, and take out what does not land."""
    _stage(connection, sink, types, rows)
    away: list[Bad] = []
    for judged in (_bad_cells, _broken_promises):
        found = judged(connection, sink, types)
        numbers = [line for line, _, _ in found]
        connection.execute(f"DELETE FROM {TYPED} WHERE line IN (SELECT unnest(?))", [numbers])
        away += found
    return away


def _insert(connection: "duckdb.DuckDBPyConnection", sink: Sink, types: Mapping[str, str]) -> int:
    """Put the batch in the table, which is made, or gets columns, where that is due."""
    named = ", ".join(f"v{i} AS {quoted(name)}" for i, name in enumerate(types))
    ready, table = f"SELECT {named} FROM {TYPED} ORDER BY line", quoted(sink.table)
    connection.execute(f"CREATE TABLE IF NOT EXISTS {table} AS {ready} LIMIT 0")
    described = (connection.execute(f"DESCRIBE {one}").fetchall() for one in (table, ready))
    there, due = ({row[0]: row[1] for row in rows} for rows in described)
    for name, kind in due.items():
        if name not in there:
            connection.execute(f"ALTER TABLE {table} ADD COLUMN {quoted(name)} {kind}")
    loaded = int(connection.execute(f"INSERT INTO {table} BY NAME {ready}").fetchall()[0][0])
    connection.execute(f"DROP TABLE {TYPED}")
    return loaded


def _strange(record: Record, types: Mapping[str, str]) -> str:
    """Why the fields of a record do not fit the columns; empty when they do."""
    if not types:
        return "has no field, and nothing else says what columns the new table has"
    cells = record.cells or {}
    name = next((n for n, cell in cells.items() if cell is not None and n not in types), "")
    return f"has the field {name!r}{UNKNOWN}" if name else ""


def _stage(
    connection: "duckdb.DuckDBPyConnection",
    sink: Sink,
    types: Mapping[str, str],
    rows: Sequence[Record],
) -> None:
    """Make the batch as values: number of the row, and value and reason of each column."""
    import pyarrow as pa

    cells: dict[str, Any] = {
        f"c{i}": pa.array([(one.cells or {}).get(name) for one in rows], pa.string())
        for i, name in enumerate(types)
    }
    cells["line"] = pa.array(range(len(rows)), pa.int64())
    parts = ["line"]
    for i, kind in enumerate(types.values()):
        one = cast(f"c{i}", kind, zone=sink.timezone or "UTC", zoned=not sink.timezone)
        parts += [f"{one.value} AS v{i}", f"CAST({one.reason} AS VARCHAR) AS r{i}"]
    connection.register(BATCH.strip('"'), pa.table(cells))
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {TYPED} AS SELECT {', '.join(parts)} FROM {BATCH}"
    )
    connection.unregister(BATCH.strip('"'))


def _bad_cells(
    connection: "duckdb.DuckDBPyConnection", sink: Sink, types: Mapping[str, str]
) -> list[Bad]:
    """Cells that are not of the type of their column."""
    del sink
    found: list[Bad] = []
    for i, name in enumerate(types):
        found += connection.execute(
            f"SELECT line, $1, $1::VARCHAR || ': ' || r{i} FROM {TYPED} WHERE r{i} IS NOT NULL",
            [name],
        ).fetchall()
    return found


def _broken_promises(
    connection: "duckdb.DuckDBPyConnection", sink: Sink, types: Mapping[str, str]
) -> list[Bad]:
    """Cells that break a promise of the contract, if there is one; the history gets to know."""
    if sink.contract is None:
        return []
    from lab.data.quality.hourly import note_batch
    from lab.data.quality.streamed import judge_batch
    from lab.data.quality.whole import Relation

    columns = ", ".join(f"v{i} AS {quoted(name)}" for i, name in enumerate(types))
    found = judge_batch(Relation.of(connection, TYPED, "line", columns), sink.contract)
    outcome = found.findings, found.rows, found.bad_rows
    note_batch(connection, sink.contract, sink.load_id, outcome, datetime.now(UTC))
    return list(found.cells)


def _turn_away(
    connection: "duckdb.DuckDBPyConnection",
    sink: Sink,
    away: Sequence[tuple[int, str, str, str]],
) -> None:
    """Keep what does not land, each with its place in the batch and the reason."""
    import pyarrow as pa

    if not away:
        return
    position, column, reason, text = zip(*away, strict=True)
    rows = pa.table([pa.array(position, pa.int64()), pa.array(column), pa.array(reason),
                     pa.array(text)], ["position", "column", "reason", "text"])  # fmt: skip
    connection.register(AWAY.strip('"'), rows)
    connection.execute(
        f'INSERT INTO rejects SELECT ?, position + 1, "column", reason, text FROM {AWAY}',
        [sink.load_id],
    )
    connection.unregister(AWAY.strip('"'))


def _record(
    connection: "duckdb.DuckDBPyConnection",
    sink: Sink,
    types: Mapping[str, str],
    loaded: int,
    rejected: int,
) -> None:
    """Keep the one row of the stream in ``loads`` up to date."""
    before = connection.execute(
        "SELECT coalesce(sum(rows_loaded), 0), coalesce(sum(rows_rejected), 0) FROM loads "
        "WHERE load_id = ?",
        [sink.load_id],
    ).fetchall()[0]
    connection.execute("DELETE FROM loads WHERE load_id = ?", [sink.load_id])
    counts = {"rows_loaded": int(before[0]) + loaded, "rows_rejected": int(before[1]) + rejected}
    values = {
        "load_id": sink.load_id, "loaded_at": datetime.now(UTC), "dataset": sink.table,
        "kind": "table", "source": sink.stream, "sha256": "", "rows_read": sum(counts.values()),
        **counts, "mapping": json.dumps({"types": dict(types), "timezone": sink.timezone}),
    }  # fmt: skip
    names, marks = ", ".join(map(quoted, values)), ", ".join(f"${name}" for name in values)
    connection.execute(f"INSERT INTO loads ({names}) VALUES ({marks})", values)
