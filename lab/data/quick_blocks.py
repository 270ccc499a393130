"""Logs, JSON and tables of other programs, typed and checked block by block while they are read.

Nothing is kept as text, and what lands is written once. Rows with bad cells are read again for
their text, by the careful path's own expressions; where a block foretold the others wrongly, that
path reads the whole file.
"""

from collections import Counter
from typing import TYPE_CHECKING

from lab.core.progress import Progress, Steps
from lab.core.sql import quoted
from lab.core.words import grouped
from lab.data.cells import FLAG, landed_names, view_typed
from lab.data.landing import GOOD, forget
from lab.data.mapping import Mapping
from lab.data.picked_lines import MOST_LINES
from lab.data.records import Item
from lab.data.row_blocks import RowBlock
from lab.data.source import Source
from lab.data.staging import REJECTS, Tally, create_raw, write_items
from lab.data.typed import TypedColumn, asking, reject_repeats, tried, type_raw, typed_columns

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

# Beside columns that a person named.
PLACE = "lab: line"
# Some 8 MB of text: a statement for each block would cost as much as what it does.
BLOCKS_AT_ONCE = 16
ROWS_AT_ONCE = 100_000


def read_blocks(
    connection: "duckdb.DuckDBPyConnection", source: Source, mapping: Mapping
) -> Steps[Tally | None]:
    """Make ``typed``, ``good`` and ``rejects`` of a file that comes in blocks.

    Args:
        connection: From ``staged_database``, with nothing in it.
        source: The file.
        mapping: A checked mapping.

    Yields:
        Progress in lines.

    Returns:
        Where every line went; ``None`` when the careful path must read the file, and nothing is
        staged.

    Raises:
        BadInput: The file breaks while it is read.
    """
    if not source.in_blocks:
        return None
    total = source.physical_lines()
    connection.execute(REJECTS)
    create_raw(connection, source)
    cells, kinds, rows = _Cells(connection, source, mapping), Counter[str](), 0
    connection.execute("BEGIN")
    for block in source.blocks():
        kinds.update(block.kinds)
        rows += len(block.lines) + len(block.bad)
        write_items(connection, [], list(block.bad), source.width)
        if cells.add(block):
            place = f"{grouped(block.last)} of {grouped(total)}"
            yield Progress(block.last, total, f"Reading line {place}")
    cells.flush()
    connection.execute("COMMIT")
    if not cells.settled():
        forget(connection)
        return None
    return Tally(total, dict(kinds), rows)


class _Cells:
    """Table ``cells``: typed rows, each with its line and whether a cell of it is bad.

    Args:
        connection: With empty tables ``raw`` and ``rejects``.
        source: The file.
        mapping: A checked mapping.
    """

    def __init__(
        self, connection: "duckdb.DuckDBPyConnection", source: Source, mapping: Mapping
    ) -> None:
        self.connection, self.source, self.mapping = connection, source, mapping
        self.columns: list[TypedColumn] = []
        self.names: dict[str, str] = {}
        self.waiting: list[pa.RecordBatch] = []

    def add(self, block: RowBlock) -> bool:
        """Take rows, and write them where they are enough; whether they were."""
        import pyarrow as pa

        # At once, while the processor still has the cells at hand.
        columns = {"line": pa.array(block.lines, pa.int64())}
        for place, cells in enumerate(block.columns):
            columns[f"c{place}"] = pa.array(cells, pa.string())
        self.waiting.append(pa.RecordBatch.from_pydict(columns))
        enough = len(self.waiting) == BLOCKS_AT_ONCE
        if enough:
            self.flush()
        return enough

    def flush(self) -> None:
        """Write the rows that wait."""
        import pyarrow as pa

        if not self.waiting:
            return
        # Several batches of a table are read side by side, and land in any order.
        whole = pa.Table.from_batches(self.waiting).combine_chunks()
        self.waiting.clear()
        for batch in whole.to_batches(ROWS_AT_ONCE):
            self._add(pa.Table.from_batches([batch]))

    def _add(self, table: "pa.Table") -> None:
        self.connection.register("block", table)
        if self.columns:
            self.connection.execute(f"INSERT INTO cells {self._typed()}")
        else:
            ask = asking(self.connection, "block")
            self.columns = typed_columns(self.source, self.mapping, ask)
            self.names = landed_names(self.columns, self.mapping)
            self.connection.execute(f"CREATE TABLE cells AS {self._typed()}")
        self.connection.unregister("block")

    def settled(self) -> bool:
        """Make ``typed`` and ``good``, and name what is bad; ``False`` for the careful path."""
        taken = {FLAG, PLACE, "rowid"} & {name.lower() for name in self.names.values()}
        if taken or not self.columns:
            return False
        view_typed(self.connection, self.names, quoted(PLACE))
        flagged = self.connection.execute(
            f"SELECT {quoted(PLACE)} FROM cells WHERE {quoted(FLAG)} ORDER BY 1"
        ).fetchall()
        if flagged and not self._reject([line for (line,) in flagged]):
            return False
        reject_repeats(self.connection, self.source, self.mapping, self._fetch)
        if not self._number("SELECT count(*) FROM rejects"):
            # All of it lands, so the table lands as it is.
            view_typed(self.connection, self.names, "rowid + 1")
            for name in (FLAG, PLACE):
                self.connection.execute(f"ALTER TABLE cells DROP COLUMN {quoted(name)}")
        self.connection.execute(GOOD)
        return True

    def _typed(self) -> str:
        values = ", ".join(f"{one.cell.value} AS {one.value}" for one in self.columns)
        kept = ", ".join(f"{value} AS {quoted(name)}" for value, name in self.names.items())
        bad = " OR ".join(one.suspect for one in self.columns)
        return (
            f"SELECT {kept}, line AS {quoted(PLACE)}, ({bad}) AS {quoted(FLAG)} "
            f"FROM (SELECT *, {values} FROM {tried(self.columns, 'block')})"
        )

    def _reject(self, lines: list[int]) -> bool:
        """Let the careful path say what is wrong with rows; whether it agrees that all are bad."""
        if len(lines) > MOST_LINES or not self._zones_hold(len(lines)):
            return False
        self._fetch(lines)
        type_raw(self.connection, self.source, self.columns, "faults")
        told = "SELECT count(DISTINCT line) FROM rejects SEMI JOIN raw USING (line)"
        return self._number(told) == len(lines)

    def _zones_hold(self, bad: int) -> bool:
        """Whether the first rows told rightly which times carry a zone: most do as they do."""
        return all(
            self._number(f"SELECT count({one.value}) FROM typed") > bad
            for one in self.columns
            if self.mapping.types[one.name] == "time"
        )

    def _fetch(self, lines: list[int]) -> None:
        """Put some rows in ``raw`` as they stand in the file."""
        wanted = set(lines)
        for block in self.source.blocks() if wanted else ():
            if wanted.isdisjoint(block.lines):
                continue
            rows = zip(block.lines, zip(*block.columns, strict=True), strict=True)
            items = [Item("row", n, 1, list(cells)) for n, cells in rows if n in wanted]
            write_items(self.connection, items, [], self.source.width)

    def _number(self, sql: str) -> int:
        return int(self.connection.execute(sql).fetchall()[0][0])
