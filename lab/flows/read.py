"""Read anything: a file of unknown making becomes standard CSV, with a report of every doubt."""

import csv
import json
import os
from collections.abc import Iterator, Sequence
from collections.abc import Mapping as Dict
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from lab.core.errors import BadInput, LabError
from lab.core.workspace import Workspace
from lab.data.careful import readable
from lab.data.dialect import told_dialect
from lab.data.reading import Reading
from lab.data.source import Source, look
from lab.flows.read_report import FileReport, Gathered
from lab.flows.read_rows import parquet_items


@dataclass(frozen=True)
class ReadReport:
    """What was read, file by file.

    Args:
        ok: Whether every file was read.
        files: One report each.
        several: Whether several were asked for.
    """

    ok: bool
    files: tuple[FileReport, ...]
    several: bool

    def __str__(self) -> str:
        """JSON, in which nothing is left out: an object, or a list of them for several files."""
        reports = [asdict(one) for one in self.files]
        return json.dumps(reports if self.several else reports[0], ensure_ascii=False, indent=1)


def read(
    ws: Workspace,
    files: list[str],
    *,
    out: str = "",
    out_dir: str = "",
    part: str = "",
    dialect: Dict[str, Any] | None = None,
) -> ReadReport:
    """Read files of unknown making and write them as standard CSV.

    No hint is needed: format, encoding, delimiter, quotes, header and the end of the table are
    found out. Cells are written as they stand. Rows that do not fit are mended, and each is named
    in the report with what was done; what cannot be told is asked in ``uncertain``.

    Args:
        ws: The workspace.
        files: The files.
        out: Where one file is written; only the report is made when left out.
        out_dir: Folder where several files are written, each under its own name.
        part: Sheet, table, list or packed file to read, where there are several.
        dialect: What is known about how the text is written, as fields of
            ``lab.data.dialect.Dialect``; the rest is found out.

    Returns:
        One report for each file, also for those that cannot be read.

    Raises:
        BadInput: Several files were given, but one place to write to.
    """
    if out and (len(files) > 1 or out_dir):
        raise BadInput("--out takes one file.", "Give several files with --out-dir.")
    reports = []
    for file in files:
        path = Path(file).expanduser().absolute()
        target = Path(out) if out else None
        if out_dir:
            target = Path(out_dir) / (path.name if path.suffix == ".csv" else f"{path.name}.csv")
        try:
            if target and target.exists() and target.samefile(path):
                raise BadInput(f"{file} would be written over.", "Choose another place.")
            reports.append(_read(ws, path, target, Reading(part=part), dialect or {}))
        except (LabError, OSError) as error:
            reports.append(FileReport.failed(file, error))
    several = bool(out_dir) or len(files) > 1
    return ReadReport(all(one.ok for one in reports), tuple(reports), several)


def _read(
    ws: Workspace, path: Path, target: Path | None, asked: Reading, told: Dict[str, Any]
) -> FileReport:
    if path.is_file() and path.stat().st_size == 0:
        _write(target, iter(()))
        return FileReport.empty(path, target)
    source = look(ws, path, None, asked)
    if told:
        source = look(ws, path, told_dialect(source.dialect, told), asked)
    source = replace(source, dialect=replace(source.dialect, repair=True))
    # Counted first and apart: an archive that unpacks without end is refused before it is read.
    gathered = Gathered(source, source.physical_lines())
    _write(target, _rows(ws, source, gathered))
    return gathered.report(target)


def _rows(ws: Workspace, source: Source, gathered: Gathered) -> Iterator[Sequence[str | None]]:
    named = source.door is not None or source.format.name != "csv"
    header = source.columns if named else [readable(name) for name in source.header]
    if header:
        yield header
    for item in source.items() if source.is_text else parquet_items(ws, source):
        gathered.take(item)
        if item.kind == "row":
            yield item.cells


def _write(target: Path | None, rows: Iterator[Sequence[str | None]]) -> None:
    """Write whole or not at all; without a target the rows are only gone through."""
    if target is None:
        for _ in rows:
            pass
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    partly = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        with partly.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\r\n")
            for row in rows:
                writer.writerow(row)
        partly.replace(target)
    finally:
        partly.unlink(missing_ok=True)
