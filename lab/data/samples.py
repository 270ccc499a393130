"""Wide rows become samples, one row for each value, those of a series together and in time.

Sorting the samples themselves would be many times the work. So the rows are put in order a block
at a time, by series and time, and every value column of a block is written in that order. Long
series are summed up for charts while they pass.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from lab.core.progress import Progress, Steps
from lab.core.schemas import OBSERVATIONS, ROLLUPS
from lab.core.sql import literal
from lab.core.words import grouped
from lab.data.mapping import Mapping
from lab.data.series_names import Named, name_series
from lab.data.source import Source
from lab.data.stretches import Stretches

if TYPE_CHECKING:
    import duckdb
    import numpy as np
    import pyarrow as pa

    Whole = np.ndarray[tuple[int], np.dtype[np.int64]]

# Cells of a block, of 8 bytes each: 128 MB, and half as much again while it is put in order.
BLOCK_CELLS = 16_000_000
# Rows of one of DuckDB's row groups.
BATCH_ROWS = 122_880
WRITERS = 2
# Table with the stretches of long series; where blocks part one, in several rows.
BEGUN = "begun"


@dataclass(frozen=True)
class Block:
    """Some wide rows.

    Args:
        rows: ``code`` of the labels, ``time`` in microseconds since 1970, and values.
    """

    rows: "pa.Table"

    @cached_property
    def order(self) -> "Whole":
        """Places of the rows by labels, then by time."""
        import numpy as np

        codes, times = (self.rows.column(name).to_numpy() for name in ("code", "time"))
        if np.all(times[1:] >= times[:-1]):
            return np.argsort(codes, kind="stable")
        by_time = np.argsort(times, kind="stable")
        return by_time[np.argsort(codes[by_time], kind="stable")]

    def sorted(self, column: str | int) -> "np.ndarray[Any, Any]":
        """A column in that order; a value that is missing is NaN."""
        taken: np.ndarray[Any, Any] = self.rows.column(column).to_numpy()[self.order]
        return taken


def build_metrics(
    connection: "duckdb.DuckDBPyConnection", source: Source, mapping: Mapping
) -> Steps[None]:
    """Make tables ``observations``, ``series`` and ``BEGUN`` from the good rows.

    Args:
        connection: After ``type_rows``.
        source: The file.
        mapping: A mapping of kind ``metrics``.

    Yields:
        Progress in rows.

    Raises:
        BadInput: There are more series than any set of metrics has.
    """
    at = {name: f"v{source.columns.index(name)}" for name in mapping.used}
    labels = [at[name] for name in (*mapping.label_columns, mapping.metric_column) if name]
    time = f"epoch_us(CAST(good.{at[mapping.time_column]} AS TIMESTAMPTZ))"
    named = name_series(connection, mapping, labels, time)
    for ddl in (OBSERVATIONS.ddl(), ROLLUPS.ddl(BEGUN)):
        connection.execute(ddl)
    total, done = connection.execute("SELECT count(*) FROM good").fetchall()[0][0], 0
    with ExitStack() as stack:
        # DuckDB takes in what Python gives it on one thread for each connection.
        writers = [stack.enter_context(closing(connection.cursor())) for _ in range(WRITERS)]
        pool = stack.enter_context(ThreadPoolExecutor(WRITERS))
        for writer in writers:
            writer.execute("BEGIN")  # one by one, blocks would be written to the log as well
        for block in _blocks(connection, labels, time, [at[name] for name in mapping.values]):
            done += len(block.order)
            work = [
                pool.submit(_write, writer, mapping.dataset, block, named, first)
                for first, writer in enumerate(writers)
            ]
            for part in work:
                part.result()
            del block, work, part  # before the next one is gathered
            yield Progress(done, total, f"Arranging row {grouped(done)} of {grouped(total)}")
        for writer in writers:
            writer.execute("COMMIT")


def _blocks(
    connection: "duckdb.DuckDBPyConnection", labels: list[str], time: str, values: Sequence[str]
) -> Iterator[Block]:
    """Good rows, with their labels as numbers."""
    import pyarrow as pa

    same = " AND ".join(f"good.{name} IS NOT DISTINCT FROM label_sets.{name}" for name in labels)
    cells = ", ".join(f"CAST(good.{value} AS DOUBLE)" for value in values)
    reader = connection.sql(
        f"SELECT label_sets.code::USMALLINT AS code, {time} AS time, {cells} "
        f"FROM good JOIN label_sets ON {same or 'true'}"
    ).to_arrow_reader(BATCH_ROWS)
    most, batches, rows = BLOCK_CELLS // (2 + len(values)), list["pa.RecordBatch"](), 0
    for batch in reader:
        batches.append(batch)
        rows += batch.num_rows
        if rows >= most:
            yield Block(pa.Table.from_batches(batches))
            batches, rows = [], 0
    if batches:
        yield Block(pa.Table.from_batches(batches))


def _write(
    writer: "duckdb.DuckDBPyConnection", dataset: str, block: Block, named: Named, first: int
) -> None:
    """Write the value columns of a block that are one writer's."""
    import pyarrow as pa

    begun: list[pa.Table] = []
    samples = _samples(block, named, begun, first)
    _insert(
        writer, OBSERVATIONS.name, dataset, pa.RecordBatchReader.from_batches(_shape(), samples)
    )
    if begun:
        _insert(writer, BEGUN, dataset, pa.concat_tables(begun))


