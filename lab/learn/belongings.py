"""What an attempt made: shown before it is removed, kept a copy of, and brought back by undo."""

import json
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from lab.core.names import inside
from lab.core.process import write_json
from lab.core.sql import Mode, land, quoted
from lab.core.words import counted
from lab.core.workspace import Workspace
from lab.learn.served import Served, put_back, take_down, there

if TYPE_CHECKING:
    import duckdb

KEPT = ".kept"
MANIFEST = "belongings.json"
COPIES = 3


@dataclass(frozen=True)
class Rows:
    """Rows of a shared table that belong to an attempt.

    Args:
        table: The table.
        column: Column that tells whose they are.
        values: Values of it that are this attempt's.
    """

    table: str
    column: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Alias:
    """A registry alias that points at a version of this attempt."""

    model: str
    name: str
    version: str


@dataclass(frozen=True)
class Belongings:
    """Everything an attempt made, apart from its input folder.

    Args:
        rows: Rows of shared tables.
        tables: Tables of its own.
        runs: Ids of tracked runs; they go to the tracker's bin.
        aliases: Registry aliases; versions themselves are history and stay.
        files: Files outside the input folder, relative to the workspace.
        endpoints: Endpoints; an undo launches the healthy ones again.
    """

    rows: tuple[Rows, ...] = ()
    tables: tuple[str, ...] = ()
    runs: tuple[str, ...] = ()
    aliases: tuple[Alias, ...] = ()
    files: tuple[str, ...] = field(default=())
    endpoints: tuple[Served, ...] = ()


def describe(ws: Workspace, folder: Path, belongings: Belongings) -> list[str]:
    """What a removal would delete, in words, one line each; empty when there is nothing."""
    lines = []
    if folder.exists():
        count = sum(1 for path in folder.rglob("*") if path.is_file())
        lines.append(f"{counted(count, 'input file')} in {folder.relative_to(ws.root)}")
    for rows in belongings.rows:
        count = _count(ws, rows)
        if count:
            lines.append(
                f"{counted(count, 'row')} of table {rows.table} ({', '.join(rows.values)})"
            )
    lines += [f"Table {name}" for name in _existing(ws, belongings.tables)]
    lines += [f"Tracked run {run}" for run in belongings.runs]
    lines += [f"Alias {a.name} of {a.model} version {a.version}" for a in belongings.aliases]
    lines += [f"File {name}" for name in belongings.files if inside(ws.root, name).exists()]
    lines += [f"Endpoint {each.id}" for each in there(ws, belongings.endpoints)]
    return lines


def keep(ws: Workspace, folder: Path, belongings: Belongings, nonce: str) -> None:
    """Copy everything aside before it is removed; only the newest few copies are kept.

    Args:
        ws: The workspace.
        folder: The input folder of the exercise.
        belongings: The rest.
        nonce: Which attempt it is.
    """
    home = _home(folder)
    copy = home / f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}-{nonce}"
    copy.mkdir(parents=True)
    if folder.exists():
        shutil.copytree(folder, copy / "folder")
    for number, rows in enumerate(belongings.rows):
        if _count(ws, rows):
            _save(ws, f"FROM {_of(rows)}", [list(rows.values)], copy / f"rows-{number}.parquet")
    for name in _existing(ws, belongings.tables):
        _save(ws, f"FROM {quoted(name)}", None, copy / f"table-{name}.parquet")
    for number, name in enumerate(belongings.files):
        if (path := inside(ws.root, name)).exists():
            shutil.copy2(path, copy / f"file-{number}")
    write_json(copy / MANIFEST, asdict(belongings))
    for old in sorted(home.iterdir())[:-COPIES]:
        shutil.rmtree(old)


def remove(ws: Workspace, folder: Path, belongings: Belongings) -> None:
    """Remove everything; calling it again changes nothing."""
    take_down(ws, belongings.endpoints)
    _remove_data(ws, folder, belongings)
    _move_runs(ws, belongings, binned=True)


def newest_copy(folder: Path) -> Path | None:
    """The copy that an undo would bring back."""
    found = sorted(_home(folder).glob(f"*/{MANIFEST}"))
    return found[-1].parent if found else None


