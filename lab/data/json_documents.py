"""JSON documents as rows: flat columns with dotted names, or one document a row."""

import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lab.core.errors import BadInput, unknown
from lab.data.door import Opened
from lab.data.formats import Format
from lab.data.json_door import JsonDoor
from lab.data.json_flat import flattened, leaves_of
from lab.data.reading import Reading

SAMPLE_RECORDS = 1_000
MAX_FLAT_COLUMNS = 300
# Records with less than this share of the columns each are not one table.
REGULAR = 0.5
DOCUMENT = "doc"
IDENTITIES = ("id", "_id", "key", "uuid")


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
    list_path, count = lists.get(part, ((), -1))
    bare = JsonDoor(path, kind, encoding, list_path)
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
    door = JsonDoor(path, kind, encoding, list_path, tuple(names), layout, count)
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
