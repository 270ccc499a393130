"""Packed files, read as a stream that stops before it fills memory or disk."""

import bz2
import gzip
import io
import lzma
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Literal

from lab.core.errors import BadInput, unknown
from lab.core.words import grouped

# What a text file may grow to when unpacked; a gzip of 175 KB can hold 120 MB and more.
MAX_UNPACKED_BYTES = 4_000_000_000
# Real tables pack 5 to 40 times; only a bomb passes this once it is large.
MAX_RATIO = 200
RATIO_FREE_BYTES = 64_000_000
# A ZIP of a table has few files; looking through a million names is work for nothing.
MAX_MEMBERS = 1_000
SHOWN_MEMBERS = 10
Packer = Literal["", "gzip", "bz2", "xz", "zip"]
MAGIC: tuple[tuple[bytes, Packer], ...] = (
    (b"\x1f\x8b", "gzip"),
    (b"BZh", "bz2"),
    (b"\xfd7zXZ\x00", "xz"),
    (b"PK\x03\x04", "zip"),
)
BROKEN = (OSError, EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, NotImplementedError)


@dataclass(frozen=True)
class Packing:
    """How a file is packed.

    Args:
        packer: gzip, bz2, xz or zip; empty when it is not packed.
        member: The file in a ZIP archive.
    """

    packer: Packer = ""
    member: str = ""

    def __bool__(self) -> bool:
        return bool(self.packer)


def packing_of(path: Path, member: str = "") -> Packing:
    """Tell how a file is packed, and which file of an archive is meant.

    Args:
        path: The file.
        member: Name of a file in a ZIP archive; may be left out when there is only one.

    Returns:
        The packing; that of a workbook is none, though it is a ZIP archive.

    Raises:
        BadInput: The archive is damaged, empty, locked or unsafe, or holds several files.
        NotFound: It has no such file.
    """
    with path.open("rb") as stream:
        head = stream.read(8)
    packer: Packer = next((kind for magic, kind in MAGIC if head.startswith(magic)), "")
    if packer != "zip":
        return Packing(packer)
    names = members(path)
    if is_workbook(names):
        return Packing()
    if member and member not in names:
        raise unknown("file in the archive", member, names)
    if not member and len(names) > 1:
        more = f" and {len(names) - SHOWN_MEMBERS} more" if len(names) > SHOWN_MEMBERS else ""
        raise BadInput(
            f"{path.name} holds {len(names)} files: {', '.join(names[:SHOWN_MEMBERS])}{more}.",
            f"Choose one on the form, or say so: --part {names[0]!r}.",
        )
    return Packing("zip", member or names[0])


def is_workbook(names: list[str]) -> bool:
    """Whether the members of a ZIP archive are those of an Excel or OpenDocument workbook."""
    office = "[Content_Types].xml" in names and any(n.startswith("xl/workbook") for n in names)
    return office or ("mimetype" in names and "content.xml" in names)


def members(path: Path) -> list[str]:
    """The files in a ZIP archive, without folders and what an operating system leaves behind.

    Args:
        path: The archive.

    Raises:
        BadInput: It is damaged, empty, locked with a password, or no archive we would touch.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            every = [one for one in archive.infolist() if not one.is_dir()]
    except BROKEN as error:
        raise _damaged(f"{path.name}, a ZIP archive,") from error
    kept = [one for one in every if not _litter(one.filename)]
    if not kept:
        raise BadInput(f"{path.name} holds no file.", "Choose an archive with a table in it.")
    if len(kept) > MAX_MEMBERS:
        raise BadInput(
            f"{path.name} holds {grouped(len(kept))} files; at most {grouped(MAX_MEMBERS)} are "
            "looked at.",
            "Unpack it and choose the file you need.",
        )
    for one in kept:
        _check_member(path.name, one)
    return [one.filename for one in kept]


def open_bytes(path: Path, packing: Packing) -> io.BufferedReader:
    """Open a file for reading, unpacked and bounded if it is packed.

    Args:
        path: The file.
        packing: How it is packed.

    Returns:
        A binary stream of the unpacked content.
    """
    if packing:
        return io.BufferedReader(_Bounded(path, packing), buffer_size=1 << 18)
    return path.open("rb")


class _Bounded(io.RawIOBase):
    """Unpacked bytes, counted while they come: what an archive declares may be a lie."""

    def __init__(self, path: Path, packing: Packing) -> None:
        self._name, self._packed = path.name, path.stat().st_size
        self._archive: zipfile.ZipFile | None = None
        self._read = 0
        try:
            self._source = self._open(path, packing)
        except (*BROKEN, KeyError, RuntimeError) as error:
            raise _damaged(self._name) from error

    def _open(self, path: Path, packing: Packing) -> IO[bytes]:
        if packing.packer == "zip":
            self._archive = zipfile.ZipFile(path)
            return self._archive.open(packing.member)
        openers = {"gzip": gzip.GzipFile, "bz2": bz2.BZ2File, "xz": lzma.LZMAFile}
        stream: IO[bytes] = openers[packing.packer](path)
        return stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "bytearray | memoryview") -> int:  # type: ignore[override]
        try:
            data = self._source.read(len(buffer))
        except BROKEN as error:
            raise _damaged(self._name) from error
        self._read += len(data)
        check_ratio(self._name, self._packed, self._read)
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._source.close()
        if self._archive is not None:
            self._archive.close()
        super().close()


def check_ratio(name: str, packed: int, unpacked: int) -> None:
    """Refuse what unfolds as no table does.

    Args:
        name: The file, for the message.
        packed: Its size in bytes.
        unpacked: What it has unfolded to so far, or says that it will.

    Raises:
        BadInput: It is a bomb.
    """
    bomb = unpacked > RATIO_FREE_BYTES and unpacked > MAX_RATIO * packed
    if unpacked > MAX_UNPACKED_BYTES or bomb:
        raise BadInput(
            f"{name} unpacks to more than {grouped(unpacked / 1e6, '.0f')} MB from "
            f"{grouped(packed / 1e6, '.1f')} MB; that is not how a table packs.",
            "Unpack it yourself and load the part you need.",
        )


def _check_member(archive: str, one: zipfile.ZipInfo) -> None:
    name = one.filename
    parts = PurePosixPath(name.replace("\\", "/")).parts
    if name.startswith("/") or ".." in parts or ":" in parts[0]:
        raise BadInput(
            f"{archive} holds {name!r}, a name that leaves its folder.",
            "Do not trust this archive; get the table from its maker.",
        )
    if one.flag_bits & 1:
        raise BadInput(f"{archive} is locked with a password.", "Unpack it yourself first.")
    check_ratio(archive, max(one.compress_size, 1), one.file_size)


def _litter(name: str) -> bool:
    return name.startswith("__MACOSX/") or PurePosixPath(name).name in (".DS_Store", "Thumbs.db")


def _damaged(name: str) -> BadInput:
    return BadInput(
        f"{name} is damaged: it ends or breaks before its data does.", "Copy or download it again."
    )
