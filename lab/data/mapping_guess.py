"""A first guess at what the columns of a file are for, to be confirmed by a person."""

import re
from collections.abc import Sequence

from lab.core.schemas import SALES, TABLES
from lab.data.column_types import ColumnGuess
from lab.data.mapping import Mapping
from lab.data.mapping_checks import FITTING
from lab.data.records import Dialect

_METRIC_NAMES = ("metric", "metric_name", "__name__", "measurement", "variable")
_VALUE_NAMES = ("value", "val", "reading", "measure")


def guess_mapping(
    stem: str, columns: Sequence[ColumnGuess], dialect: Dialect | None = None, kind: str = ""
) -> Mapping:
    """Guess what the columns are for.

    Args:
        stem: File name without suffix, for the name of the data set.
        columns: The guessed columns.
        dialect: The sniffed dialect of a text file.
        kind: ``metrics`` or ``table`` when a person has said so.

    Returns:
        A mapping for a person to confirm.
    """
    types = {column.name: column.type for column in columns}
    bases = {name: given.partition(":")[0] for name, given in types.items()}
    if kind != "metrics" and set(SALES.names) <= set(types):
        return _sales(types, dialect)
    numbers = tuple(n for n, base in bases.items() if base in ("integer", "number"))
    # A column that is empty as far as was seen tells no series from another.
    empty = {column.name for column in columns if column.missing == 1}
    labels = tuple(n for n, b in bases.items() if b in ("text", "boolean") and n not in empty)
    metric = next((n for n in labels if n.lower() in _METRIC_NAMES), "")
    value = next((n for n in numbers if n.lower() in _VALUE_NAMES), "")
    when = _first(bases, "time")
    if not when and (metric or value or kind == "metrics"):
        when = _first(bases, "date")
    name = _name_from(stem)
    if kind == "table" or (not kind and not (when and numbers)):
        return Mapping("table", name, types, dialect=dialect)
    if metric and value:
        labels = tuple(label for label in labels if label != metric)
        return Mapping("metrics", name, types, when, (), labels, metric, value, dialect=dialect)
    return Mapping("metrics", name, types, when, numbers, labels, dialect=dialect)


def _sales(types: dict[str, str], dialect: Dialect | None) -> Mapping:
    kept = {}
    for column in SALES.columns:
        given, fitting = types[column.name], FITTING[column.type]
        # The file's own way of writing dates or numbers, where it fits the declared type.
        kept[column.name] = given if given.partition(":")[0] in fitting else fitting[0]
    return Mapping("table", SALES.name, kept, key=SALES.key, dialect=dialect)


def _first(bases: dict[str, str], wanted: str) -> str:
    return next((name for name, base in bases.items() if base == wanted), "")


def _name_from(stem: str) -> str:
    name = re.sub(r"\W+", "_", stem.split(".")[0], flags=re.ASCII).strip("_").lower()[:50]
    name = name or "my_data"
    name = name if name[0].isalpha() else f"data_{name}"
    return f"my_{name}" if name in TABLES else name
