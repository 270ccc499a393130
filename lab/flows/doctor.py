"""What the lab found on this machine, and the fix for what it did not find."""

import importlib.util
import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from typing import Literal

from lab.core.browsers import find_browser
from lab.core.config import without_login
from lab.core.errors import LabError, Unavailable
from lab.core.process import answers
from lab.core.words import grouped
from lab.core.workspace import Workspace

Status = Literal["ok", "warn", "missing"]

LITTLE_DISK, FAIR_DISK = 1e9, 5e9  # bytes free
FAIR_MEMORY = 4e9  # bytes in all: TensorFlow training peaks near 0.9 GB, the app near 0.4


@dataclass(frozen=True)
class Finding:
    """One part of the machine.

    Args:
        name: What was looked for.
        status: ``ok``; ``warn`` when it works but may not for long; ``missing``.
        found: What is there, with version, size or place.
        fix: The next action, empty when there is nothing to do.
    """

    name: str
    status: Status
    found: str
    fix: str = ""


def diagnose(ws: Workspace) -> list[Finding]:
    """Look at everything the lab can use; takes a few seconds at most.

    Args:
        ws: Workspace whose folder, databases and settings are examined.

    Returns:
        One finding per part, in the order a person would fix them. A part that is missing
        only greys out the features that need it, apart from Python, disk and workspace.
    """
    return [check(ws) for check in CHECKS]


def _python(_: Workspace) -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info >= (3, 15):
        return Finding("Python", "warn", version, "Tested on 3.11 to 3.13: use one of those")
    if sys.version_info >= (3, 14):
        return Finding("Python", "warn", version, "Use 3.11 to 3.13 for TensorFlow features")
    return Finding("Python", "ok", version)


def _disk(ws: Workspace) -> Finding:
    free = shutil.disk_usage(ws.root).free
    status: Status = "missing" if free < LITTLE_DISK else "warn" if free < FAIR_DISK else "ok"
    fix = "" if status == "ok" else "Free some space, or use another --workspace"
    return Finding("Disk", status, f"{free / 1e9:.1f} GB free", fix)


def _memory(_: Workspace) -> Finding:
    import psutil

    memory = psutil.virtual_memory()
    found = f"{memory.available / 1e9:.1f} of {memory.total / 1e9:.1f} GB available"
    if memory.total < FAIR_MEMORY:
        return Finding("Memory", "warn", found, "Neural models may be slow; close other programs")
    return Finding("Memory", "ok", found)


def _workspace(ws: Workspace) -> Finding:
    try:
        with tempfile.TemporaryFile(dir=ws.staging) as probe:
            probe.write(b"lab")
    except OSError as error:
        return Finding("Workspace", "missing", f"{ws.root}: {error.strerror}", "Make it writable")
    return Finding("Workspace", "ok", str(ws.root))


def _duckdb(ws: Workspace) -> Finding:
    if not ws.database.exists():
        return Finding("DuckDB", "ok", "no data yet; made on the first load")
    try:
        tables = len(ws.store.tables())
    except LabError as error:
        return Finding("DuckDB", "missing", error.message, error.hint)
    size = ws.database.stat().st_size / 1e6
    return Finding("DuckDB", "ok", f"{tables} tables, {size:.1f} MB")


def _mlflow(ws: Workspace) -> Finding:
    uri = ws.settings.mlflow_tracking_uri
    if uri:
        shown = without_login(uri)
        if not uri.startswith("http") or answers(f"{uri.rstrip('/')}/health", 3.0):
            return Finding("MLflow", "ok", shown)
        return Finding("MLflow", "missing", f"{shown} does not answer", "Start that server")
    if not ws.mlflow_database.exists():
        return Finding("MLflow", "ok", "no runs yet; made on the first training")
    try:
        place = f"{ws.mlflow_database.as_uri()}?mode=ro"
        with closing(sqlite3.connect(place, uri=True)) as database:
            runs = database.execute("SELECT count(*) FROM runs").fetchone()[0]
    except sqlite3.Error as error:
        return Finding("MLflow", "missing", f"{ws.mlflow_database}: {error}", "Restore that file")
    return Finding("MLflow", "ok", f"{runs} runs in {ws.mlflow_database.name}")


def _docker(ws: Workspace) -> Finding:
    from lab.mlops.serving.engine import engine

    image = ws.settings.docker_base_image
    try:
        with engine(timeout_seconds=10) as client:
            version = client.version()["Version"]
            there = client.images.list(name=image)
    except Unavailable as error:
        fix = "Optional: start Docker; until then models run as local processes"
        return Finding("Docker", "missing", error.message, fix)
    if there:
        return Finding("Docker", "ok", f"engine {version}, image {image}")
    return Finding("Docker", "warn", f"engine {version}, no image {image}", f"docker pull {image}")


def _prometheus(ws: Workspace) -> Finding:
    if ws.settings.prometheus_url:
        from lab.flows.prometheus_view import server

        found = server(ws)
        if found.problem:
            return Finding("Prometheus", "missing", found.problem, found.hint)
        return Finding("Prometheus", "ok", f"{found.place}, {grouped(len(found.names))} metrics")
    program = shutil.which("prometheus")
    if program:
        return Finding("Prometheus", "ok", f"{program}; no server is set")
    return Finding("Prometheus", "missing", "none", "Optional: set LAB_PROMETHEUS_URL")


def _tensorflow(_: Workspace) -> Finding:
    if importlib.util.find_spec("tensorflow") is not None:
        return Finding("TensorFlow", "ok", "installed")
    fix = "Optional: Python 3.11 to 3.13, not on an Intel Mac"
    return Finding("TensorFlow", "missing", "no build for this machine", fix)


def _browser(_: Workspace) -> Finding:
    program = find_browser()
    if program:
        return Finding("Browser", "ok", program)
    return Finding("Browser", "warn", "no Chrome, Chromium or Edge", "Needed for --window only")


def _uv(_: Workspace) -> Finding:
    return _program("uv", "Optional: a faster installer, https://docs.astral.sh/uv/")


def _git(_: Workspace) -> Finding:
    return _program("git", "Optional: notes the code version on each run")


def _program(name: str, fix: str) -> Finding:
    program = shutil.which(name)
    return Finding(name, "ok", program) if program else Finding(name, "missing", "none", fix)


CHECKS: tuple[Callable[[Workspace], Finding], ...] = (
    _python, _disk, _memory, _workspace, _duckdb, _mlflow, _docker, _prometheus, _tensorflow,
    _browser, _uv, _git,
)  # fmt: skip
