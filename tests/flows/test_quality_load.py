"""A load held to a contract turns the same rows away, however its file is read."""

from pathlib import Path

import pytest

from lab.core.progress import drain
from lab.core.workspace import Workspace
from lab.data import picked_lines
from lab.flows import ingest as module
from lab.flows.ingest import ingest

CONTRACT = """
dataset: t
columns:
  id: {type: integer, required: true, least: 0}
  name: {type: text, only: [a, b]}
"""
ROWS = '7,"a"\n-1,b\n8,"c, d"\nx,a\n-2,"e ""f"""\n,b\n9,a\n7,\n'
Found = tuple[int, int, str, list[tuple[object, ...]], list[tuple[object, ...]]]


def loaded(ws: Workspace, tmp_path: Path) -> Found:
    (tmp_path / "t.csv").write_text("id,name\n" + ROWS + "3,b\n" * 50)
    (tmp_path / "t.yaml").write_text(CONTRACT)
    mapping = {"kind": "table", "dataset": "t", "types": {"id": "integer", "name": "text"}}
    steps = ingest(ws, tmp_path / "t.csv", mapping, contract=str(tmp_path / "t.yaml"))
    done = drain(steps)
    rejects = ws.store.rows(
        "SELECT line, column_name, reason, text FROM rejects WHERE load_id = ? ORDER BY ALL",
        [done.load_id],
    )
    rows = ws.store.rows("FROM t ORDER BY ALL")
    return done.rows_loaded, done.rows_rejected, done.quality, rejects, rows


def test_quick_and_careful_reading_agree(
    ws: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(module, "stage_rows", None)
        quick = loaded(ws, tmp_path)
    assert [(line, text) for line, _, _, text in quick[3]] == [
        (3, "-1,b"), (4, "8,c, d"), (5, "x,a"), (6, '-2,e "f"'), (6, '-2,e "f"'), (7, ",b"),
    ]  # fmt: skip
    with monkeypatch.context() as patch:
        patch.setattr(module, "read_quickly", lambda *_: None)
        assert loaded(ws, tmp_path) == quick
    with monkeypatch.context() as patch:
        patch.setattr(picked_lines, "MOST_LINES", 2)
        assert loaded(ws, tmp_path) == quick, "too many bad rows are read carefully from the start"
