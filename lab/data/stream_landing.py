"""A batch into its table: rows, rejects and position in one transaction."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from lab.core.errors import BadInput
from lab.core.names import checked_table
from lab.core.schemas import LOADS, REJECTS, STREAM_OFFSETS, TABLES
from lab.core.sql import quoted
from lab.data.casts import cast
from lab.data.column_types import guess_column
from lab.data.landed import check_owner
from lab.data.mapping_checks import check_type
from lab.data.stream import Batch, Outcome, Record, Sink

if TYPE_CHECKING:
    import duckdb

MAX_COLUMNS = 500
SHOWN_REASONS = 20
# The type of a column as DuckDB has it, and as a person would name it.
OWN = {
    "VARCHAR": "text", "BIGINT": "integer", "DOUBLE": "number", "BOOLEAN": "boolean",
    "DATE": "date", "TIMESTAMP WITH TIME ZONE": "time", "JSON": "json",
}  # fmt: skip


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
    return Outcome(
        outcome.loaded, outcome.rejected, repeated, batch.problem, "", outcome.reasons
    )  # fmt: skip


def load_id(stream: str) -> str:
    """Under which id a stream stands in ``loads`` and ``rejects``."""
    return f"stream {stream}"


def _land_rows(
    connection: "duckdb.DuckDBPyConnection", sink: Sink, records: Sequence[Record]
) -> Outcome:
    types = _types(connection, sink, records)
    bad = [(one, one.reason or _strange(one, types)) for one in records]
    good = [one for one, reason in bad if not reason]
    found = [(one.position, "", f"The record {reason}", one.text) for one, reason in bad if reason]
    _stage(connection, sink, types, good)
    found += _bad_cells(connection, types)
    if found:
        connection.executemany(
            "INSERT INTO rejects VALUES (?, ?, ?, ?, ?)",
            [
                [load_id(sink.stream), place + 1, name, why, text]
                for place, name, why, text in found
            ],
        )
    fits = " AND ".join(f"r{i} IS NULL" for i in range(len(types)))
    names = ", ".join(map(quoted, types))
    values = ", ".join(f"v{i}" for i in range(len(types)))
    count = connection.execute(f"SELECT count(*) FROM stream_typed WHERE {fits}").fetchall()[0][0]
    connection.execute(
        f"INSERT INTO {quoted(sink.table)} ({names}) "
        f"SELECT {values} FROM stream_typed WHERE {fits} ORDER BY position"
    )
    connection.execute("DROP TABLE stream_typed")
    rejected = len(records) - count
    _record(connection, sink, types, count, rejected)
    first = sorted((place, why) for place, _, why, _ in found)[:SHOWN_REASONS]
    return Outcome(count, rejected, reasons=tuple(first))


def _bad_cells(
    connection: "duckdb.DuckDBPyConnection", types: Mapping[str, str]
) -> list[tuple[int, str, str, str]]:
    found = []
    for i, name in enumerate(types):
        found += connection.execute(
            f"SELECT position, ?, ?::VARCHAR || ': ' || r{i}, shown FROM stream_typed "
            f"WHERE r{i} IS NOT NULL",
            [name, name],
        ).fetchall()
    return found


def _types(
    connection: "duckdb.DuckDBPyConnection", sink: Sink, records: Sequence[Record]
) -> dict[str, str]:
    """The columns: as the stream began, else as the table has them, else as they seem to be."""
    if checked_table(sink.table) in TABLES:
        raise BadInput(f"Table {sink.table!r} is kept by the lab itself.", "Choose another name.")
    begun = connection.execute(
        "SELECT mapping FROM loads WHERE load_id = ? AND dataset = ?",
        [load_id(sink.stream), sink.table],
    ).fetchall()
    there = dict(
        connection.execute(
            "SELECT column_name, data_type FROM duckdb_columns() WHERE table_name = ?",
            [sink.table],
        ).fetchall()
    )
    types = dict(json.loads(begun[0][0])["types"]) if begun else {}
    if there and set(types) == set(there):  # else somebody has replaced the table meanwhile
        return types
    check_owner(connection, sink.table)
    if there:
        return {name: sink.types.get(name, OWN.get(kind, "text")) for name, kind in there.items()}
    types = _guessed(sink, [one.cells for one in records if one.cells is not None])
    columns = ", ".join(
        f"{quoted(name)} {next(k for k, v in OWN.items() if v == _base(kind))}"
        for name, kind in types.items()
    )
    connection.execute(f"CREATE TABLE {quoted(sink.table)} ({columns})")
    return types


def _guessed(sink: Sink, rows: Sequence[Mapping[str, str | None]]) -> dict[str, str]:
    names = dict.fromkeys([*(name for row in rows for name in row), *sink.types])
    if not names:
        raise BadInput("No record of the first batch can be read.", "Send JSON objects.")
    lowered = [name.lower() for name in names]
    if len(names) > MAX_COLUMNS or len(set(lowered)) < len(lowered):
        raise BadInput(
            f"The first batch has {len(names)} fields, some of them alike but for their case.",
            f"Send at most {MAX_COLUMNS} fields with names of their own.",
        )
    types = {}
    for name in names:
        guess = guess_column(name, [row.get(name) for row in rows])
        given = sink.types.get(name, "text" if guess.type.endswith(":?") else guess.type)
        check_type(name, given)
        if given == "time" and not guess.zoned and guess.examples and not sink.timezone:
            raise BadInput(
                f"Times such as {guess.examples[0]} carry no time zone. Where was that clock?",
                "Say so with --timezone, such as UTC or Europe/London.",
            )
        types[name] = given
    return types


def _base(kind: str) -> str:
    return kind.partition(":")[0]


def _strange(record: Record, types: Mapping[str, str]) -> str:
    cells = record.cells or {}
    name = next((n for n, cell in cells.items() if cell is not None and n not in types), "")
    return f"has the field {name!r}, which the table does not have" if name else ""


def _stage(
    connection: "duckdb.DuckDBPyConnection",
    sink: Sink,
    types: Mapping[str, str],
    records: Sequence[Record],
) -> None:
    """Make ``stream_typed``: position, text, and value and reason of each column."""
    import pyarrow as pa

    cells: dict[str, Any] = {
        f"c{i}": pa.array([(one.cells or {}).get(name) for one in records], pa.string())
        for i, name in enumerate(types)
    }
    cells["position"] = pa.array([one.position for one in records], pa.int64())
    cells["shown"] = pa.array([one.text for one in records], pa.string())
    parts = ["position", "shown"]
    for i, kind in enumerate(types.values()):
        one = cast(f"c{i}", kind, zone=sink.timezone or "UTC", zoned=not sink.timezone)
        parts += [f"{one.value} AS v{i}", f"CAST({one.reason} AS VARCHAR) AS r{i}"]
    connection.register("stream_batch", pa.table(cells))
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE stream_typed AS SELECT {', '.join(parts)} FROM stream_batch"
    )
    connection.unregister("stream_batch")


def _record(
    connection: "duckdb.DuckDBPyConnection",
    sink: Sink,
    types: Mapping[str, str],
    loaded: int,
    rejected: int,
) -> None:
    """Keep the one row of the stream in ``loads`` up to date."""
    name = load_id(sink.stream)
    before = connection.execute(
        "SELECT coalesce(sum(rows_loaded), 0), coalesce(sum(rows_rejected), 0) FROM loads "
        "WHERE load_id = ?",
        [name],
    ).fetchall()[0]
    connection.execute("DELETE FROM loads WHERE load_id = ?", [name])
    counts = {"rows_loaded": int(before[0]) + loaded, "rows_rejected": int(before[1]) + rejected}
    values = {
        "load_id": name, "loaded_at": datetime.now(UTC), "dataset": sink.table, "kind": "table",
        "source": sink.stream, "sha256": "", "rows_read": sum(counts.values()), **counts,
        "mapping": json.dumps({"types": dict(types), "timezone": sink.timezone}),
    }  # fmt: skip
    names, marks = ", ".join(map(quoted, values)), ", ".join(f"${name}" for name in values)
    connection.execute(f"INSERT INTO loads ({names}) VALUES ({marks})", values)
