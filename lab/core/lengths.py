"""Lengths of time as people write them."""

import re

UNITS = {
    "ms": 0.001, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3_600.0, "d": 86_400.0, "w": 604_800.0,
}  # fmt: skip
PART = r"(\d{1,9}(?:\.\d{1,9})?)\s*(ms|s|min|m|h|d|w)"
LONGEST = 100 * 365 * UNITS["d"]


def seconds(text: str) -> float:
    """A length of time in seconds.

    Args:
        text: Numbers with ms, s, m or min, h, d or w; up to a hundred years.

    Raises:
        ValueError: It is none.

    >>> seconds("90min"), seconds("1m30s"), seconds("0.5 s"), seconds("7d")
    (5400.0, 90.0, 0.5, 604800.0)
    """
    parts = re.findall(PART, text)
    rest = re.sub(PART, "", text).strip()
    total = sum(float(count) * UNITS[unit] for count, unit in parts)
    if not parts or rest or total > LONGEST:
        raise ValueError(f"{text!r} is no length of time; write it as 7d, 12h, 30min or 90s")
    return total
