"""Rows that were made, not read: whole columns into a private database, none of them twice."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lab.core.adoption import adopt
from lab.core.schemas import OBSERVATIONS, SERIES, TABLES, series_id
from lab.core.sql import land, literal, quoted

if TYPE_CHECKING:
    import duckdb
    import numpy as np
    import pandas as pd
    import pyarrow as pa

    from lab.core.adoption import Work
    from lab.core.store import Store

# Enough to keep DuckDB busy, and few enough to stay within some dozen megabytes.
ROWS_AT_ONCE = 1_000_000


@dataclass
class Generated:
    """What is staged so far, in a private database.

    Args:
        connection: The private database.
        dataset: Name of the data set.
        rows: Rows by table.
        met: Series with at least one sample, and their metric and labels.
    """

    connection: "duckdb.DuckDBPyConnection"
    dataset: str
    rows: dict[str, int] = field(default_factory=dict)
    met: dict[str, tuple[str, str]] = field(default_factory=dict)
    _hash: Any = field(default_factory=hashlib.sha256)

    def __post_init__(self) -> None:
        """Begin one transaction for all that follows.

        One by one, statements would write much of their rows to a log first.
        """
        self.connection.execute("BEGIN")
        self._begin(OBSERVATIONS.name)

    @property
    def sha256(self) -> str:
        """A hash of all samples in the order they came, 64 hexadecimal digits."""
        return str(self._hash.hexdigest())

    def add_samples(
        self,
        times: "np.ndarray[Any, Any]",
        series: "Sequence[tuple[str, Mapping[str, str], np.ndarray[Any, Any]]]",
    ) -> None:
        """Stage a stretch of series that share their times.

        Args:
            times: Microseconds since 1970, UTC, shape (T,), whole numbers.
            series: Metric, labels and samples of shape (T,) each; NaN is a gap.
        """
        step = max(1, ROWS_AT_ONCE // len(times))
        for first in range(0, len(series), step):
            self._add(times, series[first : first + step])

    def add_rows(self, table: str, frame: "pd.DataFrame") -> None:
        """Stage rows of another table.

        Args:
            table: Name of a declared table; column ``dataset`` is filled in where it has one.
            frame: The rows, with their columns as declared.
        """
        import pyarrow as pa

        # Made rows keep the contract; the table itself refuses what is empty or unknown.
        self._insert(table, pa.Table.from_pandas(frame, preserve_index=False))

    def finish(self) -> None:
        """Write down what each series is, and keep it all."""
        import pandas as pd

        rows = [(name, *what) for name, what in sorted(self.met.items())]
        self.add_rows(SERIES.name, pd.DataFrame(rows, columns=SERIES.names[1:]))
        self.connection.execute("COMMIT")

    def _add(
        self,
        times: "np.ndarray[Any, Any]",
        series: "Sequence[tuple[str, Mapping[str, str], np.ndarray[Any, Any]]]",
    ) -> None:
        import numpy as np
        import pyarrow as pa

        names = [series_id(metric, labels) for metric, labels, _ in series]
        values = np.concatenate([samples for _, _, samples in series])
        moments = np.tile(times, len(series))
        places = np.repeat(np.arange(len(series), dtype=np.int32), len(times))
        there = ~np.isnan(values)
        if not there.all():
            values, moments, places = values[there], moments[there], places[there]
        for place in np.unique(places).tolist():
            metric, labels, _ = series[place]
            self.met.setdefault(names[place], (metric, json.dumps(dict(labels), sort_keys=True)))
        for part in (moments, places, values):
            self._hash.update(part)
        batch = pa.table(
            {
                "timestamp": pa.array(moments).cast(pa.timestamp("us", "UTC")),
                "series_id": pa.DictionaryArray.from_arrays(places, pa.array(names)),
                "value": values,
            }
        )
        self._insert(OBSERVATIONS.name, batch)

    def _begin(self, table: str) -> None:
        make_room(self.connection, self.dataset, table)
        self.rows[table] = 0

    def _insert(self, table: str, rows: "pa.Table") -> None:
        if table not in self.rows:
            self._begin(table)
        said, given = ("$1 AS dataset, *", [self.dataset]) if _shared(table) else ("*", [])
        self.connection.register("batch", rows)
        self.connection.execute(f"INSERT INTO {table} BY NAME SELECT {said} FROM batch", given)
        self.connection.unregister("batch")
        self.rows[table] += len(rows)


class _Taken(Exception):
    """A table that lands is there already, so its rows have to be put together."""


def adopt_generated(store: "Store", staged: Path, tables: Sequence[str], also: "Work") -> bool:
    """Land staged tables by taking over their file, where none of them is there yet.

    Args:
        store: The store.
        staged: The private database, closed.
        tables: Declared tables in it, the largest first.
        also: More work on the file before it takes the place of the old one.

    Returns:
        Whether they landed; when not, nothing has changed.

    Raises:
        Busy: Somebody held the database all the time.
    """

    def tidy(connection: "duckdb.DuckDBPyConnection") -> None:
        there = connection.execute(
            "SELECT count(*) FROM duckdb_tables() WHERE database_name = 'shared' "
            "AND list_contains($1, table_name)",
            [list(tables)],
        ).fetchall()
        if there[0][0]:
            raise _Taken

    try:
        return adopt(store, staged, tables[0], tidy, also)
    except _Taken:
        return False


def land_generated(
    connection: "duckdb.DuckDBPyConnection", dataset: str, tables: Sequence[str]
) -> None:
    """Land staged tables in place of what the data set had, inside an open transaction.

    Args:
        connection: With the private database attached as ``staged``.
        dataset: Name of the data set; what the private database has of others stays there.
        tables: Declared tables in it.
    """
    for table in tables:
        make_room(connection, dataset, table)
        own = f" WHERE dataset = {literal(dataset)}" if _shared(table) else ""
        land(connection, table, f"(FROM staged.{quoted(table)}{own})")


def make_room(connection: "duckdb.DuckDBPyConnection", dataset: str, table: str) -> None:
    """Take away what a data set has in a declared table, which is made if need be.

    Args:
        connection: Where the table is.
        dataset: Name of the data set.
        table: Name of the table; one without data sets is emptied.
    """
    connection.execute(TABLES[table].ddl())
    own = f" WHERE dataset = {literal(dataset)}" if _shared(table) else ""
    connection.execute(f"DELETE FROM {quoted(table)}{own}")


def _shared(table: str) -> bool:
    """Whether several data sets have rows in a table."""
    return "dataset" in TABLES[table].names
