"""Files that come in blocks, typed while they are read: they land as by the careful path."""

import gzip
import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lab.core.errors import BadInput
from lab.core.progress import drain
from lab.core.workspace import Workspace, open_workspace
from lab.data import quick_blocks, row_blocks
from lab.data.mapping import Mapping
from lab.data.preview import preview, resolve
from lab.data.quick_blocks import read_blocks
from lab.data.source import Source
from tests.data import door_files as made
from tests.data.both_ways import staged

ZONES = {"timezone": "Europe/Berlin"}


@pytest.fixture(scope="module")
def ws(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """One workspace for all examples; nothing lands in it."""
    return open_workspace(tmp_path_factory.mktemp("blocks") / "workspace")


def quick(connection, source: Source, mapping: Mapping):
    return drain(read_blocks(connection, source, mapping))


def agree(ws: Workspace, path: Path, given: dict | None = None) -> bool:
    """Hold both ways against each other; whether the quick one did not decline."""
    found = preview(ws, path, counted=False)
    mapping = resolve(found, {**ZONES, **(given or {})})
    blocks = staged(ws, found.source, mapping, quick)
    if blocks is not None:
        careful = staged(ws, found.source, mapping)
        assert careful is not None
        assert blocks[0] == careful[0]
        assert repr(blocks[1:]) == repr(careful[1:])  # NaN is unlike itself
    return blocks is not None


def put(tmp_path: Path, name: str, text: str | bytes) -> Path:
    path = tmp_path / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


EVENT = "2026-{:02d}-02 10:00:{:02d},123 INFO [main] com.x.App: it is number {}\n"
LOG = "".join(EVENT.format(1 + i % 12, i % 60, i) for i in range(90))
ROWS = [{"id": i, "at": "2026-01-02T10:00:00Z", "x": i / 3, "s": f"é{i}"} for i in range(60)]


def lines(rows) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


def changed(place: int, **cells) -> list[dict]:
    return [*ROWS[:place], {**ROWS[place], **cells}, *ROWS[place + 1 :]]


FILES: dict[str, tuple[str | bytes, dict]] = {
    "clean.log": (LOG, {}),
    "traced.log": (LOG + "java.lang.FooError: z\n\tat x.Y\n" + LOG + "\ngarbage\n" + LOG, {}),
    "put_forward.log": (LOG + EVENT.format(3, 0, 1).replace("-02 10", "-29 02") + LOG, {}),
    "packed.log.gz": (gzip.compress(LOG.encode()), {}),
    "ends.log": (LOG.replace("\n", "\r\n", 40).replace("\n", "\r", 1), {}),
    "damaged.log": (LOG.encode() + b"2026-01-02 10:00:00,1 INFO [m] a: \xff\n" + b"a\0b\n", {}),
    "long.log": (LOG + EVENT.format(1, 1, "x" * 3_000_000) + "y" * 3_000_000 + "\n" + LOG, {}),
    "clean.jsonl": (lines(ROWS), {}),
    "bad_cell.jsonl": (lines(changed(40, id="many", x="none")), {"dataset": "b"}),
    "no_zone.jsonl": (lines(changed(40, at="2026-01-02T10:00:00")), {}),
    "repeats.jsonl": (lines([*ROWS, ROWS[3]]), {"dataset": "r", "key": ["id"], "kind": "table"}),
    "large.jsonl": (lines(changed(40, id=10**30)), {"kind": "table"}),
    "broken.jsonl": (lines(ROWS) + '{"id": 1, "id": 2}\n{"id": \n\n' + lines(ROWS[:2]), {}),
    "list.json": (json.dumps(ROWS), {"kind": "table"}),
    "deep.json": (json.dumps({"data": [{"at": row, "ok": True} for row in ROWS]}), {}),
    "documents.json": (json.dumps([{"id": i, f"k{i}": [{"a": i}]} for i in range(60)]), {}),
    "metrics.jsonl": (
        lines({"time": f"2026-01-02T10:{i:02d}:00Z", "host": "a", "cpu": i / 7} for i in range(60)),
        {"kind": "metrics"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_file_lands_as_by_the_careful_path(
    ws: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(row_blocks, "BLOCK_CHARS", 700)
    monkeypatch.setattr(quick_blocks, "BLOCKS_AT_ONCE", 2)
    content, given = FILES[name]
    assert agree(ws, put(tmp_path, name, content), given)


def test_workbook_lands_as_by_the_careful_path(ws: Workspace, tmp_path: Path) -> None:
    rows = [["Sales"], [], ["a", "b"], *([i, f"x{i}"] for i in range(30)), ["many", "y"]]
    assert agree(ws, made.workbook(tmp_path / "w.xlsx", S=rows))


def test_what_the_first_rows_foretell_wrongly_is_declined(
    ws: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(row_blocks, "BLOCK_CHARS", 700)
    monkeypatch.setattr(quick_blocks, "BLOCKS_AT_ONCE", 1)
    later = [{**row, "at": "2026-01-02T10:00:00"} for row in ROWS * 9]
    assert not agree(ws, put(tmp_path, "x.jsonl", lines(ROWS + later)), {"kind": "table"})


def test_file_that_breaks_while_it_is_read(ws: Workspace, tmp_path: Path) -> None:
    path = put(tmp_path, "x.log.gz", gzip.compress(LOG.encode() * 500)[:-2_000])
    with pytest.raises(BadInput, match="ends or breaks"):
        agree(ws, path)


CELL = st.one_of(
    st.none(), st.booleans(), st.integers(-5, 5), st.floats(allow_nan=False), st.text(max_size=3),
    st.sampled_from(["2026-01-02", "2026-01-02T10:00:00Z", "1.50", "7", "-", "NA"]),
    st.lists(st.integers(), max_size=2),
)  # fmt: skip


@settings(deadline=None, max_examples=12, suppress_health_check=[*HealthCheck])
@given(
    rows=st.lists(st.fixed_dictionaries({"a": CELL, "b": CELL}), min_size=1, max_size=12),
    types=st.tuples(*[st.sampled_from(["text", "integer", "number", "time", "boolean"])] * 2),
)
def test_any_cells_land_as_by_the_careful_path(ws: Workspace, tmp_path: Path, rows, types) -> None:
    path = put(tmp_path, "x.jsonl", lines(rows).encode("utf-8", "surrogatepass"))
    given = {"kind": "table", "types": dict(zip("ab", types, strict=True))}
    try:
        agree(ws, path, given)
    except BadInput as error:
        assert "line" in str(error) or "row" in str(error)  # noqa: PT017  # the file is no table
