"""The process that reads a file of another program: ``python -I unfold_worker.py``.

It stands alone on purpose, as ``sql_worker`` does: a workbook or database of a stranger may make
its reader crash, hang or fill memory, so it is read under limits of the operating system and
comes back as plain text, a JSON array a row. No macro, formula, trigger, view or extension runs.
"""

import datetime as dt
import json
import sys
import zipfile
from collections.abc import Callable, Iterable, Iterator
from typing import Any

HEADROOM_MB = 1500
MAX_CELL_CHARS = 1_000_000
# What the sheets of a workbook may unfold to before anything looks into them.
MAX_UNPACKED_BYTES = 1_500_000_000
MAX_RATIO = 500
Rows = Iterator[list[Any]]


class Refused(Exception):  # what it is, not what went wrong
    """The file is refused; the kind tells the parent which words to use."""

    def __init__(self, kind: str, text: str = "", names: Iterable[str] = ()) -> None:
        super().__init__(text)
        self.kind, self.names = kind, list(names)


def limit(memory_mb: int, cpu_seconds: int, file_bytes: int) -> None:
    """Put the operating system's bounds on this process, where it has any."""
    try:
        import resource
    except ImportError:
        return
    space = (memory_mb + HEADROOM_MB) << 20
    for kind, soft, hard in (
        (resource.RLIMIT_AS, space, space),
        (resource.RLIMIT_CPU, cpu_seconds, cpu_seconds + 1),
        (resource.RLIMIT_FSIZE, file_bytes, file_bytes),
        (resource.RLIMIT_CORE, 0, 0),
    ):
        resource.setrlimit(kind, (soft, hard))


def chosen(part: str, names: list[str], *, first: bool) -> str:
    """The part to read: the one asked for, the only one, or the first where that is sensible."""
    if not names:
        raise Refused("Empty")
    if part and part not in names:
        raise Refused("Unknown", part, names)
    if not part and len(names) > 1 and not first:
        raise Refused("Several", "", names)
    return part or names[0]


def workbook(path: str, part: str, names_only: bool) -> tuple[dict[str, Any], Rows]:
    """Values of a sheet as they were last computed and saved."""
    import python_calamine as calamine

    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            packed = sum(one.compress_size for one in archive.infolist())
            size = sum(one.file_size for one in archive.infolist())
        if size > MAX_UNPACKED_BYTES or (size > 64_000_000 and size > MAX_RATIO * packed):
            raise Refused("Bomb", f"{size / 1e6:,.0f} MB")
    try:
        book = calamine.CalamineWorkbook.from_path(path)
    except calamine.PasswordError as error:
        raise Refused("Password") from error
    names = [
        one.name
        for one in book.sheets_metadata
        if one.typ == calamine.SheetTypeEnum.WorkSheet
        and one.visible == calamine.SheetVisibleEnum.Visible
    ]
    name = chosen(part, names, first=True)
    about: dict[str, Any] = {"parts": names, "part": name, "columns": None}
    if names_only:
        return about, iter(())
    sheet = book.get_sheet_by_name(name)
    about["cells"] = sheet.total_height * sheet.total_width
    merged = sheet.merged_cell_ranges or []
    about["merged"] = [[*start, *end] for start, end in merged[:1000]]
    return about, iter(sheet.to_python(skip_empty_area=False))


def sqlite(path: str, part: str, names_only: bool) -> tuple[dict[str, Any], Rows]:
    """Rows of a table, from a file that is taken as it stands."""
    import sqlite3
    from pathlib import Path

    connection = sqlite3.connect(f"{Path(path).as_uri()}?mode=ro&immutable=1", uri=True)
    connection.text_factory = lambda raw: raw.decode("utf-8", "surrogateescape")
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA query_only = ON")
    found = connection.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite~_%' "
        "ESCAPE '~' AND sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY name"
    )
    names = [name for (name,) in found]
    return table(part, names, names_only, lambda one: connection.execute(f"SELECT * FROM {one}"))


def duckdb(path: str, part: str, names_only: bool) -> tuple[dict[str, Any], Rows]:
    """Rows of a table of another DuckDB file, each cell as text."""
    import duckdb as engine

    config: dict[str, Any] = {
        "temp_directory": "",
        "threads": "1",
        "python_enable_replacements": "false",
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "allow_community_extensions": "false",
    }
    connection = engine.connect(path, read_only=True, config=config)
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    found = connection.execute(
        "SELECT table_name FROM duckdb_tables() WHERE NOT internal AND schema_name = 'main' "
        "AND database_name = current_database() ORDER BY 1"
    ).fetchall()
    names = [name for (name,) in found]
    sql = "SELECT COLUMNS(*)::VARCHAR FROM main."
    return table(part, names, names_only, lambda one: connection.execute(sql + one))


def table(
    part: str, names: list[str], names_only: bool, select: Callable[[str], Any]
) -> tuple[dict[str, Any], Rows]:
    """What is known of a database, and the rows of one table, selected by its quoted name."""
    name = chosen(part, names, first=names_only)
    about: dict[str, Any] = {"parts": names, "part": name, "columns": None}
    if names_only:
        return about, iter(())
    cursor = select('"' + name.replace('"', '""') + '"')
    about["columns"] = [column[0] for column in cursor.description]
    return about, _fetched(cursor)


def _fetched(cursor: Any) -> Rows:
    while rows := cursor.fetchmany(2000):
        yield from map(list, rows)


def text(cell: Any) -> Any:
    """A cell as the text it would be in a CSV file; bytes as what cannot be one."""
    if cell is None or cell == "":
        return None
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, dt.datetime):
        midnight = (cell.hour, cell.minute, cell.second, cell.microsecond) == (0, 0, 0, 0)
        return cell.date().isoformat() if midnight else cell.isoformat(sep=" ")
    if isinstance(cell, (dt.date, dt.time)):
        return cell.isoformat()
    if isinstance(cell, dt.timedelta):
        return str(cell.total_seconds())
    return {"bytes": len(cell)} if isinstance(cell, bytes) else str(cell)


def answer(request: dict[str, Any]) -> None:
    """Read the file and write what it is, its rows and their number as JSON lines."""
    limit(request["memory_mb"], request["seconds"], request["file_bytes"])
    reader = {"workbook": workbook, "sqlite": sqlite, "duckdb": duckdb}[request["kind"]]
    about, rows = reader(request["file"], request["part"], request["names_only"])
    if about.get("cells", 0) > request["cells"]:
        raise Refused("Cells", f"{about['cells']:,}")
    out = sys.stdout
    out.write(json.dumps(about) + "\n")
    count = cells = 0
    for row in rows:
        count, cells = count + 1, cells + len(row)
        if cells > request["cells"]:
            raise Refused("Cells", f"more than {request['cells']:,}")
        out.write(json.dumps([text(cell) for cell in row]) + "\n")
    out.write(json.dumps({"rows": count}) + "\n")


def main() -> int:
    """Read the request, answer it, or say in one line of JSON why not."""
    request = json.loads(sys.stdin.buffer.read())
    try:
        answer(request)
        sys.stdout.flush()
    except Refused as refused:
        error = {"kind": refused.kind, "text": str(refused), "names": refused.names}
    except MemoryError:
        error = {"kind": "Memory", "text": "", "names": []}
    except BaseException as failure:  # noqa: BLE001  # the edge; a Rust panic is no Exception
        error = {"kind": "Damaged", "text": f"{failure}"[:300], "names": []}
    else:
        return 0
    sys.stdout.write("\n" + json.dumps({"error": error}) + "\n")
    sys.stdout.flush()
    return 1


if __name__ == "__main__":
    sys.exit(main())
