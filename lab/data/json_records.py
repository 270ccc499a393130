"""Records of JSON documents, many at a time, where nothing about them is odd.

``JsonDoor`` reads what is odd record by record, and is the authority: this may only decline or
agree. Objects are tuples of pairs here, which show a name that comes twice.
"""

import json
import re
from collections.abc import Sequence
from typing import Any

from lab.data.json_columns import Arranged, Pairs, alike_columns
from lab.data.json_flat import MAX_DEPTH, cell_text, number
from lab.data.records import damage

DECODER = json.JSONDecoder(object_pairs_hook=tuple, parse_int=number, parse_constant=str)
# Half of a character that takes two, or none: what cells are searched for one by one.
HALVES = re.compile(r"\\u(?:0000|[dD][89a-fA-F])")
# Python's reader refuses longer whole numbers, and takes what is no JSON for others.
LONGEST_NUMBER = 4_000
_NUMBER = re.compile(rf"\d{{{LONGEST_NUMBER}}}")
_CONSTANTS = ("NaN", "Infinity")
_TEXT, _NUMBERS = {str, type(None)}, {int, float}
Cells = list[Sequence[str | None]]


def flat_cells(objects: Sequence[Any], texts: Sequence[str], arranged: Arranged) -> Cells | None:
    """Cells of records under dotted names, column by column.

    Args:
        objects: What ``DECODER`` gave.
        texts: How they stand in the file.
        arranged: Knows the columns.

    Returns:
        The columns; ``None`` when anything is odd.
    """
    if _odd(objects, texts):
        return None
    try:
        found = _alike(objects)
        if found is not None:
            columns = arranged.named(found, len(objects))
        else:
            rows = [_row(pairs, arranged) for pairs in objects]
            columns = None if None in rows else list(zip(*rows, strict=True))
        return None if columns is None else [_as_text(column) for column in columns]
    except RecursionError:
        return None


def document_cells(objects: Sequence[Any], texts: Sequence[str], name: str) -> Cells | None:
    """Whole records, and a field that names each.

    Args:
        objects: What ``DECODER`` gave.
        texts: How they stand in the file.
        name: The field; empty where there is none.

    Returns:
        The columns; ``None`` when anything is odd.
    """
    if _odd(objects, texts) or any(word in text for word in _CONSTANTS for text in texts):
        return None
    if any(len(text) > LONGEST_NUMBER and _NUMBER.search(text) for text in texts):
        return None
    if any(_leaves(pairs) is None for pairs in objects):
        return None
    named = [_as_text([dict(pairs).get(name) for pairs in objects])] if name else []
    return [*named, texts]


def _odd(objects: Sequence[Any], texts: Sequence[str]) -> bool:
    text = "\n".join(texts)
    return set(map(type, objects)) != {tuple} or bool(damage(text) or HALVES.search(text))


def _alike(objects: Sequence[Pairs], depth: int = 0) -> dict[str, Sequence[Any]] | None:
    """Columns under dotted names of objects that all look alike; ``None`` of others."""
    columns = alike_columns(objects) if depth <= MAX_DEPTH else None
    if columns is None:
        return None
    found: dict[str, Sequence[Any]] = {}
    for name, column in columns.items():
        inner: dict[str, Sequence[Any]] | None = {name: column}
        if tuple in (kinds := set(map(type, column))) and any(column):
            whole = len(kinds) == 1 and all(column)
            below = _alike(column, depth + 1) if whole else None
            inner = None if below is None else {f"{name}.{key}": below[key] for key in below}
        if inner is None or not found.keys().isdisjoint(inner):
            return None
        found |= inner
    return found


def _row(pairs: Pairs, arranged: Arranged) -> tuple[Any, ...] | None:
    leaves = _leaves(pairs)
    if not leaves:
        return None
    names, values = zip(*leaves, strict=True)
    return arranged.row(names, values)


def _leaves(pairs: Pairs, prefix: str = "", depth: int = 0) -> list[tuple[str, Any]] | None:
    """Dotted names and what stands there; ``None`` where a name comes twice, or too deep."""
    if depth > MAX_DEPTH or len(dict(pairs)) < len(pairs):
        return None
    found: list[tuple[str, Any]] = []
    for name, value in pairs:
        if type(value) is tuple and value:
            below = _leaves(value, f"{prefix}{name}.", depth + 1)
            if below is None:
                return None
            found += below
        else:
            found.append((prefix + name, value))
    return found


def _as_text(column: Sequence[Any]) -> Sequence[str | None]:
    kinds = set(map(type, column))
    if kinds <= _TEXT:
        return column
    if kinds <= _NUMBERS:
        return list(map(repr, column))
    return [cell_text(_as_dict(cell)) for cell in column]


def _as_dict(value: Any) -> Any:
    """A value with objects as dictionaries."""
    if type(value) is tuple:
        return {name: _as_dict(inner) for name, inner in value}
    return [_as_dict(inner) for inner in value] if type(value) is list else value
