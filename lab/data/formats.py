"""What a file is, judged by its first bytes rather than by its name."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from lab.core.errors import BadInput, NotFound
from lab.data.packing import Packing, members, open_bytes, packing_of

PACKED = (".gz", ".bz2", ".xz", ".zip")
SUFFIXES = (".csv", ".tsv", ".txt", ".jsonl", ".ndjson", ".json", ".log", ".parquet", ".xlsx",
            ".xlsm", ".xls", ".ods", ".sqlite", ".sqlite3", ".db", ".duckdb", *PACKED)  # fmt: skip
# Read as text they would be noise; each gets its own next step.
FOREIGN = (
    (b"%PDF", "a PDF document", "Export the table as CSV."),
    (b"\x89PNG", "a picture", "Choose the table itself."),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive", "Unpack it first."),
    (b"7z\xbc\xaf", "a 7-Zip archive", "Unpack it first."),
)
MARKUP = (
    (b"<!doctype html", "a web page", "Perhaps the download failed; get the table itself."),
    (b"<html", "a web page", "Perhaps the download failed; get the table itself."),
    (b"<?xml", "an XML document", "Export it as CSV or JSON."),
)
# Characters that some programs write between cells, because no text holds them.
SEPARATORS = b"\x01\x1f"
BLANKS = b"\xef\xbb\xbf \t\r\n"
# Begin and name of what another program reads for us, at an offset into the file.
BINARY: tuple[tuple[int, bytes, "FormatName"], ...] = (
    (0, b"PAR1", "parquet"),
    (0, b"\xd0\xcf\x11\xe0", "workbook"),
    (0, b"PK\x03\x04", "workbook"),
    (0, b"SQLite format 3\0", "sqlite"),
    (8, b"DUCK", "duckdb"),
)
TITLES = {
    "csv": "Delimited text",
    "jsonl": "JSON lines",
    "json": "JSON",
    "log": "Log",
    "parquet": "Parquet",
    "workbook": "Workbook",
    "sqlite": "SQLite database",
    "duckdb": "DuckDB database",
}
MAX_FIRST_LINE = 1_000_000
FormatName = Literal["csv", "jsonl", "json", "log", "parquet", "workbook", "sqlite", "duckdb"]


@dataclass(frozen=True)
class Format:
    """How a file is written.

    Args:
        name: csv (any delimiter), jsonl (one JSON object a line), json (anything else of
            JSON), log, parquet, workbook, sqlite or duckdb.
        packing: How it is packed, where it is.
    """

    name: FormatName
    packing: Packing = Packing()

    @property
    def is_text(self) -> bool:
        """Whether it is text, in some encoding."""
        return self.name in ("csv", "jsonl", "json", "log")

    @property
    def title(self) -> str:
        """What a person calls it."""
        packed = f", packed with {self.packing.packer}" if self.packing else ""
        return TITLES[self.name] + packed


def detect(path: Path, member: str = "") -> Format:
    """Tell what a file is.

    Args:
        path: The file.
        member: The file meant in an archive of several.

    Returns:
        Its format; ``log`` is never told from other text here.

    Raises:
        NotFound: There is no such file.
        BadInput: It is empty, or nothing we can read as a table.
    """
    check_file(path)
    packing = packing_of(path, member)
    head = _start(path, packing, 4096)
    if not head:
        raise BadInput(f"{path.name} is empty once unpacked.", "Choose a file with rows.")
    opening = _plain(head).lstrip(BLANKS).lower()
    for magic, kind, hint in (*FOREIGN, *MARKUP):
        if head.startswith(magic) or opening.startswith(magic):
            raise BadInput(f"{path.name} is {kind}, not a table we can read.", hint)
    for at, magic, name in BINARY:
        if head[at:].startswith(magic):
            if packing:
                raise BadInput(f"{path.name} is {TITLES[name]} inside {packing.packer}.",
                               "Unpack it first.")  # fmt: skip
            return Format(name)
    if path.suffix.lower() in (".parquet", ".xlsx", ".xls", ".ods", ".sqlite", ".duckdb"):
        kind = path.suffix[1:]
        raise BadInput(
            f"{path.name} does not begin like a file of its kind ({kind}).",
            "Export it again, or give it the ending of what it is.",
        )
    _refuse_binary(path.name, head)
    return Format(_text_format(path, packing, _plain(head)), packing)


def check_file(path: Path) -> None:
    """Refuse what is no file with something in it.

    Raises:
        NotFound: There is no such file.
        BadInput: It is a folder, or empty.
    """
    if path.is_dir():
        raise BadInput(f"{path} is a folder, not a file.", "Give the path of one file in it.")
    if not path.is_file():
        raise NotFound(f"There is no file {path}.", "Check the path.")
    if path.stat().st_size == 0:
        raise BadInput(f"{path.name} is empty.", "Choose a file with a header and rows.")


def archived(path: Path) -> list[str]:
    """The files to choose from in a ZIP archive; empty for any other file."""
    with path.open("rb") as stream:
        is_zip = stream.read(4) == b"PK\x03\x04"
    return members(path) if is_zip and packing_of(path, members(path)[0]) else []


def _start(path: Path, packing: Packing, size: int) -> bytes:
    with open_bytes(path, packing) as stream:
        return stream.read(size)


def _text_format(path: Path, packing: Packing, head: bytes) -> FormatName:
    text = head.lstrip(BLANKS)
    if text.startswith(b"["):
        # A bracket may open a CSV cell or a log line as well; only a JSON array goes on so.
        goes_on = text[1:].lstrip()[:1] in (b"{", b"[", b"]")
        return "json" if goes_on or ".json" in path.suffixes else "csv"
    if not text.startswith(b"{"):
        return "csv"
    start = _plain(_start(path, packing, MAX_FIRST_LINE)).lstrip(BLANKS)
    first, end, rest = start.partition(b"\n")
    rest = rest.lstrip()
    if not end and len(start) > MAX_FIRST_LINE - len(head):
        return "json"  # a document without line ends; no row is as long as that
    try:
        value = json.loads(first)
    except (ValueError, RecursionError):
        # A broken line among others is a finding; a document goes on over several lines.
        return "json" if rest and not rest.startswith(b"{") else "jsonl"
    return "json" if not rest and _holds_records(value) else "jsonl"


def _plain(start: bytes) -> bytes:
    """The beginning of a text as UTF-8, also where the file is UTF-16."""
    marked = start.startswith((b"\xff\xfe", b"\xfe\xff"))
    return start.decode("utf-16", "ignore").encode("utf-8", "ignore") if marked else start


def _holds_records(value: Any) -> bool:
    """Whether an object is a wrapping around a list of objects."""
    found = list(value.values()) if isinstance(value, dict) else []
    lists = [one for one in found if isinstance(one, list) and one and isinstance(one[0], dict)]
    return len(lists) > 0 or any(_holds_records(one) for one in found if isinstance(one, dict))


def _refuse_binary(name: str, head: bytes) -> None:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if max(even, odd) > 0.3 * len(head) / 2 and min(even, odd) < 0.05 * len(head) / 2:
        return  # UTF-16 without a mark: every second byte of plain text is zero
    odd_ones = sum(byte < 9 or 13 < byte < 32 for byte in head if byte not in SEPARATORS)
    if odd_ones > max(8, 0.02 * len(head)):
        raise BadInput(
            f"{name} is binary, not a table in text or Parquet.",
            "Export it as CSV, JSON lines or Parquet.",
        )
