"""What a flow returned, as text for a terminal or as JSON for a program."""

import json
import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

WIDEST = 60  # characters of a column


def as_json(outcome: Any) -> str:
    """A result as JSON.

    Args:
        outcome: What a flow returned: plain values, dataclasses, tables, or lists of them.

    >>> as_json([1.5, float("nan")])
    '[1.5, null]'
    """
    return json.dumps(_plain(outcome))


def as_text(outcome: Any) -> str:
    """A result for people: a table, a list of facts, or a sentence.

    Args:
        outcome: What a flow returned.

    >>> print(as_text([{"table": "sales", "rows": 3}]))
    table  rows
    sales  3
    """
    if is_dataclass(outcome) and "__str__" in vars(type(outcome)):
        return str(outcome)
    value = _plain(outcome)
    if _is_table(value):
        return _columns(value)
    if isinstance(value, list):
        return "\n".join(map(_cell, value)) or "Nothing yet."
    if isinstance(value, dict):
        return _facts(value)
    return _cell(value)


def _is_table(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], dict)


def _facts(values: dict[str, Any]) -> str:
    """One fact a line; tables come after, each under its name."""
    tables = {key: value for key, value in values.items() if _is_table(value)}
    width = max(map(len, values), default=0)
    lines = [
        f"{key:<{width}}  {_cell(value)}".rstrip()
        for key, value in values.items()
        if key not in tables
    ]
    return "\n".join([*lines, *(f"\n{key}:\n{_columns(rows)}" for key, rows in tables.items())])


def _columns(rows: list[dict[str, Any]]) -> str:
    lines = [list(rows[0]), *([_cut(_cell(cell)) for cell in row.values()] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join("  ".join(map(str.ljust, line, widths)).rstrip() for line in lines)


def _cut(text: str) -> str:
    return text if len(text) <= WIDEST else f"{text[: WIDEST - 1]}…"


def _cell(value: Any) -> str:
    """A value in one line.

    >>> _cell([["date", "DATE"], ["units", "BIGINT"]]), _cell({"alerts": 12}), _cell(None)
    ('date DATE, units BIGINT', 'alerts 12', '')
    """
    if isinstance(value, dict):
        value = [[key, _cell(item)] for key, item in value.items()]
    if isinstance(value, list):
        return ", ".join(" ".join(map(str, v)) if isinstance(v, list) else str(v) for v in value)
    return "" if value is None else " ".join(str(value).split())


def _plain(value: Any) -> Any:
    """A result as JSON can hold it: rows as objects, times in ISO 8601, no number as null."""
    if value is None or isinstance(value, (str, bool, int)):
        return value
    if hasattr(value, "to_dict") and hasattr(value, "columns"):
        return _plain(value.to_dict(orient="records"))
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if hasattr(value, "item"):  # a NumPy scalar
        return _plain(value.item())
    if str(value) in ("nan", "NaT", "<NA>"):
        return None
    if isinstance(value, float) and math.isfinite(value):
        return value
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
