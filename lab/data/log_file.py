"""Whether a text file is a log, how it is written, and the door into it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from lab.core.errors import BadInput
from lab.data.door import Opened
from lab.data.formats import PACKED, Format
from lab.data.lines import open_text, split_lines
from lab.data.log_catalogue import LOGFMT, guess_log
from lab.data.log_columns import CONTINUES, EPOCH, LINE, MESSAGE, NAMED, RAW, TIMESTAMP
from lab.data.log_lines import LogDoor
from lab.data.log_patterns import line_pattern
from lab.data.log_times import TimeForm, form_of, month_of
from lab.data.logfmt import keys_of, logfmt_pairs
from lab.data.reading import Reading

SAMPLE_LINES = 2_000
GUESS = "guess"
LOG_ENDINGS = (".log", ".out", ".err", ".syslog")
# Share of lines that must fit before text that is not called a log is read as one.
SURE = 0.9
NUMBERS = ("status", "bytes")


def looks_like_log(path: Path, kind: Format, encoding: str) -> bool:
    """Whether a text file had better be read as a log than as a table.

    Args:
        path: The file.
        kind: How it is packed.
        encoding: Its encoding.
    """
    name = (kind.packing.member or path.name).lower()
    for ending in PACKED:
        name = name.removesuffix(ending)
    called_log = name.endswith(LOG_ENDINGS) or ".log." in name
    if not called_log and not name.endswith(".txt") and "." in name:
        return False
    lines = _sample(path, kind, encoding)
    found = guess_log(lines, loose=called_log)
    if _is_logfmt(lines) or found is None:
        return _is_logfmt(lines)
    said = {"level", "host", "status"} & set(found.pattern.names)
    return called_log or (found.share >= SURE and bool(said) and found.title != "Barred")


def open_log(path: Path, kind: Format, encoding: str, asked: Reading) -> Opened:
    """Open a log file.

    Args:
        path: The file.
        kind: How it is packed.
        encoding: Its encoding.
        asked: The pattern, or ``guess``; and the year of times that say none.

    Raises:
        BadInput: No pattern fits, or the one given is none.
    """
    lines = _sample(path, kind, encoding)
    text = asked.pattern if asked.pattern not in ("", GUESS) else _guessed(path.name, lines)
    doubts = []
    if text == LOGFMT:
        matched = [pairs for pairs in map(logfmt_pairs, lines) if pairs]
        names: Sequence[str] = keys_of(matched)
    else:
        pattern = line_pattern(text)
        matched = [values for values in map(pattern.match, lines) if values is not None]
        names = pattern.names
    if not matched:
        raise BadInput(
            f"No line of {path.name} fits {text}.", f"The first one is: {lines[0][:200]}"
        )
    share = len(matched) / len(lines)
    if share < 1:
        doubts.append(f"{1 - share:.1%} of the first lines do not fit the pattern {text}.")
    stamps = (EPOCH,) if EPOCH in names else tuple(k for k, v in NAMED.items() if v == TIMESTAMP)
    times = [one[name] for one in matched for name in stamps if one.get(name)]
    form = form_of(times) if times else None
    year = asked.year
    if form and not form.has_year and not year:
        year = _year(path, times, form)
        doubts.append(f"Its times name no year; the file is from {year}, so that is taken.")
    columns = _columns(names)
    door = LogDoor(path, replace(kind, name="log"), encoding, text, form, columns, year)
    types = {name: _TYPES.get(name, "text") for name in columns}
    return Opened(door, columns, pattern=text, year=year, doubts=tuple(doubts), types=types)


_TYPES = {TIMESTAMP: "time", LINE: "integer", **dict.fromkeys(NUMBERS, "integer")}


def _columns(names: Sequence[str]) -> tuple[str, ...]:
    """Time, level and component first, message, line and raw text last."""
    mine = [NAMED.get(name, name) for name in names]
    front = [name for name in (TIMESTAMP, "level", "component") if name in mine]
    rest = [name for name in mine if name not in (*front, MESSAGE, LINE, RAW, EPOCH)]
    text = [MESSAGE] if MESSAGE in mine else []
    return tuple(dict.fromkeys([*front, *rest, *text, LINE, RAW]))


def _guessed(file: str, lines: Sequence[str]) -> str:
    if not lines:
        raise BadInput(f"{file} holds no lines.", "Choose a log with something in it.")
    if _is_logfmt(lines):
        return LOGFMT
    found = guess_log(lines, loose=True)
    if found is None:
        raise BadInput(
            f"It cannot be told how the lines of {file} are written, such as: {lines[0][:120]}",
            "Write a pattern, such as <time> <level> [<component>] <message>.",
        )
    return found.pattern.text


def _is_logfmt(lines: Sequence[str]) -> bool:
    fit = sum(logfmt_pairs(line) is not None for line in lines)
    return bool(lines) and fit >= SURE * len(lines)


def _sample(path: Path, kind: Format, encoding: str) -> list[str]:
    """First lines that begin an event, as far as that can be told before the pattern is known."""
    with open_text(path, kind, encoding) as text:
        first = islice(split_lines(text, path.name), SAMPLE_LINES)
        return [line.rstrip("\r\n") for line in first if line.strip() and not CONTINUES.match(line)]


def _year(path: Path, times: Sequence[str], form: TimeForm) -> int:
    """The year the file was last written in, or the one before when its times come later."""
    written = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    months: Counter[int] = Counter()
    for text in times[:200]:
        try:
            months[month_of(text, form)] += 1
        except ValueError:
            continue  # such a line is rejected, with its reason, when rows are read
    usual = months.most_common(1)[0][0] if months else written.month
    return written.year - (usual > written.month)
