"""Lines of ``key=value`` pairs, as Go programs and Heroku write them."""

import re
from collections.abc import Sequence
from typing import NamedTuple

MAX_KEYS = 100
FEWEST_PAIRS = 2
_PAIR = re.compile(r'([A-Za-z_][\w.\-/@]{0,63})=(?:"((?:[^"\\]|\\.)*+)"|([^\s"]*+))(?:\s++|$)')


def logfmt_pairs(line: str) -> dict[str, str] | None:
    """The pairs of a line; ``None`` when it holds anything else.

    >>> logfmt_pairs('level=info msg="it is up" took=3ms')
    {'level': 'info', 'msg': 'it is up', 'took': '3ms'}
    """
    at, pairs = 0, dict[str, str]()
    line = line.strip()
    while at < len(line):
        found = _PAIR.match(line, at)
        if found is None or len(pairs) > MAX_KEYS:
            return None
        key, quoted, bare = found.groups()
        pairs[key] = re.sub(r"\\(.)", r"\1", quoted) if quoted is not None else bare
        at = found.end()
    return pairs if len(pairs) >= FEWEST_PAIRS else None


class Shape(NamedTuple):
    """The keys of a line, and which of its values are quoted.

    Args:
        keys: The keys, in order.
        pattern: What matches all of another such line without a backslash, trimmed.
    """

    keys: tuple[str, ...]
    pattern: "re.Pattern[str]"


def shape_of(line: str) -> Shape | None:
    """How a line of pairs is written, to read others like it at once.

    Args:
        line: A line in which ``logfmt_pairs`` finds pairs, trimmed.

    Returns:
        Its shape; ``None`` when a key comes twice.

    >>> shape_of('level=info msg="it is up"').pattern.fullmatch('level=warn msg="no"').groups()
    ('warn', 'no')
    """
    found = [pair.groups() for pair in _PAIR.finditer(line)]
    keys = tuple(key for key, *_ in found)
    if len(set(keys)) < len(keys):
        return None
    cells = (r'([^\s"]*+)' if quoted is None else r'"([^"\\]*+)"' for _, quoted, _ in found)
    pairs = (f"{re.escape(key)}={cell}" for key, cell in zip(keys, cells, strict=True))
    return Shape(keys, re.compile(r"\s++".join(pairs)))


def keys_of(rows: Sequence[dict[str, str]]) -> list[str]:
    """Every key, in the order in which they come."""
    return list(dict.fromkeys(key for row in rows for key in row))
