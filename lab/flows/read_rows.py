"""Rows of a Parquet file as text, for the flow that reads anything."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from lab.core.errors import BadInput
from lab.core.workspace import Workspace
from lab.data.records import Item
from lab.data.source import Source
from lab.data.staging import staged_database

BATCH = 10_000


def parquet_items(ws: Workspace, source: Source) -> Iterator[Item]:
    """Rows of a Parquet file, each cell as text.

    Args:
        ws: The workspace, for memory and spill space.
        source: The file.

    Yields:
        One item for each row.

    Raises:
        BadInput: The file breaks while it is read.
    """
    import duckdb

    with TemporaryDirectory(dir=ws.staging) as folder:
        private = Path(folder) / "read.duckdb"
        with staged_database(ws, private, source.path) as connection:
            sql = "SELECT COLUMNS(*)::VARCHAR FROM read_parquet(?)"
            try:
                rows = connection.execute(sql, [str(source.path)])
                number = 0
                while batch := rows.fetchmany(BATCH):
                    for cells in batch:
                        number += 1
                        yield Item("row", number, 1, list(cells))
            except duckdb.Error as error:
                raise BadInput(
                    f"{source.path.name} breaks while it is read: {str(error).splitlines()[0]}",
                    "Copy or export it again.",
                ) from error
