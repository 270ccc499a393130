"""Numbers, sizes and durations as people read them."""

import math
import re

from lab.core.words import THIN, grouped

# What Markdown and Streamlit's own directives are written with.
MARKUP = re.compile(r"([\\`*_$\[\]<>~#|]|:(?=[a-z]))")


def literal(text: str) -> str:
    r"""A text of a person's own for where Streamlit reads Markdown, to be shown as it is.

    >>> print(literal("no file __a__$b"))
    no file \_\_a\_\_\$b
    """
    return MARKUP.sub(r"\\\1", text)


def number(value: float | None, unit: str = "", digits: int = 3) -> str:
    """A number with thin-space thousands, ``digits`` significant digits, and its unit.

    >>> number(1234567.0).replace(THIN, "_")
    '1_234_567'
    >>> number(0.83333), number(None), number(12.5, "%").replace(THIN, "_")
    ('0.833', '–', '12.5_%')
    """
    if value is None or not math.isfinite(value):
        return "–"
    if float(value).is_integer() or abs(value) >= 10_000:
        text = grouped(value, ".0f")
    else:
        decimals = max(0, digits - math.floor(math.log10(abs(value))) - 1)
        text = grouped(value, f".{decimals}f")
        text = text.rstrip("0").rstrip(".") if "." in text else text
    return f"{text}{THIN}{unit}" if unit else text


def bytes_text(size: float) -> str:
    """A size in bytes in the unit that fits.

    >>> bytes_text(1536000).replace(THIN, " ")
    '1.54 MB'
    """
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000 or unit == "GB":
            return number(size, unit)
        size /= 1000
    raise AssertionError("unreachable")


def duration(seconds: float | None) -> str:
    """A duration in the unit that fits.

    >>> duration(42).replace(THIN, " "), duration(150).replace(THIN, " "), duration(None)
    ('42 s', '2.5 min', '–')
    """
    if seconds is None or not math.isfinite(seconds):
        return "–"
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= 1.5 * size:
            return number(seconds / size, unit, 2)
    return number(seconds, "s", 2)
