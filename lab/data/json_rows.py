"""One JSON object a line, as cells of text under a fixed list of columns."""

import json
from collections.abc import Callable, Sequence
from typing import Any


class _Number(str):
    """A number as it is written, so that no digit is lost on the way."""

    __slots__ = ()


_DECODER = json.JSONDecoder(
    parse_float=_Number,
    parse_int=_Number,
    parse_constant=str,
    object_pairs_hook=lambda pairs: _Object(pairs),
)


class _Object(dict[str, Any]):
    """A JSON object that remembers whether a name came twice."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        self.repeated = next(
            (k for i, (k, _) in enumerate(pairs) if k in dict(pairs[:i])), "",
        ) if len(self) < len(pairs) else ""  # fmt: skip


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
        value = _DECODER.decode(text.strip())
    except json.JSONDecodeError as error:
        raise ValueError(f"is not JSON: {error.msg} at character {error.pos + 1}") from error
    if not isinstance(value, _Object):
        raise ValueError("is not a JSON object")  # noqa: TRY004  # a finding, not a wrong type
    if value.repeated:
        raise ValueError(f"has the field {value.repeated!r} twice")
    return {name: _cell(name, cell) for name, cell in value.items()}


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
    text = str(value) if isinstance(value, str) else _written(value)
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise ValueError(f"has half a character in field {name!r}") from error
    return text


def _written(value: Any) -> str:
    """JSON text, with the numbers as they stood."""
    if isinstance(value, dict):
        pairs = (f"{_written(name)}: {_written(inner)}" for name, inner in value.items())
        return f"{{{', '.join(pairs)}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(_written, value))}]"
    return str(value) if isinstance(value, _Number) else json.dumps(value, ensure_ascii=False)
