"""Reads what a target exposes: Prometheus' text format and OpenMetrics.

Sources: the exposition format 0.0.4 of Prometheus, and the OpenMetrics specification 1.0.
"""

import io
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lab.core.errors import BadInput
from lab.core.words import grouped

OPENMETRICS = "application/openmetrics-text"
TEXT = ("text/plain", "", "application/octet-stream")
ACCEPT = f"{OPENMETRICS};version=1.0.0;q=0.8,text/plain;version=0.0.4;q=0.5"
MOST_SAMPLES = 100_000
LONGEST_SHOWN = 120
# What the parsers raise on text that is not theirs, garbage included.
WRONG = (ValueError, IndexError, KeyError, TypeError, AttributeError, OverflowError)
# Possessive, so that no line can make matching explode.
SAMPLE = re.compile(
    r'\s*+[^\s{]*+\s*+(?:\{(?:[^"}]|"(?:[^"\\]|\\.)*+")*+\}\s*+)?'
    r"(?P<value>[+-]?(?:(?:\d++\.?\d*+|\.\d++)(?:e[+-]?\d++)?|inf(?:inity)?|nan))"
    r"(?:\s++[+-]?\d++)?\s*+",
    re.ASCII | re.IGNORECASE,
)


@dataclass(frozen=True)
class Sample:
    """One sample as a target exposes it.

    Args:
        metric: Its full name, suffixes such as ``_bucket`` included.
        labels: The labels the target gave it.
        value: Its value; may be NaN or infinite.
        time_ms: Its own time, milliseconds since 1970; None when it has none.
    """

    metric: str
    labels: dict[str, str]
    value: float
    time_ms: int | None


def parse(body: bytes, content_type: str = "", most: int = MOST_SAMPLES) -> list[Sample]:
    r"""Read a page of metrics, whole or not at all.

    Args:
        body: The page.
        content_type: What the target says it is; where it says nothing, a last line ``# EOF``
            marks OpenMetrics.
        most: Most samples a page may hold.

    Returns:
        Every sample in the order of the page.

    Raises:
        BadInput: It is no page of metrics, or it holds too many samples; the message names the
            line.

    >>> parse(b"# TYPE jobs counter\njobs 7\n", "text/plain; version=0.0.4")
    [Sample(metric='jobs', labels={}, value=7.0, time_ms=None)]
    """
    strict = _is_openmetrics(body, content_type)
    lines = _Lines(_text(body), strict)
    found: list[Sample] = []
    try:
        for given in _given(lines, strict):
            found.append(_sample(given))
            if len(found) > most:
                raise _too_many(most)
    except WRONG as error:
        raise BadInput(
            f"Line {lines.number} is not in the {'OpenMetrics' if strict else 'exposition'} "
            f"format ({_reason(error)}): {lines.line.strip()[:LONGEST_SHOWN]!r}.",
            "Correct what the target exposes; promtool check metrics says more.",
        ) from error
    return found


class _Lines:
    """The lines of a page, counted, so that an error can name its own."""

    def __init__(self, text: str, strict: bool) -> None:
        self.text, self.strict = text, strict
        self.number, self.line = 0, ""

    def __iter__(self) -> Iterator[str]:
        for line in io.StringIO(self.text, newline="\n"):
            self.number, self.line = self.number + 1, line
            yield line if self.strict else _as_prometheus(line)


def _as_prometheus(line: str) -> str:
    """The line, so that the laxer parser reads it as Prometheus does.

    It would add ``_total`` to the name of a counter without it, so a counter is declared as of no
    type, on which nothing we keep depends. And it would take the last of many numbers for the
    time, an exemplar for a part of the name, and any digits of Unicode for a number.
    """
    words = line.split()
    if words[:2] == ["#", "TYPE"] and words[3:] == ["counter"]:
        return f"# TYPE {words[2]} untyped\n"
    if words and not words[0].startswith("#"):
        found = SAMPLE.fullmatch(line)
        if not found:
            raise ValueError("not a name, a value and at most a time in whole milliseconds")
        if math.isinf(float(found["value"])) and "inf" not in found["value"].lower():
            raise ValueError("the value is too large")
    return line


def _given(lines: _Lines, strict: bool) -> Iterator[Any]:
    from prometheus_client import parser
    from prometheus_client.openmetrics import parser as openmetrics

    families = (openmetrics if strict else parser).text_fd_to_metric_families(lines)
    for family in families:
        yield from family.samples


def _sample(given: Any) -> Sample:
    time = None if given.timestamp is None else round(float(given.timestamp) * 1000)
    return Sample(given.name, given.labels, float(given.value), time)


def _is_openmetrics(body: bytes, content_type: str) -> bool:
    kind, _, rest = content_type.lower().partition(";")
    if kind.strip() == OPENMETRICS:
        return True
    if kind.strip() not in TEXT:
        raise BadInput(
            f"It answers with {kind.strip()}, which holds no metrics.",
            "Name the path of its metrics, often /metrics.",
        )
    return "version=0.0.4" not in rest and body.rstrip().endswith(b"\n# EOF")


def _text(body: bytes) -> str:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        line = body.count(b"\n", 0, error.start) + 1
        raise BadInput(f"Line {line} is not UTF-8.", "Correct what the target exposes.") from error


def _reason(error: Exception) -> str:
    said = " ".join(str(error).split())
    return said[:LONGEST_SHOWN] or type(error).__name__


def _too_many(most: int) -> BadInput:
    return BadInput(
        f"It exposes more than {grouped(most)} samples.", "Raise sample_limit, or expose fewer."
    )
