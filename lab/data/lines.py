"""Text as physical lines: which encoding, how many lines, and one line at a time."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import IO

from lab.core.errors import BadInput
from lab.core.words import grouped
from lab.data.encodings import ENCODINGS
from lab.data.encodings import guess_encoding as guess_encoding
from lab.data.formats import Format
from lab.data.packing import open_bytes

MAX_LINE_CHARS = 16_000_000
SAMPLE_LINES, SAMPLE_CHARS = 300, 8_000_000


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
        while chunk.endswith("\r") and (more := text.read(1)):
            # The pair \r\n must not fall on both sides of a cut.
            chunk += more
        lines += chunk.count("\n")
        if "\r" in chunk:
            lines += chunk.count("\r") - chunk.count("\r\n")
        last = chunk[-1]
    return lines + (last not in "\r\n")


def count_file(path: Path, kind: Format, encoding: str) -> int:
    """Count the physical lines of a file without looking at what they hold.

    Args:
        path: The file.
        kind: Its format.
        encoding: One of ``ENCODINGS``.
    """
    # Line ends are the same bytes unless each takes two or four; Latin-1 is the fastest.
    wide = encoding.startswith(("utf-16", "utf-32"))
    with open_text(path, kind, encoding if wide else "latin-1") as text:
        return count_lines(text)


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
        check_length(line, number, name)
        yield line


def check_length(line: str, number: int, name: str) -> None:
    """Refuse a line that is longer than any table has.

    Args:
        line: The line, or as much of it as was read.
        number: Its number, from 1.
        name: File name, for the message.

    Raises:
        BadInput: It is too long.
    """
    if len(line) >= MAX_LINE_CHARS:
        raise BadInput(
            f"Line {number} of {name} is longer than {grouped(MAX_LINE_CHARS)} characters.",
            "Check that it is a table with one row a line.",
        )


def first_lines(path: Path, kind: Format, encoding: str) -> list[str]:
    """The lines from which a file is judged: bounded in number and in length.

    Args:
        path: The file.
        kind: Its format.
        encoding: One of ``ENCODINGS``.
    """
    lines: list[str] = []
    room = SAMPLE_CHARS
    with open_text(path, kind, encoding) as text:
        for line in islice(split_lines(text, path.name), SAMPLE_LINES):
            lines.append(line)
            room -= len(line)
            if room < 0:
                break
    return lines
