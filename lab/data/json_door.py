"""The way into a JSON document, or JSON lines that are read as documents."""

import itertools
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lab.data import json_records
from lab.data.formats import Format
from lab.data.json_columns import Arranged
from lab.data.json_flat import DECODER, PLAIN, cell_text, flattened, leaves_of
from lab.data.json_stream import (
    JsonText,
    document_values,
    list_values,
    lists_of_objects,
    seek_list,
)
from lab.data.lines import open_text
from lab.data.records import MAX_REJECT_TEXT, Item, damage
from lab.data.row_blocks import RowBlock, in_blocks, nothing_collected

TOO_DEEP = "is nested too deeply"
Record = tuple[int, Any, str]


@dataclass(frozen=True)
class JsonDoor:
    """Records of a JSON document, or of JSON lines.

    Args:
        path: The file.
        format: json or jsonl.
        encoding: Its encoding.
        list_path: Where the list of records is in the document.
        columns: Names of the columns.
        layout: flat or documents.
        counted: How many records there are, where that is known.
    """

    path: Path
    format: Format
    encoding: str
    list_path: tuple[str, ...]
    columns: tuple[str, ...] = ()
    layout: str = ""
    counted: int = -1

    def count(self) -> int:
        """Records, counted without looking into them."""
        if self.counted >= 0:
            return self.counted
        with nothing_collected():
            return sum(map(len, self._batches(PLAIN)))

    def items(self) -> Iterator[Item]:
        """Every record, numbered from 1."""
        return (self._item(*record) for record in self.records())

    def blocks(self) -> Iterator[RowBlock]:
        """The same many at a time, and several times as fast."""
        number, arranged = 1, Arranged(self.columns)
        batches = self._batches(json_records.DECODER)
        while True:
            with nothing_collected():
                batch = next(batches, None)
                if batch is None:
                    return
                objects, texts = zip(*batch, strict=True)
                if self.layout == "flat":
                    cells = json_records.flat_cells(objects, texts, arranged)
                else:
                    cells = json_records.document_cells(objects, texts, "".join(self.columns[:-1]))
            end = number + len(texts)
            if cells is not None:
                yield RowBlock(range(number, end), cells, {"row": len(texts)}, [], end - 1)
            else:
                items = itertools.starmap(self._again, enumerate(texts, number))
                yield from in_blocks(items, len(self.columns))
            number = end

    def records(self) -> Iterator[Record]:
        """Number, value and text of each record; a broken document ends in an error."""
        each = itertools.chain.from_iterable(self._batches(DECODER))
        return ((number, value, text) for number, (value, text) in enumerate(each, start=1))

    def _batches(self, decoder: json.JSONDecoder) -> Iterator[list[tuple[Any, str]]]:
        with self._open(decoder) as text:
            if self.format.name == "jsonl" or (text.peek() == "{" and not self.list_path):
                yield from document_values(text)
                return
            seek_list(text, self.list_path)
            yield from list_values(text)

    @contextmanager
    def _open(self, decoder: json.JSONDecoder) -> Iterator[JsonText]:
        with open_text(self.path, self.format, self.encoding) as stream:
            yield JsonText(stream, self.path.name, decoder)

    def lists(self) -> dict[str, tuple[tuple[str, ...], int]]:
        """The lists of objects in the document by their dotted path, and how long they are.

        None in several documents.
        """
        with nothing_collected(), self._open(PLAIN) as text:
            is_object = text.peek() == "{"
            found = {".".join(path): (path, count) for path, count in lists_of_objects(text)}
            if not text.peek():
                return found
            if not is_object:
                raise text.broken("something follows the end of the document")
            return {}

    def _again(self, number: int, text: str) -> Item:
        try:
            return self._item(number, DECODER.decode(text), text)
        except RecursionError:
            return _turned_away(number, text, TOO_DEEP)

    def _item(self, number: int, value: Any, text: str) -> Item:
        try:
            cells = self._flat(value) if self.layout == "flat" else self._document(value, text)
            reason = damage(text) or next(filter(None, map(damage, filter(None, cells))), "")
        except (ValueError, RecursionError) as error:
            deep = isinstance(error, RecursionError)
            cells, reason = [], TOO_DEEP if deep else str(error)
        if reason:
            return _turned_away(number, text, reason)
        return Item("row", number, 1, cells)

    def _flat(self, value: Any) -> list[str | None]:
        row = flattened(value)
        strange = next((name for name in row if name not in self.columns), "")
        if strange:
            raise ValueError(f"has the field {strange!r}, which the preview did not meet")
        return [row.get(name) for name in self.columns]

    def _document(self, value: Any, text: str) -> list[str | None]:
        if not isinstance(value, dict):
            raise ValueError("is not a JSON object")  # noqa: TRY004  # a finding
        list(leaves_of(value))  # for what it raises: fields that come twice, too deep
        # NaN passes Python's reader, and is no JSON for anybody else.
        json.loads(text, parse_constant=_no_constant)
        return [*(cell_text(value.get(name)) for name in self.columns[:-1]), text]


def _turned_away(number: int, text: str, reason: str) -> Item:
    shown = text[:MAX_REJECT_TEXT].encode(errors="replace").decode()
    return Item("bad", number, 1, [], reason, shown)


def _no_constant(name: str) -> None:
    raise ValueError(f"holds {name}, which is no JSON")
