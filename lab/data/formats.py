"""What a file is, judged by its first bytes rather than by its name."""

import gzip
import io
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Literal

from lab.core.errors import BadInput, NotFound

SUFFIXES = (".csv", ".tsv", ".txt", ".jsonl", ".ndjson", ".json", ".parquet", ".gz")
# What a text file may grow to when unpacked; a gzip of 175 KB can hold 120 MB and more.
MAX_UNPACKED_BYTES = 4_000_000_000
# Real tables pack 5 to 40 times; only a bomb passes this once it is large.
MAX_RATIO = 200
RATIO_FREE_BYTES = 64_000_000
# Read as text they would be noise; each gets its own next step.
FOREIGN = (
    (b"PK\x03\x04", "a ZIP archive or an Excel workbook", "Unpack it, or save the sheet as CSV."),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook", "Save the sheet as CSV."),
    (b"%PDF", "a PDF document", "Export the table as CSV."),
    (b"SQLite format 3", "an SQLite database", "Export the table as CSV."),
    (b"\x89PNG", "a picture", "Choose the table itself."),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive", "Unpack it first."),
    (b"BZh", "a bzip2 archive", "Unpack it first."),
    (b"\xfd7zXZ", "an xz archive", "Unpack it first."),
    (b"7z\xbc\xaf", "a 7-Zip archive", "Unpack it first."),
)
FormatName = Literal["csv", "jsonl", "parquet"]


@dataclass(frozen=True)
class Format:
    """How a file is written.

    Args:
        name: csv (any delimiter), jsonl (one JSON object a line) or parquet.
        compressed: Whether it is packed with gzip.
    """

    name: FormatName
    compressed: bool = False

    @property
    def title(self) -> str:
        """What a person calls it."""
        titles = {"csv": "Delimited text", "jsonl": "JSON lines", "parquet": "Parquet"}
        return titles[self.name] + (", packed with gzip" if self.compressed else "")


def detect(path: Path) -> Format:
    """Tell what a file is.

    Args:
        path: The file.

    Returns:
        Its format.

    Raises:
        NotFound: There is no such file.
        BadInput: It is empty, or nothing we can read as a table.
    """
    if path.is_dir():
        raise BadInput(f"{path} is a folder, not a file.", "Give the path of one file in it.")
    if not path.is_file():
        raise NotFound(f"There is no file {path}.", "Check the path.")
    if path.stat().st_size == 0:
        raise BadInput(f"{path.name} is empty.", "Choose a file with a header and rows.")
    compressed = _start(path, compressed=False)[:2] == b"\x1f\x8b"
    head = _start(path, compressed=compressed)
    if not head:
        raise BadInput(f"{path.name} is empty once unpacked.", "Choose a file with rows.")
    for magic, kind, hint in FOREIGN:
        if head.startswith(magic):
            raise BadInput(f"{path.name} is {kind}, not a table we can read.", hint)
    if head.startswith(b"PAR1"):
        if compressed:
            raise BadInput(f"{path.name} is Parquet inside gzip.", "Unpack it first.")
        return Format("parquet")
    if path.suffix.lower() == ".parquet":
        raise BadInput(f"{path.name} does not begin like a Parquet file.", "Export it again.")
    _refuse_binary(path.name, head)
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if text.startswith(b"["):
        # A bracket may open a CSV cell as well; only a JSON array goes on with an object or ends.
        _refuse_array(path.name, text)
    return Format("jsonl" if text.startswith(b"{") else "csv", compressed)


class _Bounded(io.RawIOBase):
    """Unpacked bytes that stop before they fill memory or disk."""

    def __init__(self, path: Path) -> None:
        self._name, self._packed = path.name, path.stat().st_size
        self._source = gzip.GzipFile(path)
        self._read = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "bytearray | memoryview") -> int:  # type: ignore[override]
        try:
            data = self._source.read(len(buffer))
        except (OSError, EOFError, zlib.error) as error:
            raise BadInput(
                f"{self._name} is damaged: it ends or breaks before its data does.",
                "Copy or download it again.",
            ) from error
        self._read += len(data)
        ratio = self._read / self._packed
        if self._read > MAX_UNPACKED_BYTES or (self._read > RATIO_FREE_BYTES and ratio > MAX_RATIO):
            raise BadInput(
                f"{self._name} unpacks to more than {self._read / 1e6:,.0f} MB from "
                f"{self._packed / 1e6:,.1f} MB; that is not how a table packs.",
                "Unpack it yourself and load the part you need.",
            )
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._source.close()
        super().close()


def open_bytes(path: Path, *, compressed: bool) -> IO[bytes]:
    """Open a file for reading, unpacked and bounded if it is packed.

    Args:
        path: The file.
        compressed: Whether it is packed with gzip.

    Returns:
        A binary stream of the unpacked content.
    """
    if compressed:
        return io.BufferedReader(_Bounded(path), buffer_size=1 << 18)
    return path.open("rb")


def _start(path: Path, *, compressed: bool) -> bytes:
    with open_bytes(path, compressed=compressed) as stream:
        return stream.read(4096)


def _refuse_binary(name: str, head: bytes) -> None:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if max(even, odd) > 0.3 * len(head) / 2 and min(even, odd) < 0.05 * len(head) / 2:
        return  # UTF-16 without a mark: every second byte of plain text is zero
    odd_ones = sum(byte < 9 or 13 < byte < 32 for byte in head)
    if odd_ones > max(8, 0.02 * len(head)):
        raise BadInput(
            f"{name} is binary, not a table in text or Parquet.",
            "Export it as CSV, JSON lines or Parquet.",
        )


def _refuse_array(name: str, text: bytes) -> None:
    after = text[1:].lstrip()
    if after[:1] in (b"{", b"["):
        raise BadInput(
            f"{name} is one JSON array; JSON lines has one object on each line.",
            f"Convert it: jq -c '.[]' {name} > rows.jsonl",
        )
