"""JSON documents as rows: flat columns with dotted names, or one document a row."""

import itertools
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lab.core.errors import BadInput, unknown
from lab.data.door import Opened
from lab.data.formats import Format
from lab.data.json_flat import DECODER, cell_text, flattened, leaves_of
from lab.data.json_stream import JsonText, lists_of_objects, seek_list
from lab.data.lines import open_text
from lab.data.reading import Reading
from lab.data.records import MAX_REJECT_TEXT, Item, damage

SAMPLE_RECORDS = 1_000
MAX_FLAT_COLUMNS = 300
# Records with less than this share of the columns each are not one table.
REGULAR = 0.5
DOCUMENT = "doc"
IDENTITIES = ("id", "_id", "key", "uuid")
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
    """

    path: Path
    format: Format
    encoding: str
    list_path: tuple[str, ...]
    columns: tuple[str, ...] = ()
    layout: str = ""

    def count(self) -> int:
        """Records, counted without looking into them."""
        return sum(1 for _ in self.records())

    def items(self) -> Iterator[Item]:
        """Every record, numbered from 1."""
        cells_of = self._flat if self.layout == "flat" else self._document
        for number, value, text in self.records():
            try:
                cells = cells_of(value, text)
                reason = damage(text) or next(filter(None, map(damage, filter(None, cells))), "")
            except (ValueError, RecursionError) as error:
                deep = isinstance(error, RecursionError)
                cells, reason = [], "is nested too deeply" if deep else str(error)
            if reason:
                shown = text[:MAX_REJECT_TEXT].encode(errors="replace").decode()
                yield Item("bad", number, 1, [], reason, shown)
            else:
                yield Item("row", number, 1, cells)

    def records(self) -> Iterator[Record]:
        """Number, value and text of each record; a broken document ends in an error."""
        with self._open() as text:
            if self.format.name == "jsonl" or (text.peek() == "{" and not self.list_path):
                for number in itertools.count(1):
                    if not text.peek():
                        return
                    yield (number, *text.value())
            seek_list(text, self.list_path)
            for number, _ in enumerate(text.elements(), start=1):
                yield (number, *text.value())

    @contextmanager
    def _open(self) -> Iterator[JsonText]:
        with open_text(self.path, self.format, self.encoding) as stream:
            yield JsonText(stream, self.path.name, DECODER)

    def lists(self) -> dict[str, tuple[str, ...]]:
        """The lists of objects in the document by their dotted path; none in several documents."""
        with self._open() as text:
            is_object = text.peek() == "{"
            found = {".".join(path): path for path in lists_of_objects(text)}
            if not text.peek():
                return found
            if not is_object:
                raise text.broken("something follows the end of the document")
            return {}

    def _flat(self, value: Any, text: str) -> list[str | None]:
        del text
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


def open_json(path: Path, kind: Format, encoding: str, asked: Reading) -> Opened:
    """Open a JSON document, or JSON lines whose layout a person has chosen.

    Args:
        path: The file.
        kind: Its format.
        encoding: Its encoding.
        asked: List and layout, where a person has chosen them.

    Raises:
        BadInput: It is no JSON, too deep, or holds no list of objects or several.
        NotFound: There is no such list.
    """
    bare = JsonDoor(path, kind, encoding, ())
    lists = bare.lists() if kind.name == "json" else {}
    part = _chosen(path.name, tuple(lists), asked.part if lists else "")
    bare = JsonDoor(path, kind, encoding, lists.get(part, ()))
    sampled = [record[1] for record in itertools.islice(bare.records(), SAMPLE_RECORDS)]
    objects = [one for one in sampled if isinstance(one, dict)]
    if not objects:
        raise BadInput(f"{path.name} holds no JSON object.", 'Its records should be {"a": 1}, ….')
    names = _flat_names(objects)
    layout = asked.layout or ("flat" if _regular(objects, names) else "documents")
    if layout == "documents":
        names = [*_identity(objects), DOCUMENT]
    doubts = () if asked.layout or layout == "flat" else (
        "Records differ too much for columns, or hold lists; each is kept whole in column "
        f"{DOCUMENT!r}, to be asked as {DOCUMENT}->>'$.name'.",
    )  # fmt: skip
    door = JsonDoor(path, kind, encoding, bare.list_path, tuple(names), layout)
    return Opened(door, tuple(names), part, tuple(lists), layout=layout, doubts=doubts,
                  types={DOCUMENT: "json"} if layout == "documents" else {})  # fmt: skip


def _chosen(file: str, parts: Sequence[str], part: str) -> str:
    if part and part not in parts:
        raise unknown("list", part, parts)
    if not part and len(parts) > 1:
        raise BadInput(
            f"{file} holds {len(parts)} lists: {', '.join(parts)}.",
            f"Choose one on the form, or say so: --part {parts[0]!r}.",
        )
    return part or next(iter(parts), "")


def _flat_names(objects: Sequence[dict[str, Any]]) -> list[str]:
    names: dict[str, None] = {}
    for one in objects:
        try:
            names.update(dict.fromkeys(flattened(one)))
        except ValueError:
            continue  # such a record is rejected, with its reason, when rows are read
    return list(names)


def _regular(objects: Sequence[dict[str, Any]], names: Sequence[str]) -> bool:
    """Whether records are alike enough to be one table without lists of objects in it."""
    if not names or len(names) > MAX_FLAT_COLUMNS:
        return False
    filled = 0
    for one in objects:
        try:
            leaves = list(leaves_of(one))
        except ValueError:
            continue  # such a record is rejected, with its reason, when rows are read
        if any(isinstance(cell, list) and cell and isinstance(cell[0], dict) for _, cell in leaves):
            return False
        filled += len(leaves)
    return filled >= REGULAR * len(objects) * len(names)


def _identity(objects: Sequence[dict[str, Any]]) -> list[str]:
    """A field that names the record, where every record has another one."""
    for name in IDENTITIES:
        values = [one.get(name) for one in objects]
        plain = all(isinstance(v, (str, int)) and not isinstance(v, bool) for v in values)
        if plain and len(set(values)) == len(values):
            return [name]
    return []


def _no_constant(name: str) -> None:
    raise ValueError(f"holds {name}, which is no JSON")
