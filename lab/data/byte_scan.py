"""One pass over the bytes of a text file: how many lines, and what stands in its way."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any

from lab.data.packing import open_bytes
from lab.data.shortcuts import EXPONENT, FORGIVEN
from lab.data.source import Source

if TYPE_CHECKING:
    import numpy as np

# What is worked out of a block stays in the cache, in memory that the next one uses again:
# for 128 KB and more, the C library asks the system for new memory each time.
BLOCK_BYTES = 120_000
# The longest line that is read.
LINE_BYTES = 1 << 17
Hear = Callable[[bytes], None]
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
    last = b"\n"
    asked = FORGIVEN + EXPONENT * exponents
    with open_bytes(source.path, source.format.packing) as stream:
        for block in islice(iter(partial(stream.read, BLOCK_BYTES), b""), blocks):
            # A line end must not fall on both sides of a cut; longer lines are refused later.
            block += stream.readline(LINE_BYTES) if block[-1:] != b"\n" else b""
            if hear is not None:
                hear(block)
            _look(seen, block, source, asked)
            last = block[-1:]
    seen.lines += last != b"\n"
    seen.trailing = seen.trailing or last == source.dialect.delimiter.encode()
    return seen


def _look(seen: ByteScan, block: bytes, source: Source, asked: str) -> None:
    import numpy as np

    mark, quote = source.dialect.delimiter.encode(), source.dialect.quote.encode()
    start = 0 if seen.lines >= seen.above else _below(block, seen.above - seen.lines)
    numbers = np.frombuffer(block, np.uint8)
    ends, marks = numbers == ord("\n"), numbers == ord(mark)
    seen.lines += int(np.count_nonzero(ends))
    seen.delimiters += int(np.count_nonzero(marks[start:]))
    seen.nul = seen.nul or b"\0" in block
    seen.quoted = seen.quoted or block.find(quote, start) >= 0
    # numpy, because Python is slow at counting, and at searching for more than one byte.
    seen.trailing = seen.trailing or bool((marks[:-1] & ends[1:]).any())
    if b"\r" in block:
        returns = numbers == ord("\r")
        pairs = returns[:-1] & ends[1:]
        seen.returns += int(np.count_nonzero(returns))
        seen.pairs += int(np.count_nonzero(pairs))
        seen.trailing = seen.trailing or bool((marks[:-2] & pairs[1:]).any())
    seen.odd += "".join(
        one for one in asked
        if one not in seen.odd and one not in "\r\n" and _stands(one, block, start, numbers)
    )  # fmt: skip


def _stands(
    one: str, block: bytes, start: int, numbers: "np.ndarray[Any, np.dtype[np.uint8]]"
) -> bool:
    """Whether a character that may make a number odd stands where it does."""
    letters = {one.encode(), one.upper().encode()}
    if all(block.find(letter, start) < 0 for letter in letters):
        return False
    if one.isspace():
        return True
    if one == "+":
        return bool(((numbers[:-1] == ord("+")) & (numbers[1:] == ord("-")))[start:].any())
    within = (numbers - _FIRST) < _PARTS
    found = (numbers | 32) == ord(one) | 32
    return bool((within[:-2] & found[1:-1] & within[2:])[start:].any())


def _below(block: bytes, above: int) -> int:
    """Where the first row begins, if the lines above it end in this block."""
    place = 0
    for _ in range(above):
        place = block.find(b"\n", place) + 1
        if not place:
            return len(block)
    return place
