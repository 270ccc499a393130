"""Workbooks, documents and logs: how long a whole load takes, beside a peer that only reads.

``python -m tests.bench.doors``; with ``LAB_BENCH_DATA`` also how many header fields of real logs
are read right.
"""

import csv
import datetime as dt
import json
import os
import re
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

from lab.core.progress import drain
from lab.core.workspace import Workspace, open_workspace
from lab.data.log_catalogue import guess_log
from lab.flows.ingest import ingest
from tests.bench.measure import median_of, record, row
from tests.data.door_files import workbook
from tests.data.test_log_patterns import LOGHUB

ROWS = 20_000
COMMAND = ".venv/bin/python -m tests.bench.doors"
BY_HAND = re.compile(r"(\S+ \S+) (\w+) \[([^\]]*)\] ([^:]*): (.*)")


def seconds(work: Callable[[], Any]) -> float:
    """How long one call takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def files(folder: Path) -> dict[str, Path]:
    """A workbook, a document and a log of as many records."""
    day = dt.date(2026, 1, 1)
    cells = [[day, *range(i, i + 7), f"text {i}", i * 0.5] for i in range(ROWS)]
    book = workbook(folder / "book.xlsx", S=[[f"c{i}" for i in range(10)], *cells])
    values = [{"i": i, "at": {"x": i * 0.5, "name": f"n{i}"}, "ok": True} for i in range(ROWS)]
    (folder / "doc.json").write_text(json.dumps({"rows": values}))
    line = "2026-01-02 10:00:00,123 INFO [main] com.x.App: it is number {}\n"
    (folder / "app.log").write_text("".join(line.format(i) for i in range(ROWS)))
    return {"workbook": book, "document": folder / "doc.json", "log": folder / "app.log"}


def load(ws: Workspace, path: Path) -> None:
    """Look, check, land."""
    summary = drain(ingest(ws, path, {"kind": "table", "dataset": "t", "timezone": "UTC"}))
    if summary.rows_loaded != ROWS:
        raise SystemExit(f"{path.name}: {summary.rows_loaded} of {ROWS} rows")


def by_hand(path: Path) -> pd.DataFrame:
    """A log with a regular expression written for it."""
    found = (BY_HAND.match(line) for line in path.read_text().splitlines())
    return pd.DataFrame([one.groups() for one in found if one])


def speeds(ws: Workspace, folder: Path) -> list[str]:
    """A whole load beside a bare read."""
    made = files(folder)
    book, document, log = made["workbook"], made["document"], made["log"]
    peers: list[tuple[str, Path, str, Callable[[], Any]]] = [
        ("workbook", book, "pandas with openpyxl, read alone", lambda: pd.read_excel(book)),
        ("workbook", book, "pandas with calamine, read alone",
         lambda: pd.read_excel(book, engine="calamine")),
        ("JSON document", document, "`json.loads` and `json_normalize`",
         lambda: pd.json_normalize(json.loads(document.read_text())["rows"])),
        ("log", log, "a regular expression written by hand", lambda: by_hand(log)),
    ]  # fmt: skip
    return [
        row(
            f"load a {what} of {ROWS:,} rows",
            median_of(lambda path=path: seconds(lambda: load(ws, path)), 3),
            peer,
            median_of(lambda work=work: seconds(work), 3),
        )
        for what, path, peer, work in peers
    ]


def fields(place: Path) -> list[str]:
    """Header fields of the open Loghub systems, of all lines, against their structured truth."""
    found = []
    for system, wanted in LOGHUB.items():
        stem = place / "loghub_2k" / system / f"{system}_2k.log"
        with Path(f"{stem}_structured.csv").open(encoding="utf-8", newline="") as stream:
            truth = list(csv.DictReader(stream))
        lines = [line.rstrip("\r") for line in stem.read_text(encoding="utf-8").split("\n")]
        pattern = guess_log(lines[: len(truth)], loose=True).pattern
        right = total = 0
        for line, one in zip(lines, truth, strict=False):
            values = pattern.match(line) or {}
            right += sum(values.get(ours) == one[theirs].strip() for ours, theirs in wanted.items())
            total += len(wanted)
        shown = pattern.text.replace("|", "\\|")
        found.append(f"| {system} | `{shown}` | {right:,} of {total:,} |")
    return found


def main() -> None:
    """Measure and record."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        record("Doors for other files", COMMAND, speeds(open_workspace(folder / "ws"), folder))
    if place := os.environ.get("LAB_BENCH_DATA"):
        head = "| system | pattern found without a hint | fields read right |\n|---|---|---|"
        record("Header fields of logs", f"LAB_BENCH_DATA=… {COMMAND}", fields(Path(place)), head)


if __name__ == "__main__":
    main()
