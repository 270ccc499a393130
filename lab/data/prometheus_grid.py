"""When a range query is asked: multiples of its step, half-open, in parts that get answered."""

from dataclasses import dataclass
from datetime import UTC, datetime

from lab.core.errors import BadInput
from lab.core.lengths import seconds

# Prometheus' own limit of points a series in one answer.
MOST_POINTS = 11_000
# What one answer should hold over all series: about 3 MB, made well within the time limit.
REQUEST_SAMPLES = 100_000
DEFAULT_LENGTH = "1d"


@dataclass(frozen=True)
class Grid:
    """Moments at which a query is asked: ``start``, ``start + step``, and so on.

    Args:
        start: First moment, in whole seconds since 1970.
        step: Seconds from one moment to the next, at least 1.
        points: How many moments, at least 1.
    """

    start: int
    step: int
    points: int

    @property
    def last(self) -> int:
        """The last moment, in seconds since 1970."""
        return self.start + (self.points - 1) * self.step

    @property
    def words(self) -> str:
        """The window for a person, in UTC, its end excluded."""
        start, end = (datetime.fromtimestamp(t, UTC) for t in (self.start, self.last + self.step))
        return f"{start:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M} UTC"

    def split(self, series: int) -> "tuple[Grid, Grid | None]":
        """The moments of the next request, and those left after it; none is in both.

        Args:
            series: How many series will come back.

        >>> Grid(0, 60, 25_000).split(1)
        (Grid(start=0, step=60, points=11000), Grid(start=660000, step=60, points=14000))
        """
        points = min(self.points, MOST_POINTS, max(1, REQUEST_SAMPLES // max(1, series)))
        left = self.points - points
        rest = Grid(self.start + points * self.step, self.step, left) if left else None
        return Grid(self.start, self.step, points), rest

    def coarser(self, most: int) -> "Grid":
        """The same window with at most so many moments.

        >>> Grid(0, 60, 2_880).coarser(300)
        Grid(start=0, step=600, points=288)
        """
        times = -(-self.points // most)
        return Grid(self.start, self.step * times, -(-self.points // times))


def grid(start: str | None, end: str | None, step_seconds: int, now: datetime) -> Grid:
    """Lay the moments of a query into a window.

    They are multiples of the step, whatever the window, so that the same moment is never asked
    at two times a few seconds apart when windows overlap.

    Args:
        start: First moment as ISO 8601, UTC when it names no zone; or how long before the end,
            such as ``6h`` or ``2d``; a day when not given.
        end: First moment after, as ISO 8601; now when not given.
        step_seconds: Seconds from one moment to the next, at least 1.
        now: The present, tz-aware.

    Returns:
        The moments.

    Raises:
        BadInput: A text is no time, the step is no whole second, or the window is empty.
    """
    if step_seconds < 1 or step_seconds != int(step_seconds):
        raise BadInput(f"A step of {step_seconds} s cannot be asked.", "Use 1 or more seconds.")
    until = _moment(end) if end else int(now.timestamp())
    since = _since(start or DEFAULT_LENGTH, until)
    step = int(step_seconds)
    first, after = -(-since // step), -(-until // step)
    if after <= first:
        raise BadInput(
            f"The window from {_words(since)} to {_words(until)} holds no multiple of {step} s.",
            "Let it end later, or begin earlier.",
        )
    return Grid(first * step, step, after - first)


def _since(text: str, until: int) -> int:
    try:
        return until - int(seconds(text))
    except ValueError:  # no length of time, so it is a moment
        return _moment(text)


def _moment(text: str) -> int:
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise BadInput(
            f"{text!r} is not a time.", "Write it as 2026-03-09 14:30, or 6h for the last 6 hours."
        ) from error
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return int(moment.timestamp() // 1)


def _words(seconds: int) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S} UTC"
