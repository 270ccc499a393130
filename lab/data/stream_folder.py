"""A watched folder: each file dropped in is a batch, and is moved once it has landed."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import chain, count
from pathlib import Path

from lab.core.errors import BadInput, LabError, NotFound
from lab.core.workspace import Workspace
from lab.data.stream import Batch, Outcome
from lab.data.stream_records import content_key, file_records

DONE, FAILED = "done", "failed"
# Programs write under such a name first and rename when they have finished.
UNFINISHED = (".part", ".tmp", ".partial", ".crdownload", ".swp")
POLL_SECONDS = 0.5
MAX_WAITING = 1_000


@dataclass(frozen=True)
class FolderSource:
    """A folder whose files land in the order in which they were written.

    Args:
        ws: The workspace, whose limits hold for each file.
        folder: The folder; ``done`` and ``failed`` are made in it.
        settle_seconds: How long a file must stay as it is before it counts as written.
        sleep: Waits; another one in tests.
        seen: Size and time of each file when it was last looked at, and since when they hold.
    """

    ws: Workspace
    folder: Path
    settle_seconds: float = 2.0
    sleep: Callable[[float], None] = time.sleep
    seen: dict[Path, tuple[tuple[int, int], float]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The folder by its path."""
        return f"folder:{self.folder}"

    def batches(self, positions: Mapping[str, int]) -> Iterator[Batch | None]:
        """Files as they are finished; ``None`` when none is."""
        del positions  # a file that has landed is known by its key
        if not self.folder.is_dir():
            raise NotFound(f"There is no folder {self.folder}.", "Make it, or check the path.")
        try:
            for place in (DONE, FAILED):
                (self.folder / place).mkdir(exist_ok=True)
        except OSError as error:
            raise BadInput(
                f"{self.folder} cannot be written to: {error.strerror}.",
                "Files that have landed are moved within it; allow that.",
            ) from error
        while True:
            ready = self._ready()
            for path in ready:
                yield self._batch(path)
            if not ready:
                yield None
                self.sleep(POLL_SECONDS)

    def settle(self, batch: Batch, outcome: Outcome) -> None:
        """Move the file out of the way: to ``done``, or to ``failed`` with the reason beside it."""
        path = Path(str(batch.handle))
        nothing = outcome.rejected and not outcome.loaded
        problem = outcome.problem or (outcome.reasons[0][1] if nothing else "")
        target = _free(self.folder / (FAILED if problem else DONE) / path.name)
        with suppress(FileNotFoundError):  # a person took it away meanwhile; its rows are in
            path.rename(target)
        if problem:
            said = f"{problem} {outcome.hint}".strip()
            target.with_name(f"{target.name}.reason.txt").write_text(said + "\n", encoding="utf-8")
        self.seen.pop(path, None)

    def _ready(self) -> list[Path]:
        """Files that did not change for a while, the oldest first."""
        waiting = [path for path in self.folder.iterdir() if _counts(path)][:MAX_WAITING]
        found = []
        for path in waiting:
            try:
                stat = path.stat()
            except FileNotFoundError:
                continue  # renamed between the two looks
            looks, now = (stat.st_size, stat.st_mtime_ns), time.monotonic()
            before, since = self.seen.get(path, (None, now))
            self.seen[path] = (looks, since if before == looks else now)
            if before == looks and now - since >= self.settle_seconds:
                found.append((stat.st_mtime_ns, path))
        return [path for _, path in sorted(found)]

    def _batch(self, path: Path) -> Batch:
        (size, changed), name = self.seen[path][0], path.name
        try:
            self._check_size(name, size)
            sha256 = content_key(path)
            records = file_records(self.ws, path)
            return Batch(f"{sha256[:32]} {name}", records, sha256, "", name, path)
        except LabError as error:
            problem = str(error)
        except OSError as error:
            problem = f"{name} cannot be opened: {error.strerror}."
        return Batch(f"{size} {changed} {name}", [], "", problem, name, path)

    def _check_size(self, name: str, size: int) -> None:
        most = self.ws.settings.max_upload_mb
        if size > most * 1_000_000:
            raise BadInput(
                f"{name} is larger than {most} MB, too large for one batch.",
                "Load it, or drop it in several files.",
            )


def _counts(path: Path) -> bool:
    name = path.name.lower()
    return path.is_file() and not name.startswith((".", "~")) and not name.endswith(UNFINISHED)


def _free(path: Path) -> Path:
    others = (path.with_name(f"{path.stem} ({number}){path.suffix}") for number in count(2))
    return next(place for place in chain([path], others) if not place.exists())
