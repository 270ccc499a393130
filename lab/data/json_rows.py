"""One JSON object a line, as cells of text under a fixed list of columns."""

import json
from collections.abc import Callable, Sequence
from json.encoder import encode_basestring as in_quotes
from typing import Any


class Number(str):
    """A number as it is written, so that no digit is lost on the way."""

    __slots__ = ()


# Objects as tuples of pairs: unlike a dictionary, these show a name that comes twice.
DECODER = json.JSONDecoder(
    parse_float=Number, parse_int=Number, parse_constant=str, object_pairs_hook=tuple
)
LITERALS = {None: "null", True: "true", False: "false"}


def parse_object(text: str) -> dict[str, str | None]:
    """Read one line.

    Args:
        text: The line.

    Returns:
        Name and cell; nested values as JSON text, null as ``None``.

    Raises:
        ValueError: It is not one JSON object; the message reads after "line n".

    >>> parse_object('{"a": 1.50, "b": null, "c": [1, true]}')
    {'a': '1.50', 'b': None, 'c': '[1, true]'}
    """
    try:
        pairs = DECODER.decode(text.strip())
    except json.JSONDecodeError as error:
        raise ValueError(f"is not JSON: {error.msg} at character {error.pos + 1}") from error
    if not isinstance(pairs, tuple):
        raise ValueError("is not a JSON object")  # noqa: TRY004  # a finding, not a wrong type
    names = [name for name, _ in pairs]
    if len(set(names)) < len(names):
        repeated = next(name for i, name in enumerate(names) if name in names[:i])
        raise ValueError(f"has the field {repeated!r} twice")
    return {name: _cell(name, cell) for name, cell in pairs}


def row_parser(columns: Sequence[str]) -> Callable[[str], list[str | None]]:
    """A parser that puts cells in the order of the columns.

    Args:
        columns: Every field a line may have.

    Returns:
        A function from a line to its cells; it raises ``ValueError`` with the reason.
    """
    known = set(columns)

    def parse(text: str) -> list[str | None]:
        row = parse_object(text)
        strange = [name for name in row if name not in known]
        if strange:
            raise ValueError(f"has the field {strange[0]!r}, which the preview did not meet")
        return [row.get(name) for name in columns]

    return parse


def _cell(name: str, value: Any) -> str | None:
    if value is None:
        return None
    text = str(value) if isinstance(value, str) else written(value)
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise ValueError(f"has half a character in field {name!r}") from error
    return text


def written(value: Any) -> str:
    """JSON text of what ``DECODER`` gave, with the numbers as they stood."""
    kind = type(value)
    if kind is str:
        return in_quotes(value)
    if kind is Number:
        return str(value)
    if kind is tuple:
        pairs = [f"{in_quotes(name)}: {written(inner)}" for name, inner in dict(value).items()]
        return f"{{{', '.join(pairs)}}}"
    if kind is list:
        return f"[{', '.join([written(inner) for inner in value])}]"
    return LITERALS[value]
