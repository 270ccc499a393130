"""A JSON record as flat cells under dotted names."""

import json
from collections.abc import Iterator
from typing import Any

MAX_DEPTH = 100
# Python refuses to read whole numbers beyond some thousand digits.
LONGEST_INTEGER = 400


class Repeated(dict[str, Any]):
    """An object in which a name came twice."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    return made if len(made) == len(pairs) else Repeated(made)


def number(text: str) -> int | str:
    """A whole number, or its text where it is too long for one."""
    return int(text) if len(text) < LONGEST_INTEGER else text


DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_int=number, parse_constant=str)


# As ``json.dumps`` writes, which makes a writer of its own for each cell.
in_words = json.JSONEncoder(ensure_ascii=False).encode
# What only tells where records are.
PLAIN = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=str)


def flattened(value: Any) -> dict[str, str | None]:
    """A record as cells under dotted names; lists stay as JSON text.

    Raises:
        ValueError: It is no object, or two of its fields come to the same name.

    >>> flattened({"a": {"b": "1", "c": ["x"]}, "d": None})
    {'a.b': '1', 'a.c': '["x"]', 'd': None}
    """
    if not isinstance(value, dict):
        raise ValueError("is not a JSON object")  # noqa: TRY004  # a finding
    row: dict[str, str | None] = {}
    for name, cell in leaves_of(value):
        if name in row:
            raise ValueError(f"has two fields that come to {name!r}")
        row[name] = cell_text(cell)
    return row


def leaves_of(value: dict[str, Any], prefix: str = "", depth: int = 0) -> Iterator[tuple[str, Any]]:
    """Dotted names and what stands there; lists count as values.

    Args:
        value: An object.
        prefix: What its names begin with.
        depth: How deep it lies.

    Raises:
        ValueError: It is nested too deeply, or names a field twice.
    """
    if depth > MAX_DEPTH:
        raise ValueError("is nested too deeply")
    if isinstance(value, Repeated):
        raise ValueError("has a field twice")  # noqa: TRY004  # a finding, not a wrong type
    for key, inner in value.items():
        name = f"{prefix}{key}"
        if isinstance(inner, dict) and inner:
            yield from leaves_of(inner, f"{name}.", depth + 1)
        else:
            yield name, inner


def cell_text(cell: Any) -> str | None:
    """A JSON value as a cell: a text as it is, numbers with their digits, the rest as JSON."""
    if cell is None or isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, (int, float)):
        return repr(cell)
    return in_words(cell)
