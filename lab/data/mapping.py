"""What a person says about a file: which column is time, what is a value, what is a label."""

import re
from collections.abc import Mapping as Dict
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

from lab.core.contracts import Table
from lab.core.errors import BadInput, unknown
from lab.core.names import checked_name, checked_table
from lab.core.schemas import SALES, TABLES
from lab.data.column_types import BASE, NUMERIC, ColumnGuess
from lab.data.records import Dialect
from lab.data.times import checked_zone

KINDS = ("metrics", "table")
_METRIC_NAMES = ("metric", "metric_name", "__name__", "measurement", "variable")
_VALUE_NAMES = ("value", "val", "reading", "measure")
# Of the tables that the lab declares, those a person may fill.
LOADABLE = (SALES.name,)


@dataclass(frozen=True)
class Mapping:
    """How the columns of a file become a data set.

    Args:
        kind: ``metrics`` lands in observations and series, ``table`` in a table of its own.
        dataset: Name of the data set, or of the table.
        types: Column types by column; a column that is not here is left out.
        time_column: Time of a metrics row.
        value_columns: One metric each (wide layout).
        label_columns: Labels of the series.
        metric_column: Column that names the metric (long layout).
        value_column: Column with its value (long layout).
        timezone: IANA zone in which times without a zone are meant; empty until someone says.
        key: Columns that make a row of a table unique; none when empty.
        dialect: How the text is written; sniffed when ``None``.
    """

    kind: str
    dataset: str
    types: Dict[str, str] = field(default_factory=dict)
    time_column: str = ""
    value_columns: tuple[str, ...] = ()
    label_columns: tuple[str, ...] = ()
    metric_column: str = ""
    value_column: str = ""
    timezone: str = ""
    key: tuple[str, ...] = ()
    dialect: Dialect | None = None

    @property
    def used(self) -> list[str]:
        """Columns that are read, in the order of the file."""
        if self.kind == "table":
            return list(self.types)
        named = {self.time_column, self.metric_column, self.value_column}
        named |= {*self.value_columns, *self.label_columns}
        return [name for name in self.types if name in named]

    @property
    def values(self) -> tuple[str, ...]:
        """Columns that hold values of metrics."""
        return (self.value_column,) if self.value_column else self.value_columns

    def as_dict(self) -> dict[str, Any]:
        """Plain values, as ``from_dict`` and JSON take them."""
        return asdict(self)

    def changed(self, given: Dict[str, Any]) -> "Mapping":
        """The same mapping with some fields as a person wants them.

        Args:
            given: Fields by name; ``types`` and ``dialect`` may name only what changes.

        Raises:
            NotFound: A field does not exist.
        """
        names = [f.name for f in fields(self)]
        for name in given:
            if name not in names:
                raise unknown("mapping field", name, names)
        plain: dict[str, Any] = {
            k: tuple(v) if isinstance(v, list) else v for k, v in given.items()
        }
        if "types" in plain:
            plain["types"] = {**self.types, **plain["types"]}
        if isinstance(plain.get("dialect"), dict):
            plain["dialect"] = replace(self.dialect or Dialect(), **plain["dialect"])
        if plain.get("metric_column") and "value_columns" not in plain:
            plain["value_columns"] = ()
        return replace(self, **plain)


def guess_mapping(stem: str, columns: Sequence[ColumnGuess], dialect: Dialect | None) -> Mapping:
    """Guess what the columns are for.

    Args:
        stem: File name without suffix, for the name of the data set.
        columns: The guessed columns.
        dialect: The sniffed dialect of a text file.

    Returns:
        A mapping for a person to confirm.
    """
    types = {column.name: column.type for column in columns}
    name = _name_from(stem)
    if set(SALES.names) <= set(types):
        kept = {c.name: _declared_type(c.type) for c in SALES.columns}
        for column, given in types.items():
            if column in kept and given.partition(":")[0] == kept[column].partition(":")[0]:
                kept[column] = given  # the file's own way of writing dates or numbers
        return Mapping("table", SALES.name, kept, key=SALES.key, dialect=dialect)
    time = next((n for n, t in types.items() if t.partition(":")[0] == "time"), "")
    date = next((n for n, t in types.items() if t.partition(":")[0] == "date"), "")
    numeric = [n for n, t in types.items() if t.partition(":")[0] in ("integer", "number")]
    labels = tuple(n for n, t in types.items() if t in ("text", "boolean"))
    metric = next((n for n in labels if n.lower() in _METRIC_NAMES), "")
    value = next((n for n in numeric if n.lower() in _VALUE_NAMES), "")
    when = time or (date if value or metric else "")
    if not when or not numeric:
        return Mapping("table", checked_table(name), types, dialect=dialect)
    base = Mapping("metrics", name, types, when, dialect=dialect)
    if metric and value:
        others = tuple(n for n in labels if n != metric)
        return replace(base, metric_column=metric, value_column=value, label_columns=others)
    return replace(base, value_columns=tuple(numeric), label_columns=labels)