def restore(ws: Workspace, folder: Path, copy: Path) -> str:
    """Bring a copy back, and use it up.

    Args:
        ws: The workspace.
        folder: The input folder of the exercise; nothing may be in it.
        copy: What ``newest_copy`` gave.

    Returns:
        The nonce of the attempt that is back.
    """
    belongings = _read(copy / MANIFEST)
    _remove_data(ws, folder, belongings)  # what one that was cut off has brought back already
    if (copy / "folder").exists():
        shutil.copytree(copy / "folder", folder)
    for number, rows in enumerate(belongings.rows):
        _load(ws, rows.table, copy / f"rows-{number}.parquet", "append")
    for path in copy.glob("table-*.parquet"):
        _load(ws, path.stem.removeprefix("table-"), path, "replace")
    for number, name in enumerate(belongings.files):
        if (path := copy / f"file-{number}").exists():
            shutil.copy2(path, inside(ws.root, name))
    _move_runs(ws, belongings, binned=False)
    put_back(ws, belongings.endpoints)
    shutil.rmtree(copy)
    return copy.name.rpartition("-")[2]


def _remove_data(ws: Workspace, folder: Path, belongings: Belongings) -> None:
    for rows in belongings.rows:
        if ws.store.has(rows.table):
            ws.store.execute(f"DELETE FROM {_of(rows)}", [list(rows.values)])
    for name in belongings.tables:
        ws.store.execute(f"DROP TABLE IF EXISTS {quoted(name)}")
    for name in belongings.files:
        inside(ws.root, name).unlink(missing_ok=True)
    shutil.rmtree(folder, ignore_errors=True)


def _save(ws: Workspace, sql: str, params: "Sequence[object] | None", path: Path) -> None:
    from pyarrow import parquet

    with ws.store.connect() as connection:
        parquet.write_table(connection.sql(sql, params=params).to_arrow_table(), path)


def _load(ws: Workspace, table: str, path: Path, mode: Mode) -> None:
    from pyarrow import parquet

    if not path.exists():
        return
    rows = parquet.read_table(path)

    def landing(connection: "duckdb.DuckDBPyConnection") -> None:
        connection.register("kept", rows)
        land(connection, table, "kept", mode)
        connection.unregister("kept")

    ws.store.change(landing)


def _move_runs(ws: Workspace, belongings: Belongings, *, binned: bool) -> None:
    if not belongings.runs and not belongings.aliases:
        return
    from lab.mlops.tracking.engine import translated
    from lab.mlops.tracking.store import client

    mlflow = client(ws)
    with translated("Moving runs to the bin" if binned else "Taking runs out of the bin"):
        for alias in belongings.aliases:
            if binned:
                mlflow.delete_registered_model_alias(alias.model, alias.name)
            else:
                mlflow.set_registered_model_alias(alias.model, alias.name, alias.version)
        for run_id in belongings.runs:
            (mlflow.delete_run if binned else mlflow.restore_run)(run_id)


def _read(path: Path) -> Belongings:
    given = json.loads(path.read_text(encoding="utf-8"))
    return Belongings(
        rows=tuple(Rows(r["table"], r["column"], tuple(r["values"])) for r in given["rows"]),
        tables=tuple(given["tables"]),
        runs=tuple(given["runs"]),
        aliases=tuple(Alias(**alias) for alias in given["aliases"]),
        files=tuple(given["files"]),
        endpoints=tuple(Served(**each) for each in given.get("endpoints", ())),
    )


def _count(ws: Workspace, rows: Rows) -> int:
    if not ws.store.has(rows.table):
        return 0
    found = ws.store.rows(f"SELECT count(*) FROM {_of(rows)}", [list(rows.values)])
    return int(found[0][0])


def _of(rows: Rows) -> str:
    return f"{quoted(rows.table)} WHERE list_contains($1, {quoted(rows.column)})"


def _existing(ws: Workspace, tables: Iterable[str]) -> list[str]:
    return [name for name in tables if ws.store.has(name)]


def _home(folder: Path) -> Path:
    return folder.parent / KEPT / folder.name
