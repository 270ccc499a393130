"""How a table is declared and how rows are held against the declaration."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lab.core.errors import BadInput

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Column:
    """One column: name, DuckDB type, what it means with its unit, and whether it may be empty."""

    name: str
    type: str
    about: str = ""
    nullable: bool = True


@dataclass(frozen=True)
class Table:
    """One table: its columns in order and the columns that make a row unique."""

    name: str
    about: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()

    @property
    def names(self) -> list[str]:
        """Column names in order."""
        return [column.name for column in self.columns]

    def ddl(self, name: str | None = None) -> str:
        """The CREATE TABLE statement, optionally under another name."""
        lines = ", ".join(
            f'"{c.name}" {c.type}{"" if c.nullable else " NOT NULL"}' for c in self.columns
        )
        return f'CREATE TABLE IF NOT EXISTS "{name or self.name}" ({lines})'


def table(name: str, about: str, key: str, columns: str) -> Table:
    """Read a compact declaration of a table.

    Args:
        name: Table name.
        about: What a row is.
        key: Columns that make a row unique, separated by spaces.
        columns: One ``name TYPE[!] about`` a line; ``!`` means never empty.

    Returns:
        The contract.
    """
    parsed = []
    for line in columns.strip().splitlines():
        column, kind, *words = line.split(maxsplit=2)
        parsed.append(Column(column, kind.rstrip("!"), "".join(words), not kind.endswith("!")))
    return Table(name, about, tuple(parsed), tuple(key.split()))


def validate(frame: "pd.DataFrame", table: Table) -> "pd.DataFrame":
    """Check a frame against a declared table and put its columns in order.

    Args:
        frame: Rows to be written; extra columns are refused, absent nullable ones are added.
        table: The contract.

    Returns:
        The frame with exactly the declared columns.

    Raises:
        BadInput: A column is unknown, a required one is absent, empty, or a key repeats.
    """
    extra = [name for name in frame.columns if name not in table.names]
    if extra:
        raise BadInput(
            f"Table {table.name} has no column {', '.join(map(repr, extra))}.",
            f"Its columns: {', '.join(table.names)}.",
        )
    required = [column.name for column in table.columns if not column.nullable]
    for name in required:
        if name not in frame.columns or bool(frame[name].isna().any()):
            raise BadInput(
                f"Column {name!r} of table {table.name} may not be empty.",
                "Fill it or leave those rows out.",
            )
    frame = frame.reindex(columns=table.names)
    if table.key and frame.duplicated(list(table.key)).any():
        raise BadInput(
            f"Rows of table {table.name} repeat the key ({', '.join(table.key)}).",
            "Keep one row for each key.",
        )
    return frame
