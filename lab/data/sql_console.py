"""The SQL box: each query in a child process that can be ended whatever it does."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lab.core.errors import BadInput, NotFound, Unavailable
from lab.core.words import grouped
from lab.core.workspace import Workspace
from lab.data.sql_errors import in_words, too_slow

if TYPE_CHECKING:
    import pandas as pd

WORKER = Path(__file__).with_name("sql_worker.py")
MAX_SQL_CHARS = 100_000
# Time to start Python and DuckDB, on top of the time the query may take.
START_SECONDS = 20.0


@dataclass(frozen=True)
class SqlResult:
    """What a query answered.

    Args:
        columns: Name and DuckDB type of each column.
        rows: The rows, at most as many as asked for; times as ISO 8601 text.
        truncated: Whether there were more.
        seconds: How long the query took, without the start of its process.
        missing_bounds: Limits that this operating system cannot give.
    """

    columns: tuple[tuple[str, str], ...]
    rows: tuple[tuple[Any, ...], ...]
    truncated: bool
    seconds: float
    missing_bounds: tuple[str, ...] = ()

    def frame(self) -> "pd.DataFrame":
        """The rows as a frame, with times as times."""
        import pandas as pd

        names = [name for name, _ in self.columns]
        # By position: a result may name two columns alike.
        data = {i: [row[i] for row in self.rows] for i in range(len(names))}
        frame = pd.DataFrame(data)
        for i, (_, kind) in enumerate(self.columns):
            if kind.startswith("DECIMAL"):
                frame[i] = pd.to_numeric(frame[i])
            elif kind.startswith(("TIMESTAMP", "DATE")):
                utc = "TIME ZONE" in kind
                frame[i] = pd.to_datetime(frame[i], errors="coerce", format="ISO8601", utc=utc)
        seen: dict[str, int] = {}
        for i, name in enumerate(names):
            seen[name] = seen.get(name, 0) + 1
            names[i] = name if seen[name] == 1 else f"{name}_{seen[name] - 1}"
        frame.columns = pd.Index(names)
        return frame


def run_sql(
    ws: Workspace, sql: str, *, limit: int | None = None, explain: bool = False
) -> SqlResult:
    """Run a query somebody typed, without trusting it.

    Args:
        ws: The workspace whose tables it may read, and nothing else.
        sql: One SELECT.
        limit: Most rows to give back; the ``sql_max_rows`` setting when not given.
        explain: Give the plan instead of the rows.

    Returns:
        The answer.

    Raises:
        BadInput: It is not one SELECT, or DuckDB cannot make sense of it.
        Busy: The database was held by somebody else all the time.
        Unavailable: It used up its time or memory and was ended.
    """
    if not sql.strip():
        raise BadInput("The query is empty.", "Write a SELECT, such as: SELECT * FROM loads")
    if len(sql) > MAX_SQL_CHARS:
        raise BadInput(
            f"The query has more than {grouped(MAX_SQL_CHARS)} characters.", "Shorten it."
        )
    if not ws.database.exists():
        raise NotFound("There are no tables yet.", "Load a data set first.")
    limit = min(limit or ws.settings.sql_max_rows, ws.settings.sql_max_rows)
    with ws.store.lend():
        return _ask(ws, sql, database=ws.database, limit=limit, explain=explain)


def read_file(ws: Workspace, sql: str, file: Path, limit: int) -> SqlResult:
    """Run a query of ours over a file of a stranger, in the same kind of child.

    Args:
        ws: The workspace, for its settings.
        sql: Our own query, with the path as its only parameter ``$1``.
        file: The one file it may read.
        limit: Most rows to give back.

    Returns:
        The answer.

    Raises:
        BadInput: The file cannot be read.
    """
    return _ask(ws, sql, file=file, limit=limit, parameters=[str(file)])


def _ask(
    ws: Workspace,
    sql: str,
    *,
    limit: int,
    database: Path | None = None,
    file: Path | None = None,
    explain: bool = False,
    parameters: Sequence[str] = (),
) -> SqlResult:
    request = {
        "sql": sql,
        "database": str(database or ""),
        "file": str(file or ""),
        "trusted": file is not None,
        "parameters": list(parameters),
        "explain": explain,
        "limit": limit,
        "memory_mb": ws.settings.sql_memory_mb,
        "seconds": ws.settings.sql_timeout_seconds,
        "wait_seconds": START_SECONDS - 1,
    }
    output, code = _run(request, ws.settings.sql_timeout_seconds + START_SECONDS)
    return _result(output, code, ws)


def _run(request: dict[str, Any], timeout_seconds: float) -> tuple[bytes, int]:
    # Nothing of our environment goes along; Windows cannot load its libraries without the first.
    kept = {name: os.environ[name] for name in ("SYSTEMROOT",) if name in os.environ}
    process = subprocess.Popen(
        [sys.executable, "-I", str(WORKER)],
        env={"PATH": os.defpath, "PYTHONIOENCODING": "utf-8", **kept},
        cwd=WORKER.parent,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        output, _ = process.communicate(json.dumps(request).encode(), timeout=timeout_seconds)
    except subprocess.TimeoutExpired as error:
        raise too_slow(request["seconds"]) from error
    finally:
        _end(process)
    return output, process.returncode


def _end(process: "subprocess.Popen[bytes]") -> None:
    if process.poll() is None:
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
        process.communicate()


def _result(output: bytes, code: int, ws: Workspace) -> SqlResult:
    lines = output.splitlines()
    last = json.loads(lines[-1]) if lines and lines[-1].startswith(b"{") else {}
    if "error" in last:
        raise in_words(last["error"]["kind"], last["error"]["text"], ws)
    if code != 0 or "truncated" not in last:
        if code == -getattr(signal, "SIGXCPU", 24):
            raise too_slow(ws.settings.sql_timeout_seconds)
        raise Unavailable(
            "The query broke the process that ran it; your data is as it was.",
            "Make it smaller: fewer rows, a LIMIT, or a narrower WHERE.",
        )
    return SqlResult(
        columns=tuple((name, kind) for name, kind in json.loads(lines[0])["columns"]),
        rows=tuple(tuple(json.loads(line)) for line in lines[1:-1]),
        truncated=last["truncated"],
        seconds=last["seconds"],
        missing_bounds=tuple(last["missing"]),
    )
