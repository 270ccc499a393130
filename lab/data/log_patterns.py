"""Patterns of log lines in a form that a person can read and write.

``<name>`` stands for a value, ``{…}`` for what may be absent, a space for any run of spaces;
everything else is itself. ``<time>``, ``<level>``, ``<pid>`` and a few more know what they look
like, ``<name+>`` may hold spaces, ``<message>`` takes the rest of the line. Any other value runs
to where the text behind it begins, so a line is read once from left to right: there is no
pattern that makes matching take exponentially long, and no regular expression to be written.
"""

import re
from dataclasses import dataclass
from functools import cache, cached_property

from lab.core.errors import BadInput
from lab.data.log_times import ANY_TIME

MAX_PATTERN_CHARS = 500
MAX_PLACEHOLDERS = 20
# Beyond it no line has a header; the rest is message.
MAX_HEADER_CHARS = 2_000
LEVELS = (
    "TRACE|DEBUG|FINEST|FINER|FINE|CONFIG|INFORMATION|INFO|NOTICE|WARNING|WARN|ERROR|ERR|SEVERE|"
    "CRITICAL|CRIT|ALERT|EMERGENCY|EMERG|FATAL|PANIC|FAILURE|AUDIT|LOG|[VDIWEFC]"
)
KNOWN = {
    "time": ANY_TIME,
    "level": rf"(?i:{LEVELS})(?![A-Za-z])",
    "pid": r"\d+(?!\d)",
    "tid": r"\d+(?!\d)",
    "status": r"\d{3}(?!\d)",
    "bytes": r"(?:\d+|-)(?!\d)",
    "epoch": r"\d{9,10}(?:\.\d+)?(?!\d)",
    "date": r"\d{4}[-./]\d{2}[-./]\d{2}",
    "host": r"[A-Za-z0-9][\w.:-]*+",
    "pri": r"\d{1,3}(?!\d)",
    "structured": r"-|(?:\[(?:[^\]\\\n]|\\.)*+\])+",
}
# Spaces within a line, so that a pattern reads many lines as one text.
GAP = r"[^\S\n]"
# Around what may be absent.
_MAY, _BE = "(?:", ")?+"
LONGEST_ESCAPE = 2
SPACES, LINE_END = r"\s", r"\n"
EXAMPLE = "<time> <level> [<component>] <message>"
# Name and plus of a value, spaces, a brace, or any other character.
_Token = tuple[str | None, str | None, str | None, str | None, str | None]
_TOKEN = re.compile(r"<([a-z][a-z0-9_]*)(\+?)>|(\s+)|([{}])|(.)", re.DOTALL)


@dataclass(frozen=True)
class LinePattern:
    """A pattern, ready to match.

    Args:
        text: As a person writes it.
        names: Its values, in order.
        compiled: What matches the head of a line.
    """

    text: str
    names: tuple[str, ...]
    compiled: "re.Pattern[str]"

    @cached_property
    def every(self) -> "re.Pattern[str]":
        """What matches each line of a text, in which a line feed and nothing else ends a line.

        It finds the line and its values; nothing but empty texts for one written differently.
        """
        rest = "(.*)" if self.names[-1] == "message" else f"{GAP}*"
        # The second way, for any other line, keeps lines and findings in step.
        return re.compile(f"^((?>{self.compiled.pattern}){rest})$|^.*$", re.MULTILINE)

    def match(self, line: str) -> dict[str, str] | None:
        """The values in a line; ``None`` when it is written differently."""
        found = self.compiled.match(line, 0, MAX_HEADER_CHARS)
        if found is None:
            return None
        values = {name: value.strip() for name, value in found.groupdict("").items()}
        rest = line[found.end() :].strip()
        if self.names[-1] != "message":
            return None if rest else values
        return {**values, "message": rest}


