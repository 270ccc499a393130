"""Wide rows become samples, one row for each value, those of a series together and in time.

Sorting the samples themselves would be many times the work. So the rows are put in order a block
at a time, by series and time, and every value column of a block is written in that order.
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from lab.core.errors import BadInput
from lab.core.progress import Progress, Steps
from lab.core.schemas import OBSERVATIONS, SERIES, series_id
from lab.core.sql import literal
from lab.data.mapping import Mapping
from lab.data.source import Source

if TYPE_CHECKING:
    import duckdb
    import numpy as np
    import pyarrow as pa

    Whole = np.ndarray[tuple[int], np.dtype[np.int64]]
    Numbers = np.ndarray[tuple[int], np.dtype[np.float64]]

# Fits two bytes, which are sorted by counting.
MAX_SERIES = 20_000
# Cells of a block, of 8 bytes each: a quarter of what DuckDB may use by itself.
BLOCK_CELLS = 32_000_000
# Rows of one of DuckDB's row groups.
BATCH_ROWS = 122_880


@dataclass(frozen=True)
class Block:
    """Some wide rows.

    Args:
        rows: Columns ``code`` of the labels, ``time`` in microseconds since 1970, and values.
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
        """A column in that order; a value that is missing is no number."""
        taken: np.ndarray[Any, Any] = self.rows.column(column).to_numpy()[self.order]
        return taken


def build_metrics(
    connection: "duckdb.DuckDBPyConnection", source: Source, mapping: Mapping
) -> Steps[None]:
    """Make tables ``observations`` and ``series`` from the good rows.

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
    groups = [at[name] for name in (*mapping.label_columns, mapping.metric_column) if name]
    connection.execute(OBSERVATIONS.ddl())
    names = _name_series(connection, mapping, groups)
    total, done = connection.execute("SELECT count(*) FROM good").fetchall()[0][0], 0
    values = [at[name] for name in mapping.values]
    with closing(connection.cursor()) as writer:
        for block in _blocks(connection, groups, at[mapping.time_column], values):
            _write(writer, mapping.dataset, block, names)
            done += len(block.order)
            yield Progress(done, total, f"Arranging row {done:,} of {total:,}")


def _name_series(
    connection: "duckdb.DuckDBPyConnection", mapping: Mapping, groups: list[str]
) -> list[list[str]]:
    """Number the different labels in table ``label_sets`` and write ``series``; ids by column."""
    import pyarrow as pa

    cells = ", ".join(groups) or "1"
    connection.execute(
        "CREATE TABLE label_sets AS SELECT row_number() OVER () - 1 AS code, * "
        f"FROM (SELECT DISTINCT {cells} FROM good ORDER BY ALL)"
    )
    count = connection.execute("SELECT count(*) FROM label_sets").fetchall()[0][0]
    if count * len(mapping.values) > MAX_SERIES:
        raise BadInput(
            f"These labels make {count * len(mapping.values):,} series; "
            f"at most {MAX_SERIES:,} can be loaded.",
            "Take out the label column that differs on every row, such as an id.",
        )
    found = connection.execute("SELECT * EXCLUDE code FROM label_sets ORDER BY code").fetchall()
    labels = [_labels(mapping, row) for row in found]
    names, rows = [], []
    for value in mapping.values:
        metrics = [str(row[-1]) if mapping.metric_column else value for row in found]
        names.append([series_id(*one) for one in zip(metrics, labels, strict=True)])
        rows += [
            {"series_id": name, "metric": metric, "labels": json.dumps(told, sort_keys=True)}
            for name, metric, told in zip(names[-1], metrics, labels, strict=True)
        ]
    connection.execute(SERIES.ddl())
    connection.register("named", pa.Table.from_pylist(rows))
    connection.execute(
        "INSERT INTO series BY NAME SELECT DISTINCT ? AS dataset, * FROM named ORDER BY series_id",
        [mapping.dataset],
    )
    connection.unregister("named")
    return names


def _labels(mapping: Mapping, row: tuple[Any, ...]) -> dict[str, str]:
    return {
        name: str(cell).lower() if isinstance(cell, bool) else str(cell)
        for name, cell in zip(mapping.label_columns, row, strict=False)
        if cell is not None
    }


def _blocks(
    connection: "duckdb.DuckDBPyConnection", groups: list[str], time: str, values: Sequence[str]
) -> Iterator[Block]:
    """Good rows, with their labels as numbers."""
    import pyarrow as pa

    same = " AND ".join(f"good.{name} IS NOT DISTINCT FROM label_sets.{name}" for name in groups)
    cells = ", ".join(f"CAST(good.{value} AS DOUBLE)" for value in values)
    reader = connection.sql(
        f"SELECT label_sets.code::USMALLINT AS code, "
        f"epoch_us(CAST(good.{time} AS TIMESTAMPTZ)) AS time, {cells} "
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
    writer: "duckdb.DuckDBPyConnection", dataset: str, block: Block, names: list[list[str]]
) -> None:
    import pyarrow as pa

    schema = pa.schema(
        [
            ("timestamp", pa.timestamp("us", "UTC")),
            ("series_id", pa.dictionary(pa.uint16(), pa.string())),
            ("value", pa.float64()),
        ]
    )
    samples = pa.RecordBatchReader.from_batches(schema, _samples(block, names, schema))
    writer.register("samples", samples)
    writer.execute(
        f"INSERT INTO observations BY NAME SELECT {literal(dataset)} AS dataset, * FROM samples"
    )
    writer.unregister("samples")


def _samples(
    block: Block, names: list[list[str]], schema: "pa.Schema"
) -> "Iterator[pa.RecordBatch]":
    """The samples of a block, a value column after the other."""
    import numpy as np
    import pyarrow as pa

    codes, times = block.sorted("code"), block.sorted("time")
    for place, ids in enumerate(names):
        told, values = pa.array(ids), block.sorted(2 + place)
        gaps = block.rows.column(2 + place).null_count > 0
        for start in range(0, len(values), BATCH_ROWS):
            part: Any = slice(start, start + BATCH_ROWS)
            if gaps:
                part = start + np.flatnonzero(~np.isnan(values[part]))
            when = pa.array(times[part]).cast(schema.field("timestamp").type)
            which = pa.DictionaryArray.from_arrays(pa.array(codes[part]), told)
            yield pa.record_batch([when, which, pa.array(values[part])], schema=schema)
