"""The series of a file of metrics: every set of labels with a number, every series with its id."""

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lab.core.errors import BadInput
from lab.core.schemas import SERIES, series_id
from lab.core.words import grouped
from lab.data.mapping import Mapping
from lab.data.stretches import narrowest

if TYPE_CHECKING:
    import duckdb

# Numbers of label sets fit two bytes, which are sorted by counting.
MAX_SERIES = 20_000


@dataclass(frozen=True)
class Named:
    """The series of a file.

    Args:
        ids: Their ids by value column, each list in the order of table ``label_sets``.
        widths: Width in microseconds of the stretches that sum them up, by label set; 0 for none.
    """

    ids: list[list[str]]
    widths: list[int]


def name_series(
    connection: "duckdb.DuckDBPyConnection", mapping: Mapping, labels: list[str], time: str
) -> Named:
    """Number the label sets of the good rows in table ``label_sets``, and make ``series``.

    Args:
        connection: With ``good``.
        mapping: A mapping of kind ``metrics``.
        labels: SQL names of its label columns, and of its metric column if it has one.
        time: SQL for the time of a row, in microseconds since 1970.

    Raises:
        BadInput: There are more series than any set of metrics has.
    """
    cells = ", ".join(labels) or "1"
    connection.execute(
        "CREATE TABLE label_sets AS SELECT row_number() OVER () - 1 AS code, * FROM "
        f"(SELECT {cells}, count(*), min({time}), max({time}) FROM good GROUP BY ALL ORDER BY ALL)"
    )
    count = connection.execute("SELECT count(*) FROM label_sets").fetchall()[0][0]
    if count * len(mapping.values) > MAX_SERIES:
        raise BadInput(
            f"These labels make {grouped(count * len(mapping.values))} series; "
            f"at most {grouped(MAX_SERIES)} can be loaded.",
            "Take out the label column that differs on every row, such as an id.",
        )
    found = connection.execute("SELECT * EXCLUDE code FROM label_sets ORDER BY code").fetchall()
    told = [_labels(mapping, row) for row in found]
    metrics = [
        [str(row[len(mapping.label_columns)]) if mapping.metric_column else value for row in found]
        for value in mapping.values
    ]
    ids = [[series_id(*one) for one in zip(names, told, strict=True)] for names in metrics]
    _write(connection, mapping.dataset, ids, metrics, told)
    return Named(ids, [narrowest(*row[-3:]) for row in found])


def _labels(mapping: Mapping, row: tuple[Any, ...]) -> dict[str, str]:
    return {
        name: str(cell).lower() if isinstance(cell, bool) else str(cell)
        for name, cell in zip(mapping.label_columns, row, strict=False)
        if cell is not None
    }


def _write(
    connection: "duckdb.DuckDBPyConnection",
    dataset: str,
    ids: list[list[str]],
    metrics: list[list[str]],
    told: list[dict[str, str]],
) -> None:
    import pyarrow as pa

    rows = {
        "series_id": [one for column in ids for one in column],
        "metric": [one for column in metrics for one in column],
        "labels": [json.dumps(one, sort_keys=True) for one in told] * len(ids),
    }
    connection.execute(SERIES.ddl())
    connection.register("named", pa.table(rows))
    connection.execute(
        "INSERT INTO series BY NAME SELECT DISTINCT ? AS dataset, * FROM named ORDER BY series_id",
        [dataset],
    )
    connection.unregister("named")
