"""A hash of the rows of a table, whatever their order.

DuckDB hashes each row; the table is the sums of those numbers. Two sums, of the rows' hashes and
of the hashes of these, so that what cancels out in the one does not in the other.
"""

import hashlib
import json
from typing import TYPE_CHECKING

from lab.core.sql import quoted

if TYPE_CHECKING:
    import duckdb


def content_hash(connection: "duckdb.DuckDBPyConnection", table: str) -> str:
    """A hash of the rows of a table, whatever their order.

    It tells tables apart; it does not withstand someone who makes two tables alike on purpose,
    and another version of DuckDB may hash otherwise.

    Args:
        connection: Where the table is.
        table: Its name.

    Returns:
        64 hexadecimal digits; the same rows give the same on any machine.
    """
    described = connection.execute(f"DESCRIBE {quoted(table)}").fetchall()
    columns = sorted((str(row[0]), str(row[1])) for row in described)
    row = f"hash({', '.join(quoted(name) for name, _ in columns)})"
    # Sums, not XOR, so that a row and its double do not cancel out.
    sums = connection.execute(
        f"SELECT count(*), sum(one), sum(hash(one)) FROM (SELECT {row} AS one FROM {quoted(table)})"
    ).fetchall()
    said = [columns, *(int(number or 0) for number in sums[0])]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()
