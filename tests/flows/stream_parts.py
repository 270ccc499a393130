"""What the tests of streams share: a stream in a process of its own, and batches for it."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from lab.core.process import environment
from lab.core.progress import drain
from lab.core.workspace import Workspace
from lab.flows.stream import stream_folder
from lab.flows.stream_summary import StreamSummary

TIME = "2026-01-01T00:00:00Z"
QUICK: dict[str, Any] = {"settle_seconds": 0.1, "idle_seconds": 0.5}


def rows(count: int, start: int = 0) -> list[dict[str, Any]]:
    return [{"n": start + i, "host": f"h{i % 3}", "at": TIME} for i in range(count)]


def lines(records: list[dict[str, Any]]) -> str:
    return "".join(json.dumps(one) + "\n" for one in records)


def drop(folder: Path, name: str, records: list[dict[str, Any]]) -> Path:
    """Write a file as a careful program does: under another name first."""
    part = folder / f"{name}.part"
    part.write_text(lines(records), encoding="utf-8")
    part.rename(folder / name)
    return folder / name


def started(ws: Workspace, *args: str) -> "subprocess.Popen[bytes]":
    """``python -m lab stream …`` as a child that can be killed."""
    return subprocess.Popen(
        [sys.executable, "-m", "lab", "stream", *args, "--workspace", str(ws.root)],
        env={**environment(), "LAB_CONFIG": os.environ["LAB_CONFIG"]},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def wait_for_claim(ws: Workspace, child: "subprocess.Popen[bytes]") -> None:
    """Wait until a stream in a process of its own has begun to read."""
    deadline = time.monotonic() + 240
    while time.monotonic() < deadline:
        if any(note.read_text() == str(child.pid) for note in ws.state.glob("stream-*.pid")):
            return
        time.sleep(0.02)
    raise AssertionError("the stream did not begin")


def landed(ws: Workspace, table: str) -> list[int]:
    return [n for (n,) in ws.store.rows(f"SELECT n FROM {table} ORDER BY n")]


def watch(ws: Workspace, folder: Path, table: str = "events", **more: Any) -> StreamSummary:
    return drain(stream_folder(ws, str(folder), table, **{**QUICK, **more}))


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))
