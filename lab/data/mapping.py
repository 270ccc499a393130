"""What a person says about a file: which column is time, what is a value, what is a label."""

from collections.abc import Mapping as Dict
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

from lab.core.errors import BadInput, check_known
from lab.data.dialect import told_dialect
from lab.data.reading import Reading, reading
from lab.data.records import Dialect
from lab.data.rules import Rule, rule

KINDS = ("metrics", "table")


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
        rules: What columns promise beyond their type, by column.
        reading: Which part of the file is read, and how.
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
    rules: Dict[str, Rule] = field(default_factory=dict)
    reading: Reading = Reading()

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

    def landed(self, column: str) -> str:
        """What a column of the file is called in the table."""
        return self.rules[column].name or column if column in self.rules else column

    def as_dict(self) -> dict[str, Any]:
        """Plain values, as ``from_dict`` and JSON take them."""
        return asdict(self)

    def changed(self, given: Dict[str, Any]) -> "Mapping":
        """The same mapping with some fields as a person wants them.

        Args:
            given: Fields by name; ``types``, ``rules``, ``dialect`` and ``reading`` may
                name only what changes.

        Raises:
            NotFound: A field does not exist.
            BadInput: Its value cannot be.
        """
        check_known("mapping field", given, [f.name for f in fields(self)])
        for name, value in given.items():
            usual = getattr(self, name)
            kind = dict if isinstance(usual, Dict) else list if isinstance(usual, tuple) else None
            if kind and not isinstance(value, (kind, type(usual))):
                raise BadInput(f"{name} of a mapping is a {kind.__name__}, not {value!r}.",
                               "Correct the mapping.")  # fmt: skip
        plain: dict[str, Any] = {
            k: tuple(v) if isinstance(v, list) else v for k, v in given.items()
        }
        if "types" in plain:
            plain["types"] = {**self.types, **plain["types"]}
        if "rules" in plain:
            plain["rules"] = {**self.rules, **{k: rule(v) for k, v in plain["rules"].items()}}
        if isinstance(plain.get("dialect"), dict):
            plain["dialect"] = told_dialect(self.dialect or Dialect(), plain["dialect"])
        if isinstance(plain.get("reading"), dict):
            plain["reading"] = reading({**asdict(self.reading), **plain["reading"]})
        if plain.get("metric_column") and "value_columns" not in plain:
            plain["value_columns"] = ()
        return replace(self, **plain)
