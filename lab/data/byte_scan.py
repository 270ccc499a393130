"""One pass over the bytes of a text file: how many lines, and what stands in its way."""

from dataclasses import dataclass
from pathlib import Path

from lab.data.formats import Format
from lab.data.packing import open_bytes
from lab.data.shortcuts import FORGIVEN

BLOCK_BYTES = 1 << 20


@dataclass(frozen=True)
class ByteScan:
    r"""What the bytes of a file say about its lines.

    Args:
        lines: Physical lines.
        even: Whether every line ends in the same way, \n or \r\n, and no byte is NUL.
        odd: Which of the characters that DuckDB forgives in a number stand below the header.
        quoted: Whether there is a quote.
    """

    lines: int
    even: bool
    odd: str
    quoted: bool


def scan_bytes(path: Path, kind: Format, quote: str, above: int) -> ByteScan:
    """Read a file of single-byte line ends through once, a block at a time.

    Args:
        path: The file.
        kind: Its format; unpacked within bounds if it is packed.
        quote: The quote of its dialect.
        above: Lines above the first row, which may hold anything.

    Returns:
        What was seen.

    Raises:
        BadInput: It is damaged, or unpacks to more than a table does.
    """
    feeds = returns = pairs = 0
    last, clean, quoted = b"", True, False
    odd: dict[bytes, bool] = {mark.encode(): False for mark in FORGIVEN if mark not in "\r\n"}
    with open_bytes(path, kind.packing) as stream:
        while block := stream.read(BLOCK_BYTES):
            pairs += last == b"\r" and block[:1] == b"\n"
            feeds, returns = feeds + block.count(b"\n"), returns + block.count(b"\r")
            pairs += block.count(b"\r\n") if returns else 0
            clean = clean and b"\0" not in block
            quoted = quoted or quote.encode() in block
            start = 0 if feeds - block.count(b"\n") >= above else _below(block, above)
            for mark, seen in odd.items():
                odd[mark] = seen or block.find(mark, start) >= 0
            last = block[-1:]
    lines = feeds + (last not in b"\n")
    even = clean and (not returns or returns == pairs == feeds)
    return ByteScan(lines, even, "".join(m.decode() for m, seen in odd.items() if seen), quoted)


def _below(block: bytes, above: int) -> int:
    """Where the first row begins, if the lines above it are in this block."""
    place = 0
    for _ in range(above):
        place = block.find(b"\n", place) + 1
        if not place:
            return len(block)
    return place
