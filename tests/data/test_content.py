"""The hash of a table's rows is that of a slow twin, whatever their order."""

import hashlib
import json
import struct
from collections.abc import Iterator

import duckdb
import pytest

from lab.data.content import BATCH_ROWS, content_hash

ROWS = 2 * BATCH_ROWS + 5
MASK = 2**64 - 1


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    """A table of numbers and gaps over several batches, and the same in another order."""
    with duckdb.connect() as opened:
        opened.execute(
            "CREATE TABLE rows AS SELECT CASE WHEN i % 7 <> 0 THEN i * 1.5::DOUBLE END AS x, "
            f"CASE WHEN i % 3 = 0 THEN i::BIGINT END AS n FROM range({ROWS}) numbers(i)"
        )
        opened.execute("CREATE TABLE shuffled AS SELECT * FROM rows ORDER BY hash(n, x)")
        opened.execute("CREATE TABLE changed AS SELECT x, coalesce(n, 0) AS n FROM rows")
        yield opened


def factor(name: str) -> int:
    """The odd number of a name."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "little") | 1


def stirred(number: int, name: str) -> int:
    """A number mixed by the factor of a name."""
    number = (number ^ number >> 32) * factor(name) & MASK
    return number ^ number >> 32


def mixed(cells: list[int | None]) -> int:
    """The number of one row, a cell at a time."""
    total = 0
    for place, cell in enumerate(cells):
        if cell is None:
            total += factor(f"missing {place}")
        else:
            total += (cell ^ cell >> 32) * factor(f"column {place}")
    return stirred(total & MASK, "first")


def slow_hash(connection: duckdb.DuckDBPyConnection) -> str:
    """What ``content_hash`` says of ``rows``, worked out a row at a time."""
    one = two = 0
    rows = connection.execute("SELECT n, x FROM rows").fetchall()
    for n, x in rows:
        bits = None if x is None else int.from_bytes(struct.pack("<d", x), "little")
        row = mixed([n, bits])
        one, two = one + row, two + stirred(row, "second")
    said = [[("n", "BIGINT"), ("x", "DOUBLE")], len(rows), one & MASK, two & MASK]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()


def test_it_is_what_a_row_at_a_time_gives(connection: duckdb.DuckDBPyConnection) -> None:
    assert content_hash(connection, "rows") == slow_hash(connection)


def test_order_does_not_count_but_every_cell_does(connection: duckdb.DuckDBPyConnection) -> None:
    assert content_hash(connection, "shuffled") == content_hash(connection, "rows")
    assert content_hash(connection, "changed") != content_hash(connection, "rows")
