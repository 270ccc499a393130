"""Log lines read many at a time: the same rows, findings and counts as one by one."""

import io
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lab.data import log_columns, log_lines, log_patterns, row_blocks
from lab.data.formats import Format
from lab.data.lines import count_lines
from lab.data.log_catalogue import CATALOGUE, LOGFMT
from lab.data.log_clock import Clock
from lab.data.log_file import open_log
from lab.data.log_lines import LogDoor
from lab.data.log_patterns import line_pattern
from lab.data.log_times import FORMS, TimeForm, iso, month_of
from lab.data.reading import Reading
from lab.data.records import Item
from lab.data.row_blocks import RowBlock, line_blocks
from tests.data.test_log_patterns import WRITTEN

EVENTS = {
    "<time> <level> [<thread>] <component>: <message>": [
        "2026-01-02 10:00:00,123 INFO [main] com.x.App: it is number 1",
        "2026-01-02 10:00:59,123 WARN [a] b] c:d: e",
        "2026-02-30 10:00:00,123 INFO [main] com.x.App: there is no such day",
        "2026-01-02 10:00:00,1 Error  [ m ] x:  spaces  ",
        " 2026-01-02T10:00:00Z FATAL [m] x:",
    ],
    "{<<pri>>}<time> <host> <component+>{[<pid>]}{ (<address>)}: <message>": [
        "Dec 31 23:59:59 combo sshd(pam_unix)[19939]: check pass",
        "Jan  1 00:00:00 combo kernel: Linux",
        "<13>Feb 29 00:00:00 combo two words (1.2.3.4): é",
        "Feb 30 00:00:00 combo kernel: never",
    ],
    "<label> <epoch> <date> <node> <time> <message>": [
        "- 1117838570 2005.06.03 R02-M1 2005-06-03-15.42.50.675872 R02",
        "- 1117838571 2005.06.03 R02-M1 2005-06-03-15.42.50.675872 R02",
    ],
    '<user> "<what>" <status>': ['ann "say "hi" " 200', 'bob "" 404', 'x "y" 200 more'],
    LOGFMT: [
        'ts=2026-01-02T10:00:00.123Z level=info msg="it is up" took=3ms',
        r'ts=2026-01-02T10:00:00.124Z level=warn msg="say \"hi\"" took=',
        "level=info ts=2026-01-02T10:00:00.124Z msg=bare",
        "ts=2026-01-02T10:00:00.124Z ts=2026-01-02T10:00:00.125Z",
        "ts=2026-13-02T10:00:00.124Z level=info",
        "ts=2026-01-02T10:00:00.124Z new=1",
    ],
}  # fmt: skip
OTHERS = ["", "  ", "\tat x.Y(Y.java:1)", "Caused by: z", "java.lang.FooError: z", "garbage",
          "\0", "y" * 50, "  " + "z" * 2_500]  # fmt: skip
ENDS = ["\n", "\n", "\n", "\r\n", "\r"]
SOME = st.lists(st.tuples(st.integers(0, 30), st.sampled_from(ENDS)), max_size=40)


def rows_of(blocks: Iterable[RowBlock]) -> tuple[list, list[Item], Counter]:
    rows, bad, kinds = [], [], Counter()
    for block in blocks:
        assert list(block.lines) == sorted(set(block.lines))
        cells = [[cell or None for cell in row] for row in zip(*block.columns, strict=True)]
        rows += zip(block.lines, cells, strict=True)
        bad += block.bad
        kinds.update(block.kinds)
    return rows, bad, +kinds


def items_of(items: Iterable[Item]) -> tuple[list, list[Item], Counter]:
    rows, bad, kinds = [], [], Counter()
    for item in items:
        kinds[item.kind] += item.span
        if item.kind == "row":
            rows.append((item.line, [cell or None for cell in item.cells]))
        elif item.kind == "bad":
            bad.append(item)
    return rows, bad, kinds


def door_of(path: Path, pattern: str) -> LogDoor:
    head = path.with_name(f"{list(EVENTS).index(pattern)}.log")
    if not head.exists():
        head.write_text("".join(f"{line}\n" for line in EVENTS[pattern][:2]), encoding="utf-8")
    door = open_log(head, Format("log"), "utf-8", Reading(pattern=pattern, year=2023)).door
    assert isinstance(door, LogDoor)
    return replace(door, path=path)


@pytest.mark.parametrize("pattern", EVENTS)
@settings(deadline=None, max_examples=120, suppress_health_check=[*HealthCheck])
@given(lines=SOME, size=st.integers(40, 900), damaged=st.booleans())
def test_blocks_say_what_single_lines_say(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pattern: str, lines, size, damaged: bool
) -> None:
    for module in (log_columns, log_lines):
        monkeypatch.setattr(module, "MAX_RECORD_LINES", 4)
    monkeypatch.setattr(row_blocks, "BLOCK_CHARS", size)
    pool = EVENTS[pattern] * 3 + OTHERS
    content = "".join(pool[i % len(pool)] + end for i, end in lines).encode()
    path = tmp_path / "x.log"
    path.write_bytes(content.replace("é".encode(), b"\xff") if damaged else content)
    door = door_of(path, pattern)
    found = rows_of(door.blocks())
    assert found == items_of(door.items())
    assert door.count() == sum(found[2].values())


