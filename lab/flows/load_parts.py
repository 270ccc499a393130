"""What must be known before a file can be looked at: its parts, and how records are written."""

from dataclasses import dataclass
from pathlib import Path

from lab.core.workspace import Workspace
from lab.data.catalog import bundled
from lab.data.formats import archived, check_file, detect
from lab.data.json_door import JsonDoor
from lab.data.lines import guess_encoding
from lab.data.log_file import looks_like_log
from lab.data.reading import Reading
from lab.data.source import look
from lab.data.unfold import PARTS, part_names

PATTERN_HELP = (
    "`<name>` stands for a value, `{…}` for what may be absent, a space for any spaces, "
    "`<name+>` for a value with spaces; `<message>` takes the rest of the line. "
    "Example: `<time> <level> [<component>] <message>`"
)
LAYOUTS = {"flat": "As columns", "documents": "Whole, as documents"}


@dataclass(frozen=True)
class Parts:
    """What a file holds.

    Args:
        word: What a part is called.
        names: The parts to choose from; none where there is no choice.
    """

    word: str = ""
    names: tuple[str, ...] = ()


def parts(ws: Workspace, source: str, stamp: str) -> Parts:
    """The sheets, tables, files or lists of a file, for a person to choose one.

    Args:
        ws: The workspace.
        source: A path, or the name of a bundled data set.
        stamp: See ``load_form.file_stamp``.

    Raises:
        BadInput: The file cannot be read.
    """
    del stamp
    path = _path(source)
    if path is None:
        return Parts()
    check_file(path)
    if members := archived(path):
        return Parts("File in the archive", tuple(members) if len(members) > 1 else ())
    kind = detect(path)
    if kind.name in PARTS:
        names = part_names(ws, path, kind.name)
    elif kind.name == "json":
        names = tuple(JsonDoor(path, kind, guess_encoding(path, kind).name, ()).lists())
    else:
        return Parts()
    word = PARTS.get(kind.name, "list").capitalize()
    return Parts(word, names if len(names) > 1 else ())


def manner(ws: Workspace, source: str, part: str, stamp: str) -> Reading:
    """How the records of a file seem to be written, where a person may want it otherwise.

    Args:
        ws: The workspace.
        source: A path, or the name of a bundled data set.
        part: The part that was chosen.
        stamp: See ``load_form.file_stamp``.

    Returns:
        Layout of JSON, pattern and year of a log; all empty for any other file.
    """
    del stamp
    path = _path(source)
    if path is None:
        return Reading()
    kind = detect(path, part)
    if kind.name == "csv" and not looks_like_log(path, kind, guess_encoding(path, kind).name):
        return Reading()
    if kind.name not in ("csv", "json"):
        return Reading()
    return look(ws, path, asked=Reading(part)).reading


def _path(source: str) -> Path | None:
    """The path, unless a bundled data set is meant."""
    return None if source in {card.name for card in bundled()} else Path(source).expanduser()
