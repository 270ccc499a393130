"""Reads one file of given content."""

from pathlib import Path

from lab.core.workspace import Workspace
from lab.flows.read import read
from lab.flows.read_report import FileReport
from tests.bench.pollock_score import rows_of as parsed


def read_one(
    ws: Workspace, tmp_path: Path, content: str | bytes, **options: object
) -> tuple[FileReport, list[list[str]]]:
    path, target = tmp_path / "in.csv", tmp_path / "out.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    report = read(ws, [str(path)], out=str(target), **options).files[0]  # type: ignore[arg-type]
    return report, parsed(target.read_bytes()) if report.ok else []
