"""Column types, guessed from a sample of text cells and named in words a person can change.

Types: ``text``, ``integer``, ``number`` (decimal point), ``number:comma`` (decimal comma),
``number:thousands`` (1,234.5), ``boolean``, ``date``, ``time``, ``json`` (objects or lists);
dates and times may name a
pattern or an epoch after a colon. ``?`` in place of the detail means that a person must say.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from lab.data.times import ISO, is_zoned, time_kinds

# Cells that stand for "no value" wherever the column is not text.
MISSING = ("", "NA", "N/A", "n/a", "#N/A", "null", "NULL", "None", "NaN", "nan", "-")
TRUE = ("true", "t", "yes", "y", "1")
FALSE = ("false", "f", "no", "n", "0")
INTEGER = r"[+-]?\d+"
NUMBER = r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?"
COMMA = r"[+-]?(\d{1,3}([. ]\d{3})+|\d+)(,\d*)?"
THOUSANDS = r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?|[+-]?\d+(\.\d*)?"
NUMBERS = {"integer": INTEGER, "number": NUMBER, "number:comma": COMMA,
           "number:thousands": THOUSANDS}  # fmt: skip
NUMERIC = tuple(NUMBERS)
BASE = ("text", "integer", "number", "boolean", "date", "time", "json")
# Share of cells that decides the type of a column; the rest become rejects.
MOSTLY = 0.9
LARGEST = 2**63 - 1
_FAMILIES = tuple(
    re.compile(pattern)
    for pattern in (NUMBER, ISO.pattern, COMMA, THOUSANDS, r"\d{1,4}[/.-]\w{1,3}[/.-]\d{2,4}.*")
)
_TIME_WORDS = re.compile(r"(^|[^a-z])(time|timestamp|ts|date|datetime|epoch|when|t)([^a-z]|$)")
_IDENTITY = re.compile(r"[+-]?0\d+")


@dataclass(frozen=True)
class ColumnGuess:
    """What a column seems to be.

    Args:
        name: Its name.
        type: A column type; ``?`` after the colon when a person must choose.
        examples: A few different cells.
        missing: Share of sampled cells without a value, 0 to 1.
        choices: The types that fit equally well, when there are several.
        zoned: Whether its times carry a zone of their own.
        misfits: Sampled cells that are not of that type; rows with such cells are rejected.
    """

    name: str
    type: str
    examples: tuple[str, ...]
    missing: float
    choices: tuple[str, ...] = ()
    zoned: bool = False
    misfits: tuple[str, ...] = ()


def guess_column(name: str, cells: Sequence[str | None]) -> ColumnGuess:
    """Guess the type of a column.

    Args:
        name: Its name; ``time`` in it lets numbers be seconds since 1970.
        cells: A sample of its cells.

    Returns:
        The guess, which a person may change.
    """
    texts = [cell.strip() for cell in cells if cell is not None]
    present = [text for text in texts if text not in MISSING]
    missing = 1 - len(present) / len(cells) if cells else 1.0
    choices = _choices(name, present)
    misfits: list[str] = []
    if not present and "nan" in map(str.lower, texts):
        choices = ("number",)  # as programs write a number that is not there
    elif choices == ("text",):
        choices, misfits = _nearly(name, present)
    kind = choices[0] if len(choices) == 1 else f"{choices[0].partition(':')[0]}:?"
    zoned = kind.startswith("time") and is_zoned(kind, present)
    several = choices if len(choices) > 1 else ()
    # Where a comma makes the doubt, show one.
    fit = sorted(
        (t for t in present if t not in misfits), key=lambda t: bool(several) and "," not in t
    )
    examples = tuple(dict.fromkeys(text[:80] for text in fit))[:3]
    return ColumnGuess(name, kind, examples, missing, several, zoned, tuple(misfits))


def checked_column(guess: ColumnGuess, cells: Sequence[str | None]) -> ColumnGuess:
    """Hold a guess against further cells of its column.

    Args:
        guess: What the first cells look like.
        cells: Cells below them.

    Returns:
        The guess without choices that no longer fit, and with cells that fit none as misfits;
        a new one where there was no cell to guess from.
    """
    present = [text for cell in cells if cell is not None and (text := cell.strip()) not in MISSING]
    if not present or (guess.type == "text" and guess.missing < 1):
        return guess
    if guess.missing == 1:
        return replace(guess_column(guess.name, cells), missing=guess.missing)
    kinds = guess.choices or (guess.type,)
    fit = tuple(kind for kind in kinds if _fits(kind, present))
    if fit:
        kind = fit[0] if len(fit) == 1 else guess.type
        return replace(guess, type=kind, choices=fit if len(fit) > 1 else ())
    odd = [text for text in present if not any(_fits(kind, [text]) for kind in kinds)]
    return replace(guess, misfits=(*guess.misfits, *(odd or present)[:1]))


def _fits(kind: str, texts: Sequence[str]) -> bool:
    base = kind.partition(":")[0]
    if base in ("date", "time"):
        found = time_kinds(texts, numbers_too=True)
        return kind in found or (kind == "time" and found == ["date"])
    if base == "boolean":
        return {text.lower() for text in texts} <= {*TRUE, *FALSE}
    return all(map(_is_json, texts)) if base == "json" else _all(NUMBERS[kind], texts)


def known_column(guess: ColumnGuess, kind: str) -> ColumnGuess:
    """A guess with the type that is known; the guess itself where none is.

    Args:
        guess: What the cells look like.
        kind: A column type, or empty.
    """
    if not kind or guess.type.partition(":")[0] == kind:
        return guess
    return replace(guess, type=kind, choices=(), misfits=())


def _nearly(name: str, present: Sequence[str]) -> tuple[tuple[str, ...], list[str]]:
    """The type that nearly all cells have: one slip must not turn numbers into text."""
    for family in _FAMILIES:
        fit = [text for text in present if family.fullmatch(text)]
        if MOSTLY * len(present) <= len(fit) < len(present):
            choices = _choices(name, fit)
            if choices != ("text",):
                return choices, [text for text in present if not family.fullmatch(text)]
    return ("text",), []


def _choices(name: str, present: Sequence[str]) -> tuple[str, ...]:
    if not present:
        return ("text",)
    lowered = {text.lower() for text in present}
    if lowered <= {*TRUE, *FALSE} and not lowered <= {"0", "1"}:
        return ("boolean",)
    if all(text.startswith(("{", "[")) and _is_json(text) for text in present):
        return ("json",)
    times = time_kinds(present, numbers_too=bool(_TIME_WORDS.search(name.lower())))
    numbers = _numbers(present)
    if times and (not numbers or times[0].startswith("time:epoch")):
        return tuple(times)
    return numbers or ("text",)


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _numbers(present: Sequence[str]) -> tuple[str, ...]:
    if _all(INTEGER, present):
        # 007 is a name, as is what 64 bits cannot hold: a number would lose zeros or digits.
        large = sum(_is_large(text.lstrip("+-")) for text in present)
        named = large > (1 - MOSTLY) * len(present) or any(map(_IDENTITY.fullmatch, present))
        return () if named else ("integer",)
    if _all(NUMBER, present):
        return ("number",)
    # 1,500 fits both: a thousand and a half thousand, or one and a half.
    marks = ("number:comma", "number:thousands")
    return tuple(kind for kind in marks if _all(NUMBERS[kind], present))


def _is_large(digits: str) -> bool:
    return len(digits) > len(str(LARGEST)) or int(digits) > LARGEST


def _all(pattern: str, texts: Sequence[str]) -> bool:
    compiled = re.compile(pattern)
    return all(compiled.fullmatch(text) for text in texts)
