"""Workbooks and databases as rows of text: read by a child process, kept while they are used."""

import hashlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from lab.core.errors import BadInput, unknown
from lab.core.words import THIN, grouped
from lab.core.workspace import Workspace
from lab.data.formats import FormatName

WORKER = Path(__file__).with_name("unfold_worker.py")
SECONDS = 120
MAX_CELLS = 50_000_000
MAX_SPOOL_BYTES = 4_000_000_000
KEPT_SECONDS = 3 * 3600
PARTS = {"workbook": "sheet", "sqlite": "table", "duckdb": "table"}
CALLED = {"workbook": "a workbook", "sqlite": "an SQLite database",
          "duckdb": "a DuckDB database"}  # fmt: skip
SHOWN = 12


@dataclass(frozen=True)
class Unfolded:
    """Rows of one sheet or table, in a file of ours.

    Args:
        spool: Where they lie.
        part: The sheet or table.
        parts: Every sheet or table of the file.
        columns: Column names, where the file has them apart from its rows.
        merged: Merged cells of a sheet, as first row, first column, last row, last column.
        count: Number of rows.
    """

    spool: Path
    part: str
    parts: tuple[str, ...]
    columns: tuple[str, ...] | None
    merged: tuple[tuple[int, int, int, int], ...]
    count: int

    def rows(self) -> Iterator[list[Any]]:
        """The rows; a cell is text, ``None``, or ``{"bytes": n}``."""
        with self.spool.open(encoding="utf-8") as stream:
            next(stream)
            for line in stream:
                if line.startswith("{"):
                    return
                yield json.loads(line)


def unfold(ws: Workspace, path: Path, kind: FormatName, part: str) -> Unfolded:
    """Read a sheet or table; a second call finds what the first one kept.

    Args:
        ws: The workspace that keeps the rows meanwhile, and whose memory limit holds.
        path: The file.
        kind: workbook, sqlite or duckdb.
        part: Sheet or table; may be left out where there is one.

    Returns:
        Its rows.

    Raises:
        BadInput: The file is damaged, locked, too large, or has several tables.
        NotFound: It has no such sheet or table.
    """
    _refuse_unwritten(path, kind)
    stat = path.stat()
    key = json.dumps([str(path), stat.st_mtime_ns, stat.st_size, kind, part])
    spool = ws.staging / f"{hashlib.sha256(key.encode()).hexdigest()[:24]}.rows"
    if not spool.exists():
        sweep_rows(ws)
        _run(ws, path, kind, part, spool, names_only=False)
    about, count = _ends(spool)
    return Unfolded(
        spool, about["part"], tuple(about["parts"]),
        None if about["columns"] is None else tuple(about["columns"]),
        tuple(map(tuple, about.get("merged", ()))), count,
    )  # fmt: skip


def part_names(ws: Workspace, path: Path, kind: FormatName) -> tuple[str, ...]:
    """The sheets or tables of a file.

    Raises:
        BadInput: The file is damaged or locked.
    """
    _refuse_unwritten(path, kind)
    spool = ws.staging / f"{time.time_ns()}.rows"
    try:
        _run(ws, path, kind, "", spool, names_only=True)
        return tuple(_ends(spool)[0]["parts"])
    finally:
        spool.unlink(missing_ok=True)


def sweep_rows(ws: Workspace) -> None:
    """Remove rows that were kept hours ago."""
    for old in (*ws.staging.glob("*.rows"), *ws.staging.glob("*.rows.part")):
        try:
            if time.time() - old.stat().st_mtime > KEPT_SECONDS:
                old.unlink()
        except OSError:
            continue  # somebody else has swept it, or still reads it


def _run(
    ws: Workspace, path: Path, kind: FormatName, part: str, spool: Path, *, names_only: bool
) -> None:
    request = {
        "file": str(path), "kind": kind, "part": part, "names_only": names_only,
        "memory_mb": ws.settings.store_memory_mb, "seconds": SECONDS, "cells": MAX_CELLS,
        "file_bytes": MAX_SPOOL_BYTES,
    }  # fmt: skip
    kept = {name: os.environ[name] for name in ("SYSTEMROOT",) if name in os.environ}
    half = spool.with_name(f"{spool.name}.{os.getpid()}.part")
    try:
        with half.open("wb") as sink:
            done = subprocess.run(
                [sys.executable, "-I", str(WORKER)],
                input=json.dumps(request).encode(),
                stdout=sink,
                stderr=subprocess.DEVNULL,
                env={"PATH": os.defpath, "PYTHONIOENCODING": "utf-8", **kept},
                cwd=WORKER.parent,
                timeout=SECONDS + 5,
                check=False,
            )
        if done.returncode:
            _refuse(path, kind, _error(half))
        half.replace(spool)
    except subprocess.TimeoutExpired as error:
        raise _too_large(path.name, f"takes longer than {SECONDS} s to read") from error
    finally:
        half.unlink(missing_ok=True)


def _ends(spool: Path) -> tuple[dict[str, Any], int]:
    with spool.open("rb") as stream:
        about = json.loads(stream.readline())
        stream.seek(max(0, spool.stat().st_size - 200))
        return about, json.loads(stream.read().splitlines()[-1])["rows"]


def _error(half: Path) -> dict[str, Any]:
    with half.open("rb") as stream:
        stream.seek(max(0, half.stat().st_size - 100_000))
        last = stream.read().splitlines()[-1:] or [b""]
    found = json.loads(last[0]) if last[0].startswith(b'{"error"') else {}
    # Without a word of its own it was ended by a limit of the operating system.
    error: dict[str, Any] = found.get("error", {"kind": "Memory", "text": "", "names": []})
    return error


def _refuse(path: Path, kind: FormatName, error: dict[str, Any]) -> NoReturn:
    name, what, names = path.name, PARTS[kind], error["names"]
    size = error["text"].replace(",", THIN)
    if error["kind"] == "Unknown":
        raise unknown(what, error["text"], names)
    if error["kind"] == "Several":
        more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
        raise BadInput(
            f"{name} holds {len(names)} {what}s: {', '.join(names[:SHOWN])}{more}.",
            f"Choose one on the form, or say so: --part {names[0]!r}.",
        )
    if error["kind"] == "Empty":
        raise BadInput(f"{name} holds no {what}.", f"Choose a file with a {what} in it.")
    if error["kind"] == "Password":
        raise BadInput(f"{name} is locked with a password.", "Save it without one.")
    if error["kind"] == "Bomb":
        raise _too_large(name, f"unpacks to {size}, which is not how a workbook packs")
    if error["kind"] == "Cells":
        most = grouped(MAX_CELLS)
        raise _too_large(name, f"has {size} cells; at most {most} can be loaded")
    if error["kind"] == "Memory":
        raise _too_large(name, "needs more memory or time than it may use")
    raise BadInput(
        f"{name} cannot be read as {CALLED[kind]}: {error['text'] or 'it is damaged'}.",
        "Copy or export it again, without a password.",
    )


def _refuse_unwritten(path: Path, kind: FormatName) -> None:
    """A database in use keeps its newest rows in a file beside it, which is not read here."""
    beside = {"sqlite": ("-wal", "-journal"), "duckdb": (".wal",)}.get(kind, ())
    for ending in beside:
        log = path.with_name(path.name + ending)
        if log.exists() and log.stat().st_size:
            raise BadInput(
                f"{path.name} is in use: its newest rows are still in {log.name}.",
                "Close the program that has it open, and try again.",
            )


def _too_large(name: str, why: str) -> BadInput:
    return BadInput(f"{name} {why}.", "Save the part you need in a file of its own.")
