"""Rows that keep coming: batches with a key and positions, landed exactly once.

Whatever delivers them may deliver them again: after a crash, a lost answer, a restart. The
position behind the last landed record of a key is written in the same transaction as the rows,
and records below it are left out, so a batch lands once however often it comes.
"""

import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from lab.core.errors import Busy
from lab.core.workspace import Workspace

if TYPE_CHECKING:
    from lab.data.quality.contract import Column, Contract

LOCK = ".lab-stream.lock"


@dataclass(frozen=True)
class Record:
    """One record of a batch.

    Args:
        position: Its place under the key of the batch, from 0, ever the same.
        cells: Field and text; ``None`` when it cannot be read.
        reason: Why it cannot be read; reads after "The record".
        text: The record as it stands, cut.
    """

    position: int
    cells: Mapping[str, str | None] | None
    reason: str = ""
    text: str = ""


@dataclass(frozen=True)
class Batch:
    """Records that land together or not at all.

    Args:
        key: What the same batch has whenever it is delivered; for a log with positions of its
            own, the partition.
        records: The records, by position.
        sha256: Hash of its content, so that a key used for something else is found out; empty
            for a partition.
        problem: Why the whole of it cannot be read; empty when it can.
        label: What a person calls it.
        handle: What the source needs to know it again.
    """

    key: str
    records: Sequence[Record]
    sha256: str = ""
    problem: str = ""
    label: str = ""
    handle: object = None


@dataclass(frozen=True)
class Outcome:
    """What became of a batch.

    Args:
        loaded: Rows that landed now.
        rejected: Records turned away now.
        repeated: Records that had landed before.
        problem: Why nothing landed; empty when that is no failure.
        hint: What to do about it.
        reasons: Position and reason of the first rejected records.
    """

    loaded: int = 0
    rejected: int = 0
    repeated: int = 0
    problem: str = ""
    hint: str = ""
    reasons: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True)
class Sink:
    """Where the rows of a stream land.

    Args:
        stream: Name of the stream.
        table: The table.
        types: Column types by column, where a person has said them.
        timezone: IANA zone of times without one; such times are turned away when empty.
        contract: What its rows promise; those that break it are turned away.
    """

    stream: str
    table: str
    types: Mapping[str, str] = field(default_factory=dict)
    timezone: str = ""
    contract: "Contract | None" = None

    @property
    def load_id(self) -> str:
        """Under which id the stream stands in ``loads`` and ``rejects``."""
        return load_id(self.stream)

    @property
    def promised(self) -> "Mapping[str, Column]":
        """What a contract says of the columns."""
        return self.contract.columns if self.contract else {}


def load_id(stream: str) -> str:
    """Under which id a stream stands in ``loads`` and ``rejects``."""
    return f"stream {stream}"


class StreamSource(Protocol):
    """Something that delivers batches."""

    @property
    def name(self) -> str:
        """What it is called in ``stream_offsets``; the same after a restart."""
        ...

    def batches(self, positions: Mapping[str, int]) -> Iterator[Batch | None]:
        """Batches as they come; ``None`` now and then while none does.

        Args:
            positions: By key, the first record that has not landed yet.
        """
        ...

    def settle(self, batch: Batch, outcome: Outcome) -> None:
        """Take note that a batch has landed or was turned away; called after the commit.

        Raises:
            BadInput: It was turned away, and the source cannot set it aside.
        """
        ...


@contextmanager
def claimed(ws: Workspace, stream: str, place: Path | None = None) -> Iterator[None]:
    """Be the only one who reads a stream.

    Args:
        ws: The workspace.
        stream: Name of the stream.
        place: A folder that no other workspace may read meanwhile.

    Raises:
        Busy: Somebody else reads it.
    """
    from filelock import FileLock, Timeout

    mark = ws.state / f"stream-{hashlib.sha256(stream.encode()).hexdigest()[:16]}"
    note = mark.with_suffix(".pid")
    shared = FileLock(place / LOCK, timeout=0) if place else nullcontext()
    try:
        with FileLock(mark.with_suffix(".lock"), timeout=0), shared:
            note.write_text(str(os.getpid()), encoding="ascii")
            yield
    except Timeout as error:
        holder = note.read_text(encoding="ascii") if note.exists() else ""
        raise Busy(
            f"{stream} is already being read, by {f'process {holder}' if holder else 'another'}.",
            "Stop that one first; two readers of one stream would race each other.",
        ) from error