def _insert(
    writer: "duckdb.DuckDBPyConnection",
    table: str,
    dataset: str,
    rows: "pa.Table | pa.RecordBatchReader",
) -> None:
    writer.register("coming", rows)
    writer.execute(
        f"INSERT INTO {table} BY NAME SELECT {literal(dataset)} AS dataset, * FROM coming"
    )
    writer.unregister("coming")


def _shape() -> "pa.Schema":
    import pyarrow as pa

    ids = pa.dictionary(pa.uint16(), pa.string())
    moment = pa.timestamp("us", "UTC")
    return pa.schema([("timestamp", moment), ("series_id", ids), ("value", pa.float64())])


def _samples(
    block: Block, named: Named, begun: "list[pa.Table]", first: int
) -> "Iterator[pa.RecordBatch]":
    """The samples of a block, a value column after the other; fills in what was summed up."""
    import numpy as np
    import pyarrow as pa

    codes, times, shape = block.sorted("code"), block.sorted("time"), _shape()
    stretches = Stretches(codes, times, np.array(named.widths))
    for column in range(first, len(named.ids), WRITERS):
        place = column + 2
        names, values = pa.array(named.ids[column]), block.sorted(place)
        gaps = block.rows.column(place).null_count > 0
        for start in range(0, len(values), BATCH_ROWS):
            part: Any = slice(start, start + BATCH_ROWS)
            if gaps:
                part = start + np.flatnonzero(~np.isnan(values[part]))
            when = pa.array(times[part]).cast(shape.field("timestamp").type)
            which = pa.DictionaryArray.from_arrays(pa.array(codes[part]), names)
            columns = [when, which, pa.array(values[part])]
            yield pa.record_batch(columns, schema=shape)
        if any(named.widths):
            begun.append(_rollups(stretches.summed(values), names))


def _rollups(found: "dict[str, np.ndarray[Any, Any]]", names: "pa.Array") -> "pa.Table":
    """What was summed up, as rows of rollups."""
    import pyarrow as pa

    rows: dict[str, pa.Array] = {"series_id": names.take(pa.array(found.pop("code")))}
    for name, cells in found.items():
        array = pa.array(cells)
        when = name == "bucket" or name.endswith("_at")
        rows[name] = array.cast(pa.timestamp("us", "UTC")) if when else array
    return pa.table(rows)
