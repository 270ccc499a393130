"""JSON read many records at a time: the same rows, findings and counts as one by one."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lab.core.errors import BadInput
from lab.core.workspace import Workspace
from lab.data import json_blocks, json_records, json_stream, row_blocks
from lab.data.formats import Format
from lab.data.json_documents import open_json
from lab.data.json_door import JsonDoor
from lab.data.json_rows import Number, parse_object
from lab.data.reading import Reading
from lab.data.source import open_source
from tests.data.test_log_blocks import items_of, rows_of

COLUMNS = ("id", "at.x", "at.y", "at", "n", "tags", "é")
RECORDS = [
    '{"id": 1, "at": {"x": 1.50, "y": "b"}, "n": null}',
    '{"id": 2, "at": {"x": -0, "y": ""}, "n": true}',
    '{"id":3,"at":{"x":1e400,"y":"c"},"n":false}',
    '{"n": 5, "id": 123456789012345678901234567890}',
    '{"id": 1E5, "tags": ["a", {"k": 1.10}, [], {}], "é": "\\u00e9"}',
    '{"id": "\\ud83d\\ude00", "at": {}, "tags": {"k": NaN}}',
    '{"id": NaN}',
    "{}",
]
ODD = [
    "", "  ", "[1]", "7", "null", '"text"', '{"id": 1, "id": 2}', '{"at": {"x": 1, "x": 2}}',
    '{"at.x": 1, "at": {"x": 2}}', '{"at": {"x": 1}, "at": {"y": 2}}', '{"strange": 1}',
    '{"id": "\\ud800"}', '{"id": "\\u0000"}', '{"id": "a\0b"}', '{"id": "é"}', '{"tags": ["é"]}',
    '{"id": 1},{"id": 2}', '{"id": [1', '2]},{"id": 3}', f'{{"id": 1}},"{json_blocks.BETWEEN}"',
    '{"id": ' + "9" * 500 + "}", '{"id": ' + "9" * 5000 + "}", '{"tags": [' + "9" * 5000 + "]}",
    '{"at":' * 120 + "1" + "}" * 120, '{"id": 1,}', '{"id": }', "{'id': 1}", '{"id": 1} x',
    '{"id": ' + "[" * 2000 + "]" * 2000 + "}", '{"tags": [{"a": 1, "a": 2}]}', '{"id": -Infinity}',
]  # fmt: skip
ENDS = ["\n", "\n", "\n", "\r\n", "\r"]
PICKED = st.lists(st.tuples(st.integers(0, 80), st.sampled_from(ENDS)), max_size=40)
EXAMPLES = settings(deadline=None, max_examples=150, suppress_health_check=[*HealthCheck])


def pool(*, values_only: bool) -> list[str]:
    """Mostly good records; where ``values_only``, none that would end a document."""
    kept = ODD
    if values_only:
        kept = [text for text in ODD if is_value(text)]
    return RECORDS * 4 + kept


def is_value(text: str) -> bool:
    try:
        json_records.DECODER.decode(text)
    except (ValueError, RecursionError):
        return False
    return True


@EXAMPLES
@given(picked=PICKED, size=st.integers(40, 2_000), damaged=st.booleans())
def test_lines(ws: Workspace, monkeypatch: pytest.MonkeyPatch, picked, size, damaged) -> None:
    monkeypatch.setattr(row_blocks, "BLOCK_CHARS", size)
    texts = pool(values_only=False)
    content = "".join(texts[i % len(texts)] + end for i, end in picked).encode()
    path = ws.staging / "x.jsonl"
    path.write_bytes(content.replace("é".encode(), b"\xff") if damaged else content)
    head = ws.staging / "head.jsonl"
    head.write_text('{"a": 1}\n', encoding="utf-8")
    source = replace(open_source(ws, head), path=path, columns=COLUMNS)
    found = rows_of(source.blocks())
    assert found == items_of(source.items())
    assert source.physical_lines() == sum(found[2].values())


@pytest.mark.parametrize("layout", ["flat", "documents"])
@EXAMPLES
@given(
    picked=PICKED, size=st.integers(1, 2_000), damaged=st.booleans(), between=st.integers(0, 3),
    id_name=st.booleans(),
)  # fmt: skip
def test_records(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, layout, picked, size, damaged, between, id_name
) -> None:
    monkeypatch.setattr(json_stream, "CHUNK_CHARS", size)
    texts = pool(values_only=True)
    records = [texts[i % len(texts)] for i, _ in picked]
    marks = (",", ", ", " ,\n  ", "\n")
    text = marks[between].join(records)
    whole = text if marks[between] == "\n" else f'{{"a": [ {text}], "b": 1}}'
    content = whole.encode()
    path = tmp_path / "x.json"
    path.write_bytes(content.replace("é".encode(), b"\xff") if damaged else content)
    columns = COLUMNS if layout == "flat" else (*(("id",) if id_name else ()), "doc")
    kind = Format("jsonl" if marks[between] == "\n" else "json")
    place = () if marks[between] == "\n" else ("a",)
    door = JsonDoor(path, kind, "utf-8", place, columns, layout)
    found = rows_of(door.blocks())
    assert found == items_of(door.items())
    assert door.count() == len(records) == sum(found[2].values())


def test_plain_records_are_taken_at_once(
    ws: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without this the fast way might never be taken, and the tests above would not tell."""
    monkeypatch.setattr(JsonDoor, "_again", lambda *_: pytest.fail("read record by record"))
    monkeypatch.setattr(json_blocks, "json_items", lambda *_: pytest.fail("read line by line"))
    lines = "\n".join(RECORDS[:5] * 20)
    (tmp_path / "x.jsonl").write_text(lines, encoding="utf-8")
    assert sum(len(b.lines) for b in open_source(ws, tmp_path / "x.jsonl").blocks()) == 100
    (tmp_path / "x.json").write_text(f"[{','.join(RECORDS[:5] * 20)}]", encoding="utf-8")
    for layout in ("flat", "documents"):
        opened = open_json(tmp_path / "x.json", Format("json"), "utf-8", Reading(layout=layout))
        assert sum(len(b.lines) for b in opened.door.blocks()) == 100
        assert opened.door.count() == 100


