"""The columns a stream lands in: as it began, as the table has them, or as they seem to be."""

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from lab.core.errors import BadInput
from lab.core.names import checked_table
from lab.core.schemas import TABLES
from lab.data.column_types import guess_column
from lab.data.landed import check_owner
from lab.data.mapping_checks import check_type
from lab.data.quality.whole import kind_of
from lab.data.stream import Record, Sink

if TYPE_CHECKING:
    import duckdb

MAX_COLUMNS = 500


def columns_of(
    connection: "duckdb.DuckDBPyConnection", sink: Sink, records: Sequence[Record]
) -> dict[str, str]:
    """Column types by column of the table that records land in.

    Args:
        connection: Where the table is, or will be.
        sink: The table, and what a person or a contract says of its columns.
        records: Records of the batch; they decide for a table that is new.

    Raises:
        BadInput: The table is not one a stream may land in, or the records do not say enough.
    """
    if checked_table(sink.table) in TABLES:
        raise BadInput(f"Table {sink.table!r} is kept by the lab itself.", "Choose another name.")
    begun = connection.execute(
        "SELECT mapping FROM loads WHERE load_id = ? AND dataset = ?", [sink.load_id, sink.table]
    ).fetchall()
    there = dict(
        connection.execute(
            "SELECT column_name, data_type FROM duckdb_columns() "
            "WHERE lower(table_name) = lower(?) AND NOT internal",
            [sink.table],
        ).fetchall()
    )
    types = dict(json.loads(begun[0][0])["types"]) if begun else {}
    if there and set(types) == set(there):  # else somebody has replaced the table meanwhile
        return types
    check_owner(connection, sink.table)
    if there:
        return {name: sink.types.get(name) or _own(kind) for name, kind in there.items()}
    return _guessed(sink, [one.cells for one in records if one.cells is not None])


def _own(type_: str) -> str:
    """The column type of a column that has a DuckDB type."""
    return "json" if type_ == "JSON" else kind_of(type_) or "text"


def _guessed(sink: Sink, rows: Sequence[Mapping[str, str | None]]) -> dict[str, str]:
    promised = {name: str(column.type) for name, column in sink.promised.items()}
    names = dict.fromkeys([*(name for row in rows for name in row), *sink.types, *promised])
    if not names:
        raise BadInput(
            "No record of the first batch can be read.",
            "Send JSON objects, or say the types of the columns.",
        )
    if len(names) > MAX_COLUMNS or len({name.lower() for name in names}) < len(names):
        raise BadInput(
            f"The first batch has {len(names)} fields, some of them alike but for their case.",
            f"Send at most {MAX_COLUMNS} fields with names of their own.",
        )
    return {
        name: _type(sink, name, [row.get(name) for row in rows], promised.get(name, ""))
        for name in names
    }


def _type(sink: Sink, name: str, cells: Sequence[str | None], promised: str) -> str:
    """What a person says; else what the cells seem to be, where no contract says otherwise."""
    guess = guess_column(name, cells)
    seems = "text" if guess.type.endswith(":?") else guess.type
    as_promised = not promised or seems.partition(":")[0] == promised
    given = sink.types.get(name) or (seems if as_promised else promised)
    check_type(name, given)
    if given == "time" and not guess.zoned and guess.examples and not sink.timezone:
        raise BadInput(
            f"Times such as {guess.examples[0]} carry no time zone. Where was that clock?",
            "Say so with --timezone, such as UTC or Europe/London.",
        )
    return given
