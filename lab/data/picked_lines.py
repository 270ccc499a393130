"""A few rows of a delimited file, picked by their lines and read as the careful path reads them."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING

from lab.data.lines import open_text, split_lines
from lab.data.records import Item, csv_items
from lab.data.source import Source
from lab.data.staging import write_items

if TYPE_CHECKING:
    import duckdb

# More are the careful path's work from the start.
MOST_LINES = 100_000


def put_lines(
    connection: "duckdb.DuckDBPyConnection", source: Source, lines: Sequence[int]
) -> bool:
    """Put some lines of a file in ``raw``, where each of them is a row.

    Args:
        connection: With table ``raw``.
        source: A text file in which no row takes more than a line.
        lines: Their numbers from 1, ascending.

    Returns:
        Whether it was done; when not, they are too many, or one of them is no row.
    """
    if len(lines) > MOST_LINES:
        return False
    alone = replace(source.dialect, skip=0, header=False)
    items, at = list[Item](), 0
    with open_text(source.path, source.format, source.dialect.encoding) as text:
        physical = split_lines(text, source.path.name)
        for line in lines:
            content = next(islice(physical, line - at - 1, None))
            at = line
            item = next(csv_items(iter([content]), alone, len(source.columns)))
            if item.kind != "row":
                return False
            items.append(item._replace(line=line))
    write_items(connection, items, [], len(source.columns))
    return True
