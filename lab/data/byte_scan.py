"""One pass over the bytes of a text file: how many lines, and what stands in its way."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BufferedReader
from itertools import islice
from typing import TYPE_CHECKING, Any

from lab.data.packing import open_bytes
from lab.data.shortcuts import EXPONENT, FORGIVEN
from lab.data.source import Source

if TYPE_CHECKING:
    import numpy as np

    Numbers = np.ndarray[Any, np.dtype[np.uint8]]

# What is worked out of a block stays in the cache, in memory that the next one uses again:
# for 128 KB and more, the C library asks the system for new memory each time.
BLOCK_BYTES = 120_000
# A longer line may be cut in two.
MAX_LINE_BYTES = 100_000
Hear = Callable[[memoryview], None]
# Bytes, and how many of them count.
Block = tuple[bytearray, int]
# From + to 9: what stands on both sides of a letter that is part of a number.
_FIRST, _PARTS = ord("+"), ord("9") - ord("+") + 1


@dataclass
class ByteScan:
    r"""What the bytes of a file say about its lines.

    Args:
        above: Lines above the first row, which may hold anything.
        lines: Physical lines, each ended by \n.
        delimiters: Delimiters below those.
        returns: Carriage returns.
        pairs: Carriage returns before \n.
        nul: Whether there is a NUL byte.
        quoted: Whether there is a quote below those lines.
        trailing: Whether a line ends in a delimiter.
        odd: Which of the characters that DuckDB forgives in a number stand below ``above``, and
            where they may be part of one; so does ``EXPONENT``, where it is asked for.
    """

    above: int
    lines: int = 0
    delimiters: int = 0
    returns: int = 0
    pairs: int = 0
    nul: bool = False
    quoted: bool = False
    trailing: bool = False
    odd: str = ""

    @property
    def even(self) -> bool:
        """Whether all lines end in the same way."""
        return not self.returns or self.returns == self.pairs == self.lines


def scan_bytes(
    source: Source,
    blocks: int | None = None,
    *,
    exponents: bool = False,
    hear: Hear | None = None,
) -> ByteScan:
    """Read a text file in an encoding of single bytes or UTF-8 through, a block at a time.

    Args:
        source: The file; unpacked within bounds if it is packed.
        blocks: How many blocks from its beginning; all of them when not given.
        exponents: Whether to look for numbers such as 1e3.
        hear: Told every block, unpacked.

    Returns:
        What was seen.

    Raises:
        BadInput: It is damaged, or unpacks to more than a table does.
    """
    seen = ByteScan(source.dialect.skip + source.dialect.header)
    last = ord("\n")
    asked = FORGIVEN + EXPONENT * exponents
    with open_bytes(source.path, source.format.packing) as stream:
        for block, size in islice(_blocks(stream), blocks):
            if hear is not None:
                hear(memoryview(block)[:size])
            _look(seen, block, size, source, asked)
            last = block[size - 1]
    seen.lines += last != ord("\n")
    seen.trailing = seen.trailing or last == ord(source.dialect.delimiter)
    return seen


def _blocks(stream: BufferedReader) -> Iterator[Block]:
    """All bytes of a stream, cut where lines end."""
    buffer = bytearray(BLOCK_BYTES)
    view, kept = memoryview(buffer), 0
    while got := stream.readinto(view[kept:]):
        size = kept + got
        cut = buffer.rfind(b"\n", 0, size) + 1 or size
        yield buffer, cut
        kept = size - cut
        view[:kept] = view[cut:size]
    if kept:
        yield buffer, kept


def _look(seen: ByteScan, block: bytearray, size: int, source: Source, asked: str) -> None:
    import numpy as np

    start = 0 if seen.lines >= seen.above else _below(block, size, seen.above - seen.lines)
    numbers = np.frombuffer(block, np.uint8, size)
    # numpy, because Python is slow at counting, and at searching for more than one byte.
    ends, marks = numbers == ord("\n"), numbers == ord(source.dialect.delimiter)
    lines = int(np.count_nonzero(ends))
    seen.lines += lines
    seen.delimiters += int(np.count_nonzero(marks[start:]))
    seen.quoted = seen.quoted or block.find(source.dialect.quote.encode(), start, size) >= 0
    seen.trailing = seen.trailing or bool((marks[:-1] & ends[1:]).any())
    if int(np.count_nonzero(numbers < ord(" "))) == lines:
        asked = "".join(one for one in asked if not one.isspace())
    else:
        seen.nul = seen.nul or block.find(b"\0", 0, size) >= 0
        returns = numbers == ord("\r")
        pairs = returns[:-1] & ends[1:]
        seen.returns += int(np.count_nonzero(returns))
        seen.pairs += int(np.count_nonzero(pairs))
        seen.trailing = seen.trailing or bool((marks[:-2] & pairs[1:]).any())
    seen.odd += "".join(
        one for one in asked
        if one not in seen.odd and one not in "\r\n"
        and _stands(one, block, start, size, numbers)
    )  # fmt: skip


def _stands(one: str, block: bytearray, start: int, size: int, numbers: "Numbers") -> bool:
    """Whether a character that may make a number odd stands where it does."""
    letters = {one.encode(), one.upper().encode()}
    if all(block.find(letter, start, size) < 0 for letter in letters):
        return False
    if one.isspace():
        return True
    if one == "+":
        return bool(((numbers[:-1] == ord("+")) & (numbers[1:] == ord("-")))[start:].any())
    within = (numbers - _FIRST) < _PARTS
    found = (numbers | 32) == ord(one) | 32
    return bool((within[:-2] & found[1:-1] & within[2:])[start:].any())


def _below(block: bytearray, size: int, above: int) -> int:
    """Where the first row begins, if the lines above it end in this block."""
    place = 0
    for _ in range(above):
        place = block.find(b"\n", place, size) + 1
        if not place:
            return size
    return place
