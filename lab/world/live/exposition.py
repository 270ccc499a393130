"""What the live world shows to a scraper: Prometheus' text format, times in world time."""

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lab.core.schemas import series_id

# Labels that a scraper gives by itself.
OF_TARGET = ("job", "instance")
PARTS = ("_bucket", "_sum", "_count")
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


@dataclass(frozen=True)
class Point:
    """One sample of one minute.

    Args:
        family: Metric it belongs to, without the suffix of a histogram's part.
        kind: ``counter``, ``gauge`` or ``histogram``.
        name: Metric and labels in text form, without those a scraper gives.
        value: Its value.
    """

    family: str
    kind: str
    name: str
    value: float


def named(metric: str, labels: dict[str, str], kind: str) -> tuple[str, str, str]:
    """Family, kind and text form of a series, as ``Point`` takes them.

    >>> named("wait_seconds_bucket", {"job": "shop", "le": "0.1"}, "histogram")
    ('wait_seconds', 'histogram', 'wait_seconds_bucket{le="0.1"}')
    """
    own = {name: value for name, value in labels.items() if name not in OF_TARGET}
    part = next((part for part in PARTS if metric.endswith(part)), "")
    family = metric.removesuffix(part) if kind == "histogram" else metric
    return family, kind, series_id(metric, own)


class Pages:
    """The newest minutes of one target.

    Args:
        keep: How many minutes.
    """

    def __init__(self, keep: int) -> None:
        """Begin empty."""
        self._minutes: deque[tuple[int, Sequence[Point]]] = deque(maxlen=keep)

    def add(self, time_ms: int, points: Sequence[Point]) -> None:
        """Add a minute; the oldest makes room.

        Args:
            time_ms: World time, milliseconds since 1970.
            points: What the target shows in it.
        """
        self._minutes.append((time_ms, points))

    def text(self, minutes: int = 1) -> str:
        """The page.

        Args:
            minutes: How many of the newest minutes it holds, so that a scraper which comes
                late finds what it missed.
        """
        shown = list(self._minutes)[-minutes:]
        families: dict[str, list[str]] = {}
        for time_ms, points in shown:
            for point in points:
                lines = families.setdefault(point.family, [f"# TYPE {point.family} {point.kind}"])
                lines.append(f"{point.name} {_number(point.value)} {time_ms}")
        return "".join(f"{line}\n" for line in _flat(families.values()))


def _flat(groups: Iterable[list[str]]) -> Iterable[str]:
    for group in groups:
        yield from group


def _number(value: float) -> str:
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
