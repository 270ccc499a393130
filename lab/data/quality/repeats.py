"""Rows that repeat in some columns, without holding the columns of all rows at once.

Rows that are alike have the same hash, so where no hash repeats, no row does. Only rows whose
hash repeats are compared by what they hold.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from lab.core.sql import quoted

if TYPE_CHECKING:
    import numpy as np

    from lab.data.quality.whole import Relation

    Hashes = np.ndarray[tuple[int], np.dtype[np.uint64]]

# Hashes held at a time, of 8 bytes each.
PART_ROWS = 16_000_000
# Hashes that are read at a time.
BATCH_ROWS = 1_000_000


class Repeats(NamedTuple):
    """How often rows repeat.

    Args:
        rows: Rows that repeat one before them.
        first: Number of the first row that another one repeats; 0 where none does.
    """

    rows: int
    first: int


def repeats(relation: "Relation", columns: Sequence[str], part_rows: int = PART_ROWS) -> Repeats:
    """Count rows that are alike in some columns; missing values are alike.

    Args:
        relation: The rows.
        columns: The columns.
        part_rows: Most hashes to hold at a time, about.
    """
    names = ", ".join(map(quoted, columns))
    rows = int(relation.numbers("count(*)")[0])
    parts = -(-rows // part_rows)
    found = [_compared(relation, names, f"hash({names}) % {parts} = {part}")
             for part in range(parts)]  # fmt: skip
    firsts = [one.first for one in found if one.rows]
    return Repeats(sum(one.rows for one in found), min(firsts, default=0))


def _compared(relation: "Relation", names: str, where: str) -> Repeats:
    """Compare the rows of a part whose hash repeats."""
    import pyarrow as pa

    from lab.data.quality.whole import LINE

    suspects = _repeated(_hashes(relation, names, where))
    if not len(suspects):
        return Repeats(0, 0)
    relation.connection.register("suspects", pa.table({"hash": suspects}))
    found = relation.connection.execute(
        "SELECT coalesce(sum(n - 1), 0)::BIGINT, coalesce(min(first), 0) FROM (SELECT count(*) AS "
        f"n, min({LINE}) AS first FROM ({relation.sql}) "
        f"WHERE hash({names}) IN (SELECT hash FROM suspects) GROUP BY {names} HAVING count(*) > 1)"
    ).fetchall()[0]
    relation.connection.unregister("suspects")
    return Repeats(*found)


def _hashes(relation: "Relation", names: str, where: str) -> "Hashes":
    import numpy as np

    read = relation.connection.sql(f"SELECT hash({names}) FROM ({relation.sql}) WHERE {where}")
    batches = [batch.column(0).to_numpy() for batch in read.to_arrow_reader(BATCH_ROWS)]
    return np.concatenate([np.empty(0, np.uint64), *batches])


def _repeated(hashes: "Hashes") -> "Hashes":
    """Those that are there more than once, each once."""
    import numpy as np

    hashes.sort()
    return np.unique(hashes[1:][hashes[1:] == hashes[:-1]])
