"""The columns a stream lands in: as it began, as the table has them, or as they seem to be."""

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from lab.core.errors import BadInput
from lab.core.names import checked_table
from lab.core.schemas import TABLES
from lab.core.sql import quoted
from lab.data.column_types import guess_column
from lab.data.landed import check_owner
from lab.data.mapping_checks import check_type
from lab.data.quality.whole import kind_of
from lab.data.stream import Record, Sink

if TYPE_CHECKING:
    import duckdb

MAX_COLUMNS = 500
# Rows within which a new field is no misspelt one; a load guesses its types from as many.
HEAD_ROWS = 1_000


def columns_of(
    connection: "duckdb.DuckDBPyConnection", sink: Sink, records: Sequence[Record]
) -> dict[str, str]:
    """Column types by column of the table that records land in.

    The first batch of a new table may be poor: one record without an optional field. So a table
    that the stream made itself gets a column for each new field while it has few rows, as many as
    types are guessed from elsewhere. After that its columns stand still, and a misspelt field
    cannot add one; only those that a person or a contract names are added.

    Args:
        connection: Where the table is, or will be.
        sink: The table, and what a person or a contract says of its columns.
        records: Records of the batch; they decide for a table that is new.

    Returns:
        Column types; none while nothing says what the columns of a new table are.

    Raises:
        BadInput: The table is not one a stream may land in, or the records do not say enough.
    """
    if checked_table(sink.table) in TABLES:
        raise BadInput(f"Table {sink.table!r} is kept by the lab itself.", "Choose another name.")
    rows = [one.cells for one in records if one.cells is not None]
    begun = connection.execute(
        "SELECT mapping, rows_loaded FROM loads WHERE load_id = ? AND dataset = ?",
        [sink.load_id, sink.table],
    ).fetchall()
    there = dict(
        connection.execute(
            "SELECT column_name, data_type FROM duckdb_columns() "
            "WHERE lower(table_name) = lower(?) AND NOT internal",
            [sink.table],
        ).fetchall()
    )
    types = dict(json.loads(begun[0][0])["types"]) if begun else {}
    if there and set(types) == set(there):
        young = begun[0][1] < HEAD_ROWS and begun[0][1] == _count(connection, sink.table)
        return types | _added(sink, types, rows, young)
    # Nothing of it has landed yet, or somebody has replaced the table meanwhile.
    check_owner(connection, sink.table)
    types = {name: sink.types.get(name) or _own(kind) for name, kind in there.items()}
    return types | _added(sink, types, rows, not there)


def _count(connection: "duckdb.DuckDBPyConnection", table: str) -> int:
    return int(connection.execute(f"SELECT count(*) FROM {quoted(table)}").fetchall()[0][0])


def _added(
    sink: Sink, types: Mapping[str, str], rows: Sequence[Mapping[str, str | None]], young: bool
) -> dict[str, str]:
    """Columns the table does not have yet: what somebody names, and in a young table any field.

    Fields beyond the most there may be, or alike but for their case, are none of them.
    """
    named = dict.fromkeys([*sink.types, *sink.promised])
    if young and (sink.contract is None or sink.contract.extra_columns):
        # A field that was never filled would be a text; later it may turn out to be a number.
        fields = (n for row in rows for n, cell in row.items() if cell is not None or not types)
        named = dict.fromkeys([*fields, *named])
    taken, found = {name.lower() for name in types}, {}
    for name in named:
        if name.lower() not in taken and len(taken) < MAX_COLUMNS:
            taken.add(name.lower())
            found[name] = _type(sink, name, [row.get(name) for row in rows])
    return found


def _own(type_: str) -> str:
    """The column type of a column that has a DuckDB type."""
    return "json" if type_ == "JSON" else kind_of(type_) or "text"


def _type(sink: Sink, name: str, cells: Sequence[str | None]) -> str:
    """What a person says; else what the cells seem to be, where no contract says otherwise."""
    promised = str(sink.promised[name].type) if name in sink.promised else ""
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
