"""The process that runs one query: ``python -I sql_worker.py``, request on standard input.

It stands alone on purpose: only the standard library and DuckDB, no environment, no path of
ours. A query is text of a stranger. What holds it back, from the outside in: limits of the
operating system, a read-only file, no access to anything else, a locked configuration, and
``query(?)``, which takes a single SELECT and nothing that writes (PR duckdb#24217 shows why
looking at the kind of statement is not enough).
"""

import json
import re
import sys
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import duckdb

# DuckDB alone maps about 0.5 GB; its threads' stacks and Python come on top.
ADDRESS_SPACE_HEADROOM_MB = 1500
MAX_OUTPUT_BYTES = 32_000_000
MAX_CELL_CHARS = 20_000
PLAIN = (bool, int, float, str, type(None))


def limit(memory_mb: int, cpu_seconds: int) -> list[str]:
    """Put the operating system's bounds on this process.

    Args:
        memory_mb: Memory DuckDB may use; the process gets a fixed headroom above it.
        cpu_seconds: Processor time until the process is ended.

    Returns:
        Names of the bounds that this system cannot give.
    """
    try:
        import resource
    except ImportError:
        return ["memory of the process", "processor time", "files it may write"]
    space = (memory_mb + ADDRESS_SPACE_HEADROOM_MB) << 20
    bounds = {
        "memory of the process": (resource.RLIMIT_AS, space, space),
        "processor time": (resource.RLIMIT_CPU, cpu_seconds, cpu_seconds + 1),
        "files it may write": (resource.RLIMIT_FSIZE, 0, 0),
        "core dumps": (resource.RLIMIT_CORE, 0, 0),
    }
    missing = []
    for name, (kind, soft, hard) in bounds.items():
        try:
            resource.setrlimit(kind, (soft, hard))
        except (OSError, ValueError):
            missing.append(name)
    return missing


def connect(request: dict[str, Any]) -> "duckdb.DuckDBPyConnection":
    """Open the database for reading and close every way out of it."""
    import duckdb

    config: dict[str, str | bool | int | float | list[str]] = {
        "temp_directory": "",
        "memory_limit": f"{request['memory_mb']}MB",
        "threads": "1",
        "max_execution_time": str(int(request["seconds"] * 1000)),
        "python_enable_replacements": "false",
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "allow_community_extensions": "false",
        "allow_unsigned_extensions": "false",
        "allow_persistent_secrets": "false",
        "allow_unredacted_secrets": "false",
    }
    deadline = time.monotonic() + request["wait_seconds"]
    while True:
        try:
            path = request["database"]
            connection = duckdb.connect(path or ":memory:", read_only=bool(path), config=config)
            break
        except duckdb.IOException as error:
            if "lock" not in str(error).lower() or time.monotonic() > deadline:
                raise
            time.sleep(0.02)
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET enable_progress_bar = false")
    if request["file"]:
        connection.execute("SET allowed_paths = [" + quoted(request["file"]) + "]")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    return connection


def quoted(text: str) -> str:
    """Quote a text for SQL."""
    return "'" + text.replace("'", "''") + "'"


def refuse_file_functions(connection: "duckdb.DuckDBPyConnection", sql: str) -> None:
    """Refuse functions over files; the engine refuses all files but the database's own."""
    tree = connection.execute("SELECT json_serialize_sql(?)", [sql]).fetchall()[0][0]
    for kind, name in sources(json.loads(tree)):
        reads = kind == "function_name" and re.fullmatch(r"glob|read_\w+", name, re.IGNORECASE)
        if reads or (kind == "table_name" and ("/" in name or "\\" in name)):
            raise PermissionError(f"{name} reaches outside the database")


def sources(node: Any) -> Iterator[tuple[str, str]]:
    """Names of the functions and tables in a parsed query, operators among the functions."""
    for key, value in node.items() if isinstance(node, dict) else enumerate(node):
        if key in ("function_name", "table_name"):
            # SHOW puts its word in quotes, escaped.
            yield str(key), str(value).replace('\\"', "").strip('"')
        elif isinstance(value, (dict, list)):
            yield from sources(value)


def plain(cell: Any) -> Any:
    """A cell as JSON can carry it."""
    if isinstance(cell, str):
        return cell if len(cell) <= MAX_CELL_CHARS else cell[:MAX_CELL_CHARS] + "…"
    if isinstance(cell, PLAIN):
        return cell
    if hasattr(cell, "isoformat"):
        return cell.isoformat()
    return plain(str(cell))


def answer(request: dict[str, Any]) -> None:
    """Run the query and write its columns, rows and end as JSON lines."""
    missing = limit(request["memory_mb"], int(request["seconds"]) + 2)
    connection = connect(request)
    began = time.monotonic()
    if request["trusted"]:
        cursor = connection.execute(request["sql"], request["parameters"])
    else:
        refuse_file_functions(connection, request["sql"])
        plan = "EXPLAIN " if request["explain"] else ""
        sql = f"{plan}SELECT * FROM query(?) LIMIT {int(request['limit']) + 1}"
        cursor = connection.execute(sql, [request["sql"]])
    columns = [[name, str(kind)] for name, kind, *_ in cursor.description or ()]
    out = sys.stdout
    out.write(json.dumps({"columns": columns}) + "\n")
    written = size = 0
    truncated = False
    while not truncated and (rows := cursor.fetchmany(500)):
        for row in rows:
            line = json.dumps([plain(cell) for cell in row]) + "\n"
            size += len(line)
            if written == request["limit"] or size > MAX_OUTPUT_BYTES:
                truncated = True
                break
            out.write(line)
            written += 1
    end = {"truncated": truncated, "seconds": time.monotonic() - began, "missing": missing}
    out.write(json.dumps(end) + "\n")


def main() -> int:
    """Read the request, answer it, or say in one line of JSON why not."""
    request = json.loads(sys.stdin.buffer.read())
    try:
        answer(request)
    except MemoryError:
        error = {"kind": "OutOfMemoryException", "text": "Out of memory"}
    except Exception as failure:  # noqa: BLE001  # the edge of the process
        error = {"kind": type(failure).__name__, "text": str(failure)[:4000]}
    else:
        sys.stdout.flush()
        return 0
    sys.stdout.write(json.dumps({"error": error}) + "\n")
    sys.stdout.flush()
    return 1


if __name__ == "__main__":
    sys.exit(main())