def test_most_lines_are_taken_apart_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without this the fast way might never be taken, and the test above would not tell."""
    monkeypatch.setattr(LogDoor, "_events", lambda *_: pytest.fail("read line by line"))
    for pattern, events in EVENTS.items():
        path = tmp_path / "x.log"
        path.write_text("".join(f"{line}\n" for line in events[:3] * 9), encoding="utf-8")
        assert sum(map(len, (block.lines for block in door_of(path, pattern).blocks()))) >= 9


@given(st.text(alphabet="a\r\n\x85é", max_size=60), st.integers(1, 7))
def test_line_blocks_are_physical_lines(text: str, size: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(row_blocks, "BLOCK_CHARS", size)
        found = [
            line for block in line_blocks(io.StringIO(text, newline=""), "x") for line in block
        ]
    assert found == [line.rstrip("\r\n") for line in io.StringIO(text, newline="")]
    assert len(found) == count_lines(io.StringIO(text, newline=""))


class SlowClock:
    """Every time read anew."""

    def __init__(self, form: TimeForm, year: int) -> None:
        self.form, self.year, self.month = form, year, 0

    def iso(self, text: str) -> str:
        if text and not self.form.has_year:
            month = month_of(text, self.form)
            self.year += self.month - month > 6
            self.month = month
        return text and iso(text, self.form, self.year)


TIMES = ["2026-01-02 10:00:00,123", "2026-02-29T10:00:00.123Z", "2026-01-02 10:00:00 +01:00",
         "2026/01/02 10:00:00.5", "10/Oct/2000:13:55:36 -0700", "Sun Dec 04 04:47:44 2005",
         "2005-06-03-15.42.50.675872", "20171223-22:15:29:606", "20171223-22:15:9:6",
         "02 Jan 2026 10:00:00", "17/06/09 20:10:40", "081109 203615", "Jun  9 06:06:20",
         "Jun 10 06:06:61", "Feb 29 06:06:20.5", "Dec 30 23:59:59", "Jan  1 00:00:01",
         "03-17 16:13:38.811", "02-29 16:13:38.811", "0102 15:04:05.123456", "1117838570",
         "1117838570.5", "1117838570123", "1117838501", "12345", ""]  # fmt: skip


@given(
    st.sampled_from(FORMS),
    st.lists(st.tuples(st.sampled_from(TIMES), st.integers(0, 40), st.sampled_from("0123456789")),
             max_size=60),
)  # fmt: skip
def test_clock_remembers_nothing_wrong(form: TimeForm, picked) -> None:
    quick, slow = Clock(form, 2023), SlowClock(form, 2023)

    def said(clock, text: str) -> str:
        try:
            return clock.iso(text)
        except ValueError as error:
            return repr(error)

    for time, place, digit in picked:
        fits = [text for text in TIMES if re.fullmatch(form.pattern, text)]
        text = fits[place % len(fits)] if fits and place % 3 else time
        if place < len(text) and text[place].isdigit():
            text = text[:place] + digit + text[place + 1 :]
        assert said(quick, text) == said(slow, text)
        assert (quick.year, quick.month) == (slow.year, slow.month)


OWN = ["<a> <b+>: <message>", "{<a>: }<b> [<c>] (<d+>) <message>", '"<a>" <b+> <level>: <message>',
       "[<a>:<b>]{ <pid>} <message>", "<a>x{<c>y} <d>"]  # fmt: skip


@pytest.fixture(scope="module")
def tempered() -> dict[str, re.Pattern[str]]:
    """The obvious expressions, which look for the end of a value at every character."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(log_patterns, "_starts", lambda _: [])
        made = line_pattern.__wrapped__
        return {text: made(text).compiled for text in (*dict(CATALOGUE).values(), *OWN)}


@settings(max_examples=300)
@given(
    st.lists(st.sampled_from([*WRITTEN, *(line for some in EVENTS.values() for line in some)])),
    st.text(alphabet='ab x:y[]()"-<1>{} \t', max_size=40),
    st.data(),
)
def test_quick_expressions_match_what_the_obvious_ones_do(tempered, lines, text, data) -> None:
    line = data.draw(st.sampled_from([text, *lines]))
    cut = data.draw(st.integers(0, len(line)))
    line = line[:cut] + data.draw(st.sampled_from(["", " ", ":", "] ", '"', " - "])) + line[cut:]
    for pattern, obvious in tempered.items():
        quick = line_pattern(pattern).compiled.match(line)
        slow = obvious.match(line)
        assert (quick and (quick.groups(), quick.end())) == (slow and (slow.groups(), slow.end()))
