"""A hash of the rows of a table, whatever their order.

Every cell becomes 64 bits that are the same on any machine, every row one number that mixes its
cells, and the table the sums of those numbers: a few additions and multiplications a cell.
"""

import hashlib
import json
from functools import cache
from typing import TYPE_CHECKING

from lab.core.sql import quoted

if TYPE_CHECKING:
    import duckdb
    import numpy as np
    import pyarrow as pa

    Numbers = np.ndarray[tuple[int], np.dtype[np.uint64]]

# Rows at a time: their numbers stay in the processor's cache.
BATCH_ROWS = 32_768
DAY_ZERO = "DATE '1970-01-01'"


def content_hash(connection: "duckdb.DuckDBPyConnection", table: str) -> str:
    """A hash of the rows of a table, whatever their order.

    It tells tables apart; it does not withstand someone who makes two tables alike on purpose.

    Args:
        connection: Where the table is.
        table: Its name.

    Returns:
        64 hexadecimal digits; the same rows give the same on any machine.
    """
    described = connection.execute(f"DESCRIBE {quoted(table)}").fetchall()
    columns = sorted((str(row[0]), str(row[1])) for row in described)
    cells = ", ".join(_bits(name, kind) for name, kind in columns)
    rows, one, two = 0, 0, 0
    for batch in connection.sql(f"SELECT {cells} FROM {quoted(table)}").to_arrow_reader(BATCH_ROWS):
        mixed = _mixed(batch)
        # Two sums, not XOR, so that a row and its double do not cancel out.
        one += int(mixed.sum())
        mixed = _stirred(mixed, _factor("second"))
        two += int(mixed.sum())
        rows += len(mixed)
    said = [columns, rows, one % 2**64, two % 2**64]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()


def _bits(name: str, kind: str) -> str:
    """SQL for the cells of a column in 64 bits each."""
    column = quoted(name)
    match kind:
        case "BIGINT" | "DOUBLE" | "TIMESTAMP WITH TIME ZONE" | "TIMESTAMP":
            return column
        case "DATE":
            return f"{column} - {DAY_ZERO}"
        case "BOOLEAN":
            return f"CAST({column} AS BIGINT)"
    # The upper half; DuckDB works this out once for each different text of a block.
    return f"CAST(md5_number(CAST({column} AS VARCHAR)) >> 64 AS UBIGINT)"


def _mixed(batch: "pa.RecordBatch") -> "Numbers":
    """One number for each row: its cells, each stirred by a factor of its column."""
    import numpy as np

    total, stirred = np.zeros(len(batch), np.uint64), np.empty(len(batch), np.uint64)
    for place, column in enumerate(batch.columns):
        kept = slice(column.offset, column.offset + len(column))
        cells = np.frombuffer(column.buffers()[1], np.uint64)[kept]
        # The upper half folded onto the lower: round numbers have nothing but zeros there.
        np.right_shift(cells, np.uint64(32), out=stirred)
        np.bitwise_xor(stirred, cells, out=stirred)
        stirred *= _factor(f"column {place}")
        if column.null_count:
            stirred[_missing(column)[kept]] = _factor(f"missing {place}")
        total += stirred
    return _stirred(total, _factor("first"))


def _missing(column: "pa.Array") -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
    """Where the cells of a column and those before its first are missing."""
    import numpy as np

    # Arrow would import pandas for this.
    present = np.frombuffer(column.buffers()[0], np.uint8)
    missing: np.ndarray[tuple[int], np.dtype[np.bool_]]
    missing = np.unpackbits(present, bitorder="little") == 0
    return missing


def _stirred(numbers: "Numbers", factor: "np.uint64") -> "Numbers":
    """Numbers whose every bit depends on all lower and upper ones."""
    import numpy as np

    half = np.uint64(32)
    numbers = (numbers ^ (numbers >> half)) * factor
    return numbers ^ (numbers >> half)


@cache
def _factor(name: str) -> "np.uint64":
    """An odd number that is as good as random, always the same for one name."""
    import numpy as np

    return np.uint64(int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "little") | 1)
