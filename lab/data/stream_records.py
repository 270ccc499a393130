"""Records of a batch, from JSON text or from a file of any kind."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lab.core.errors import BadInput
from lab.core.words import grouped
from lab.core.workspace import Workspace
from lab.data.json_rows import parse_object
from lab.data.records import MAX_REJECT_TEXT, damage
from lab.data.source import open_source
from lab.data.sql_console import read_file
from lab.data.stream import Record

MAX_RECORDS = 200_000


def record(position: int, text: str) -> Record:
    """One record from one JSON object.

    Args:
        position: Its place in the batch.
        text: The object.
    """
    shown = text[:MAX_REJECT_TEXT].strip().encode(errors="replace").decode()
    if reason := damage(text):
        return Record(position, None, reason, shown)
    try:
        return Record(position, parse_object(text), "", shown)
    except ValueError as error:
        return Record(position, None, str(error), shown)
    except RecursionError:
        return Record(position, None, "is nested too deeply", shown)


def json_records(body: bytes) -> list[Record]:
    """Records from JSON lines, one object or an array of objects.

    Args:
        body: The text in UTF-8; a byte that is none makes a bad record of its line.

    Raises:
        BadInput: It is an array that is no JSON, it is empty, or it holds too many records.
    """
    text = body.decode("utf-8", "surrogateescape").strip()
    if not text:
        raise BadInput("The batch is empty.", "Send one JSON object on each line.")
    texts = _elements(text) if text.startswith("[") else _lines(text)
    found = [record(place, one) for place, one in enumerate(texts) if one.strip()]
    if len(found) > MAX_RECORDS:
        raise BadInput(
            f"A batch holds at most {grouped(MAX_RECORDS)} records.", "Send several batches."
        )
    return found


def file_records(ws: Workspace, path: Path) -> list[Record]:
    """Records from a file of any kind that can be loaded without a question.

    Args:
        ws: The workspace, whose limits hold.
        path: The file.

    Raises:
        BadInput: It cannot be read, or holds too many rows for one batch.
    """
    found = []
    for one in _rows(ws, path):
        found.append(one)
        if len(found) > MAX_RECORDS:
            raise BadInput(
                f"{path.name} has more than {grouped(MAX_RECORDS)} rows, too many for one batch.",
                "Load it, or drop it in several files.",
            )
    return found


def content_key(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _lines(text: str) -> list[str]:
    """The lines, or the whole text where it is one object written over several."""
    try:
        _, end = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        end = 0
    return [text] if end == len(text) else text.split("\n")


def _elements(text: str) -> Iterator[str]:
    """Each element of an array as it stands; numbers keep their digits."""
    decoder, at = json.JSONDecoder(), 1
    try:
        while True:
            while text[at] in " \t\r\n,":
                at += 1
            if text[at] == "]":
                break
            _, end = decoder.raw_decode(text, at)
            yield text[at:end]
            at = end
    except (ValueError, IndexError, RecursionError) as error:
        raise BadInput(
            f"The batch is not JSON: it breaks at character {at + 1}.",
            "Send an array of objects, or one object on each line.",
        ) from error
    if text[at + 1 :].strip():
        raise BadInput("The batch goes on behind its array.", "Send one array.")


def _rows(ws: Workspace, path: Path) -> Iterator[Record]:
    source = open_source(ws, path)
    if not source.is_text:
        sql = "SELECT COLUMNS(*)::VARCHAR FROM read_parquet($1)"
        for place, row in enumerate(_parquet(ws, sql, path)):
            yield Record(place, dict(zip(source.columns, row, strict=True)))
        return
    place = 0
    for item in source.items():
        if item.kind == "row":
            cells: dict[str, Any] = dict(zip(source.columns, item.cells, strict=True))
            yield Record(
                place, cells, text=",".join(cell or "" for cell in item.cells)[:MAX_REJECT_TEXT]
            )
        elif item.kind == "bad":
            yield Record(place, None, f"at line {item.line} {item.reason}", item.text)
        place += item.kind in ("row", "bad")


def _parquet(ws: Workspace, sql: str, path: Path) -> tuple[tuple[Any, ...], ...]:
    result = read_file(ws, sql, path, MAX_RECORDS + 1)
    if result.truncated:
        raise BadInput(
            f"{path.name} is too large for one batch.", "Load it, or drop it in several files."
        )
    return result.rows