def naive_text(value) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{naive_text(k)}: {naive_text(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(naive_text, value)) + "]"
    return str(value) if isinstance(value, Number) else json.dumps(value, ensure_ascii=False)


VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(VALUES)
def test_nested_cells_are_written_as_they_stood(value) -> None:
    text = json.dumps({"a": value}, ensure_ascii=False)
    as_it_stands = json.JSONDecoder(
        parse_float=Number, parse_int=Number, parse_constant=str
    ).decode(text)["a"]
    try:
        text.encode()
    except UnicodeEncodeError:
        return
    wanted = as_it_stands if isinstance(value, str) else naive_text(as_it_stands)
    assert parse_object(text) == {"a": None if value is None else wanted}


@pytest.mark.parametrize(
    "end",
    [
        '[{"a": 1}, {"a": 2',
        '[{"a": 1}, {"a": 2}',
        '[{"a": 1}, ',
        '[{"a": 1}, {"a": tru',
        '[{"a": 1} {"a": 2}]',
        '[{"a": 1},]',
    ],
)
def test_document_that_ends_half_way(ws: Workspace, tmp_path: Path, end: str) -> None:
    path = tmp_path / "x.json"
    path.write_text(end)
    with pytest.raises(BadInput, match="breaks at character"):
        open_source(ws, path)
    door = JsonDoor(path, Format("json"), "utf-8", (), ("a",), "flat")
    with pytest.raises(BadInput, match="breaks at character") as quick:
        list(door.blocks())
    with pytest.raises(BadInput) as slow:
        list(door.items())
    assert str(quick.value) == str(slow.value)
