"""Whether a mapping can be carried out, said before anything is read."""

from collections.abc import Sequence

from lab.core.contracts import Table
from lab.core.errors import BadInput, check_known, unknown
from lab.core.names import checked_name, checked_table
from lab.core.schemas import SALES, TABLES
from lab.data.column_types import BASE, NUMERIC
from lab.data.mapping import KINDS, Mapping
from lab.data.rules import check_rule
from lab.data.times import checked_zone

# Of the tables that the lab declares, those a person may fill.
LOADABLE = (SALES.name,)
# Column types that fit a declared DuckDB type without being rounded.
FITTING = {
    "DATE": ("date",),
    "DOUBLE": ("number", "integer"),
    "BIGINT": ("integer",),
    "BOOLEAN": ("boolean",),
    "VARCHAR": ("text",),
}


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
    named = [*mapping.types, *mapping.used, *mapping.key, *mapping.rules, *mapping.value_columns,
             *mapping.label_columns, mapping.time_column, mapping.metric_column,
             mapping.value_column]  # fmt: skip
    check_known("column", filter(None, named), columns)
    for name in mapping.used:
        check_type(name, mapping.types[name])
        if name in mapping.rules:
            check_rule(name, mapping.types[name], mapping.rules[name])
    if mapping.timezone:
        checked_zone(mapping.timezone)
    if mapping.kind == "metrics":
        _check_metrics(mapping)
    else:
        _check_table(mapping)
    return mapping


def check_type(name: str, given: str) -> None:
    """Refuse a column type that does not exist or is still a question.

    Args:
        name: The column.
        given: Its type.

    Raises:
        BadInput: It is incomplete.
        NotFound: There is no such type.
    """
    base, _, detail = given.partition(":")
    if base not in BASE:
        raise unknown("column type", given, BASE)
    if detail == "?":
        raise BadInput(
            f"It cannot be told how column {name!r} is written.",
            "Answer the question about it in the preview.",
        )
    if base in ("integer", "text", "boolean", "json") and detail:
        raise BadInput(f"Column type {given!r} takes no detail.", f"Write {base!r}.")
    if base == "number" and given not in NUMERIC:
        raise unknown("column type", given, NUMERIC)


def _check_metrics(mapping: Mapping) -> None:
    checked_name(mapping.dataset, "data set name")
    for name in mapping.rules:
        if mapping.landed(name) != name:
            raise BadInput(
                f"Column {name!r} of metrics cannot be given another name.", "Load it as a table."
            )
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
    landed = [mapping.landed(name) for name in mapping.types]
    if twice := next((name for name in landed if landed.count(name) > 1), ""):
        raise BadInput(f"Two columns would be called {twice!r}.", "Give one another name.")
    if mapping.dataset.lower() in TABLES and mapping.dataset not in LOADABLE:
        raise BadInput(
            f"Table {mapping.dataset!r} is kept by the lab itself.", "Choose another name."
        )
    if mapping.dataset in TABLES:
        _check_declared(mapping, TABLES[mapping.dataset])


def _check_declared(mapping: Mapping, table: Table) -> None:
    types = {mapping.landed(name): given for name, given in mapping.types.items()}
    extra = [name for name in types if name not in table.names]
    absent = [c.name for c in table.columns if c.name not in types and not c.nullable]
    if extra or absent:
        raise BadInput(
            f"Table {table.name} has its own columns: {', '.join(table.names)}.",
            "Give yours those names, or load under another table name.",
        )
    for column in table.columns:
        given, fitting = types.get(column.name), FITTING[column.type]
        if given and given.partition(":")[0] not in fitting:
            raise BadInput(
                f"Column {column.name!r} of table {table.name} holds {fitting[0]}, not {given}.",
                "Set its type, or load under another table name.",
            )
