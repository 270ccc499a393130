"""What the columns of a log are called, and which lines go on from the one above."""

import re

from lab.data.records import MAX_RECORD_LINES, MAX_REJECT_TEXT, Item

TIMESTAMP, LINE, RAW, EPOCH = "timestamp", "line_number", "raw", "epoch"
MESSAGE = "message"
NAMED = {"time": TIMESTAMP, "ts": TIMESTAMP, "msg": MESSAGE, "lvl": "level"}
CONTINUES = re.compile(
    r"\s|Caused by:|Traceback \(most|During handling of|The above exception|\.\.\. \d+ more|"
    r"(?:[a-zA-Z_]\w*\.)*[A-Z]\w*(?:Error|Exception|Warning|Interrupt)\b"
)


def goes_on(line: str, above: int) -> bool:
    """Whether a line that begins no event belongs to the one above.

    Args:
        line: The line.
        above: How many lines that event has.
    """
    return above < MAX_RECORD_LINES and bool(line.strip()) and bool(CONTINUES.match(line))


def turned_away(number: int, span: int, text: str, reason: str) -> Item:
    """Lines that are no event.

    Args:
        number: The first of them, from 1.
        span: How many there are.
        text: What they say.
        reason: Why they are none.
    """
    shown = text[:MAX_REJECT_TEXT].encode(errors="replace").decode()
    return Item("bad", number, span, [], reason, shown)


def misfit(pattern: str) -> str:
    """The reason for a line that is written differently."""
    return f"does not fit the pattern {pattern}"


def no_time(error: ValueError) -> str:
    """The reason for an event whose time there never was."""
    return f"holds no time: {error}"
