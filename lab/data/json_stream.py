"""Values of a JSON document one after the other, so that a large one never fills memory."""

import json
import re
from collections.abc import Iterator
from typing import IO, Any

from lab.core.errors import BadInput
from lab.core.words import grouped

CHUNK_CHARS = 1 << 18
MAX_VALUE_CHARS = 16_000_000
_SPACE = re.compile(r"[ \t\r\n\ufeff]*+")
# What stands between two elements of a list, and between two documents.
COMMA = re.compile(r"[ \t\r\n\ufeff]*+,[ \t\r\n\ufeff]*+(?=[^ \t\r\n\ufeff])")
NEXT = re.compile(r"[ \t\r\n\ufeff]*+(?=\{)")


class JsonText:
    """A place in a JSON document that moves on.

    Args:
        text: The document.
        name: Its file name, for messages.
        decoder: Turns text into values.
    """

    def __init__(self, text: IO[str], name: str, decoder: json.JSONDecoder) -> None:
        self._text, self._name, self._decoder = text, name, decoder
        self._buffer, self._at, self._past = "", 0, 0
        self._ended = False

    def peek(self) -> str:
        """The next character that is no space; empty at the end."""
        while True:
            self._at = _SPACE.match(self._buffer, self._at).end()  # type: ignore[union-attr]
            if self._at < len(self._buffer):
                return self._buffer[self._at]
            if not self._more():
                return ""

    def take(self, mark: str) -> None:
        """Move over a mark such as a bracket or comma.

        Raises:
            BadInput: Something else stands there.
        """
        found = self.peek()
        if found != mark:
            raise self.broken(f"{mark!r} should stand there, not {found!r}" if found else "it ends")
        self._at += 1

    def value(self) -> tuple[Any, str]:
        """The next value, and its text.

        Raises:
            BadInput: It is no JSON, too long or too deep.
        """
        self.peek()
        while True:
            try:
                value, end = self._decoder.raw_decode(self._buffer, self._at)
            except json.JSONDecodeError as error:
                if self._grow():
                    continue
                raise self.broken(error.msg) from error
            except RecursionError as error:
                raise self.broken("it is nested too deeply") from error
            # A number may go on in what is not read yet.
            if end < len(self._buffer) or not self._grow():
                text = self._buffer[self._at : end]
                self._at = end
                return value, text

    def run(self, between: "re.Pattern[str]") -> list[tuple[Any, str]]:
        """The values from here on that are at hand in one piece, and their texts.

        Args:
            between: What stands behind each of them, ``COMMA`` or ``NEXT``; the place is then
                behind the last one found, where another value must follow.
        """
        decode, text, found = self._decoder.raw_decode, self._buffer, list[tuple[Any, str]]()
        while True:
            try:
                value, end = decode(text, self._at)
            except (ValueError, RecursionError):
                return found  # ``value`` reads on, or says what is wrong
            gap = between.match(text, end)
            if gap is None:
                return found
            found.append((value, text[self._at : end]))
            self._at = gap.end()

    def elements(self) -> Iterator[None]:
        """Stand before each element of the array or pair of the object that begins here.

        The caller takes the element before it asks for the next one.
        """
        close = {"[": "]", "{": "}"}[self.peek()]
        self._at += 1
        first = True
        while self.peek() != close:
            if not first:
                self.take(",")
            first = False
            yield
        self._at += 1

    def broken(self, why: str) -> BadInput:
        """The error for a document that cannot be read on from here."""
        at = self._past + self._at + 1
        return BadInput(
            f"{self._name} breaks at character {grouped(at)}: {why}.", "Copy or export it again."
        )

    def _grow(self) -> bool:
        if len(self._buffer) - self._at > MAX_VALUE_CHARS:
            raise self.broken(f"a value is longer than {grouped(MAX_VALUE_CHARS)} characters")
        return self._more()

    def _more(self) -> bool:
        if self._ended:
            return False
        # Twice as much each time: an unfinished value is read again from its beginning.
        chunk = self._text.read(max(CHUNK_CHARS, len(self._buffer) - self._at))
        if not chunk:
            self._ended = True
            return False
        self._past += self._at
        self._buffer, self._at = self._buffer[self._at :] + chunk, 0
        return True


def seek_list(text: JsonText, path: tuple[str, ...]) -> None:
    """Move to the list at a path.

    Args:
        text: At the beginning of a document.
        path: Names of the objects to go into; none for a list at the top.

    Raises:
        BadInput: There is no such list.
    """
    for name in path:
        if text.peek() != "{":
            raise text.broken(f"there is no list at {'.'.join(path)}")
        found = False
        for _ in text.elements():
            key, _ = text.value()
            text.take(":")
            if key == name:
                found = True
                break
            text.value()
        if not found:
            raise text.broken(f"there is no list at {'.'.join(path)}")
    if text.peek() != "[":
        raise text.broken(f"there is no list at {'.'.join(path) or 'the top'}")


def list_values(text: JsonText) -> Iterator[list[tuple[Any, str]]]:
    """The elements of the list that begins here and their texts, many at a time.

    Args:
        text: Before the list; behind it in the end.

    Raises:
        BadInput: It is no JSON.
    """
    text.take("[")
    if text.peek() == "]":
        text.take("]")
        return
    while True:
        some = text.run(COMMA)
        some.append(text.value())
        yield some
        if text.peek() == "]":
            text.take("]")
            return
        text.take(",")
        text.peek()


def document_values(text: JsonText) -> Iterator[list[tuple[Any, str]]]:
    """Documents one after the other and their texts, many at a time.

    Args:
        text: At the beginning.

    Raises:
        BadInput: One is no JSON.
    """
    while text.peek():
        some = text.run(NEXT)
        some.append(text.value())
        yield some


def lists_of_objects(text: JsonText, depth: int = 3) -> Iterator[tuple[tuple[str, ...], int]]:
    """Find the lists of objects in a document, down to some depth.

    Args:
        text: At the beginning of a value.
        depth: How many objects deep to look.

    Yields:
        The path to each, and how many elements it has.
    """
    mark = text.peek()
    if mark == "[":
        first, count = "", 0
        for some in list_values(text):
            first = first or some[0][1][:1]
            count += len(some)
        if first == "{":
            yield (), count
    elif mark == "{" and depth:
        for _ in text.elements():
            key, _ = text.value()
            text.take(":")
            for path, count in lists_of_objects(text, depth - 1):
                yield (str(key), *path), count
    else:
        text.value()