@cache
def line_pattern(text: str, time: str = "") -> LinePattern:
    """Make a pattern of what a person wrote.

    Args:
        text: Such as ``<time> <level> [<component>] <message>``.
        time: A regular expression of ours for its time; any known form when empty.

    Returns:
        The pattern.

    Raises:
        BadInput: It is empty, too long, names a value twice, or leaves open where one ends.

    >>> line_pattern("<level>: <message>").match("WARN: disk is full")
    {'level': 'WARN', 'message': 'disk is full'}
    """
    if not text.strip() or len(text) > MAX_PATTERN_CHARS:
        raise _bad(f"A pattern has 1 to {MAX_PATTERN_CHARS} characters.")
    tokens: list[_Token] = [token.groups() for token in _TOKEN.finditer(text.strip())]  # type: ignore[misc]
    names = [name for name, *_ in tokens if name]
    if not names or len(names) > MAX_PLACEHOLDERS:
        raise _bad(f"A pattern has 1 to {MAX_PLACEHOLDERS} values such as <message>.")
    if twice := next((name for name in names if names.count(name) > 1), ""):
        raise _bad(f"The pattern names <{twice}> twice.")
    if "message" in names[:-1] or ("message" in names and tokens[-1][0] != "message"):
        raise _bad("<message> takes the rest of the line, so it stands last.")
    _check_braces(tokens)
    head = "".join((GAP, "*", *_pieces(tokens, time or KNOWN["time"])))
    return LinePattern(text.strip(), tuple(names), re.compile(head, re.MULTILINE))


def _check_braces(tokens: list[_Token]) -> None:
    depth = 0
    for *_, brace, _ in tokens:
        depth += {"{": 1, "}": -1}.get(brace or "", 0)
        if depth not in (0, 1):
            raise _bad("Braces go around what may be absent, and not into each other.")
    if depth:
        raise _bad("A brace is not closed.")


def _pieces(tokens: list[_Token], time: str) -> list[str]:
    pieces, inside = [], 0
    for at, (name, plus, space, brace, plain) in enumerate(tokens):
        if name == "message":
            continue
        if name:
            known = time if name == "time" else KNOWN.get(name, "")
            if not known:
                known = _until(tokens, at, spaces=bool(plus) or inside > 0, time=time)
            # Possessive throughout: what was taken is never given back and tried again.
            pieces.append(f"(?P<{name}>(?>{known}))")
        elif space:
            last = at + 1 < len(tokens) and tokens[at + 1][0] == "message"
            pieces.append(f"(?:{GAP}++|$)" if last else f"{GAP}++")
        elif brace:
            pieces.append(_MAY if brace == "{" else _BE)
        elif plain:
            inside += (plain in "[(") - (plain in ")]") if inside or plain in "[(" else 0
            pieces.append(re.escape(plain))
    return pieces


def _until(tokens: list[_Token], at: int, *, spaces: bool, time: str) -> str:
    """A value that runs to the first place where the text behind it begins."""
    stop, depth = [], 0
    for name, _, space, brace, plain in tokens[at + 1 :]:
        if name and name in ("time", *KNOWN):
            stop.append(time if name == "time" else KNOWN[name])
        elif name and not depth:
            if not stop:
                raise _bad(f"Nothing says where <{tokens[at][0]}> ends and <{name}> begins.")
            break
        elif name:
            stop.append(r"[^)\n]*+" if stop[-1:] == [r"\("] else r"[^\]\n]*+")
        elif brace == "}" and not depth:
            continue  # the end of the group that the value itself is in
        elif brace:
            depth += 1 if brace == "{" else -1
            stop.append(_MAY if brace == "{" else _BE)
        else:
            stop.append(GAP if space else re.escape(plain or ""))
    if not stop:
        return ".+" if spaces else r"\S+"
    quoted = at and tokens[at - 1][4] == '"'
    some = "." if spaces or quoted else r"\S"
    one = f"(?!{''.join(stop)}){some}"
    if starts := _starts(stop):
        # Most characters begin no such text, so that it need not be looked for there.
        others = f"[^{''.join(starts)}{LINE_END if some == '.' else SPACES}]++"
        one = others if len(stop) == 1 or (starts, some) == ([SPACES], r"\S") else f"{others}|{one}"
    return f"(?:{one}){'*' if quoted else '+'}"


def _starts(stop: list[str]) -> list[str]:
    """The characters with which a text may begin; none where that cannot be told."""
    found, inside = list[str](), False
    for before, piece in zip(["", *stop], stop, strict=False):
        if piece in (_MAY, _BE):
            inside = piece == _MAY
        elif not inside or before == _MAY:
            if piece != GAP and len(piece) > LONGEST_ESCAPE:
                return []
            found.append(SPACES if piece == GAP else piece)
            if not inside:
                return found
    return []


def _bad(message: str) -> BadInput:
    return BadInput(message, f"Write it like {EXAMPLE}.")