def checked_mapping(mapping: Mapping, columns: Sequence[str]) -> Mapping:
    """Return a mapping unchanged if it can be carried out.

    Args:
        mapping: The mapping.
        columns: Columns of the file.

    Raises:
        BadInput: Something in it contradicts the file or itself.
        NotFound: A column, type or zone does not exist.
    """
    if mapping.kind not in KINDS:
        raise unknown("kind of data set", mapping.kind, KINDS)
    named = [*mapping.types, *mapping.used, *mapping.key, *mapping.value_columns,
             *mapping.label_columns, mapping.time_column, mapping.metric_column,
             mapping.value_column]  # fmt: skip
    for name in filter(None, named):
        if name not in columns:
            raise unknown("column", name, columns)
    for name in mapping.used:
        _check_type(name, mapping.types[name])
    if mapping.timezone:
        checked_zone(mapping.timezone)
    if mapping.kind == "metrics":
        _check_metrics(mapping)
    else:
        _check_table(mapping)
    return mapping


def _check_type(name: str, given: str) -> None:
    base, _, detail = given.partition(":")
    if base not in BASE:
        raise unknown("column type", given, BASE)
    if detail == "?":
        raise BadInput(
            f"It cannot be told how column {name!r} is written.",
            "Answer the question about it in the preview.",
        )
    if base in ("integer", "text", "boolean") and detail:
        raise BadInput(f"Column type {given!r} takes no detail.", f"Write {base!r}.")
    if base == "number" and given not in (*NUMERIC, "number"):
        raise unknown("column type", given, NUMERIC)


def _check_metrics(mapping: Mapping) -> None:
    checked_name(mapping.dataset, "data set name")
    if not mapping.time_column:
        raise BadInput("Metrics need a time column.", "Choose the column that holds the time.")
    if bool(mapping.metric_column) != bool(mapping.value_column):
        raise BadInput(
            "The long layout needs a metric column and a value column.", "Choose both or none."
        )
    if not mapping.values:
        raise BadInput("Metrics need a value column.", "Choose at least one column of numbers.")
    if mapping.types[mapping.time_column].partition(":")[0] not in ("time", "date"):
        raise BadInput(
            f"Column {mapping.time_column!r} holds {mapping.types[mapping.time_column]}, not time.",
            "Choose another time column, or set its type.",
        )
    for name in mapping.values:
        if mapping.types[name].partition(":")[0] not in ("integer", "number"):
            raise BadInput(
                f"Column {name!r} holds {mapping.types[name]}, not numbers.",
                "Take it out of the value columns, or set its type.",
            )


def _check_table(mapping: Mapping) -> None:
    checked_table(mapping.dataset)
    if not mapping.types:
        raise BadInput("No column is chosen.", "Choose at least one.")
    if mapping.dataset.lower() in TABLES and mapping.dataset not in LOADABLE:
        raise BadInput(
            f"Table {mapping.dataset!r} is kept by the lab itself.", "Choose another name."
        )
    if mapping.dataset in TABLES:
        _check_declared(mapping, TABLES[mapping.dataset])


def _check_declared(mapping: Mapping, table: Table) -> None:
    extra = [name for name in mapping.types if name not in table.names]
    absent = [c.name for c in table.columns if c.name not in mapping.types and not c.nullable]
    if extra or absent:
        raise BadInput(
            f"Table {table.name} has its own columns: {', '.join(table.names)}.",
            "Rename yours in the file, or load under another table name.",
        )
    for column in table.columns:
        given, wanted = mapping.types.get(column.name), _declared_type(column.type)
        # A wider type would be rounded on its way in.
        if given and given.partition(":")[0] not in (
            wanted,
            "integer" if wanted == "number" else "",
        ):
            raise BadInput(
                f"Column {column.name!r} of table {table.name} holds {wanted}, not {given}.",
                "Set its type, or load under another table name.",
            )


def _declared_type(duckdb_type: str) -> str:
    return {"DATE": "date", "DOUBLE": "number", "BIGINT": "integer", "BOOLEAN": "boolean"}.get(
        duckdb_type, "text"
    )


def _name_from(stem: str) -> str:
    name = re.sub(r"\W+", "_", stem.split(".")[0], flags=re.ASCII).strip("_").lower()[:50]
    name = name or "my_data"
    name = name if name[0].isalpha() else f"data_{name}"
    return f"my_{name}" if name in TABLES else name
