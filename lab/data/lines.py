"""Text as physical lines: which encoding, how many lines, and one line at a time."""

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from lab.core.errors import BadInput
from lab.data.formats import Format
from lab.data.packing import open_bytes

SAMPLE_BYTES = 4_000_000
MAX_LINE_CHARS = 16_000_000
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "latin-1", "cp1252")


@dataclass(frozen=True)
class Encoding:
    """A guess at an encoding and what is uncertain about it.

    Args:
        name: One of ``ENCODINGS``.
        doubt: Empty when it is certain, else a sentence.
    """

    name: str
    doubt: str = ""


def guess_encoding(path: Path, kind: Format) -> Encoding:
    """Guess the encoding of a text file from its mark and its first 4 MB.

    Args:
        path: The file.
        kind: Its format.

    Returns:
        The encoding, with what is uncertain named.
    """
    with open_bytes(path, kind.packing) as stream:
        head = stream.read(SAMPLE_BYTES)
    if head.startswith(b"\xef\xbb\xbf"):
        return Encoding("utf-8-sig")
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return Encoding("utf-16")
    if head[:200].count(0) > 0.2 * len(head[:200]):
        name = "utf-16-le" if head[1:200:2].count(0) > head[0:200:2].count(0) else "utf-16-be"
        return Encoding(name, "It looks like UTF-16, but does not begin with its mark.")
    if len(head) == SAMPLE_BYTES:
        head = head[: head.rfind(b"\n") + 1] or head[:-4]
    return _guess_8_bit(head)


def _guess_8_bit(head: bytes) -> Encoding:
    text = head.decode("utf-8", errors="surrogateescape")
    broken = len(re.findall("[\udc80-\udcff]", text))
    if not broken:
        return Encoding("utf-8")
    whole = len(re.findall("[^\x00-\x7f\udc80-\udcff]", text))
    if whole > broken:
        return Encoding(
            "utf-8", f"Encodings are mixed: {broken} bytes are not UTF-8; their lines are rejected."
        )
    windows = bool(re.search(rb"[\x80-\x9f]", head))
    name = "cp1252" if windows else "latin-1"
    return Encoding(
        name,
        f"It is not UTF-8. It is read as {'Windows-1252' if windows else 'Latin-1'}; "
        "check letters such as é and ü in the sample.",
    )


@contextmanager
def open_text(path: Path, kind: Format, encoding: str) -> Iterator[IO[str]]:
    """Open text so that line ends stay as they are and bad bytes can be found by line.

    Args:
        path: The file.
        kind: Its format.
        encoding: One of ``ENCODINGS``.

    Yields:
        The text; bytes that are not UTF-8 come as lone surrogates.

    Raises:
        BadInput: The encoding is unknown, or the content is not in it at all.
    """
    if encoding not in ENCODINGS:
        raise BadInput(f"Encoding {encoding!r} is not known.", f"Known: {', '.join(ENCODINGS)}.")
    errors = "surrogateescape" if encoding.startswith("utf-8") else "strict"
    with open_bytes(path, kind.packing) as stream:
        try:
            yield io.TextIOWrapper(stream, encoding=encoding, errors=errors, newline="")
        except UnicodeError as error:
            raise BadInput(
                f"{path.name} is not {encoding} throughout: {error}.",
                "Save it as UTF-8, or choose another encoding.",
            ) from error


def count_lines(text: IO[str]) -> int:
    r"""Count physical lines: each ends with \n, \r\n or \r, the last one may lack its end.

    >>> count_lines(io.StringIO("a\r\nb\rc\nd", newline=""))
    4
    """
    lines, last = 0, "\n"
    while chunk := text.read(1 << 20):
        if chunk.endswith("\r"):
            # The pair \r\n must not fall on both sides of a cut.
            chunk += text.read(1)
        lines += chunk.count("\n") + chunk.count("\r") - chunk.count("\r\n")
        last = chunk[-1]
    return lines + (last not in "\r\n")


def split_lines(text: IO[str], name: str) -> Iterator[str]:
    """Give one physical line at a time, with its end.

    Args:
        text: From ``open_text``.
        name: File name, for the message.

    Yields:
        Lines.

    Raises:
        BadInput: A line is longer than any table has.
    """
    number = 0
    while line := text.readline(MAX_LINE_CHARS):
        number += 1
        if len(line) == MAX_LINE_CHARS:
            raise BadInput(
                f"Line {number} of {name} is longer than {MAX_LINE_CHARS:,} characters.",
                "Check that it is a table with one row a line.",
            )
        yield line
