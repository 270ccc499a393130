"""Lines of ``key=value`` pairs, as Go programs and Heroku write them."""

import re
from collections.abc import Sequence

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


def keys_of(rows: Sequence[dict[str, str]]) -> list[str]:
    """Every key, in the order in which they come."""
    return list(dict.fromkeys(key for row in rows for key in row))
