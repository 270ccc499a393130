"""Samples summed up in stretches of time while they pass in order: see ``lab.data.rollups``.

What lies in order needs no search for what belongs together: every stretch is a run of samples.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from lab.data.rollups import (
    LEAST_SAMPLES,
    LEAST_STRETCHES,
    LONG,
    ORIGIN_MICROSECONDS,
    WIDTHS,
)

if TYPE_CHECKING:
    import numpy as np

    Whole = np.ndarray[tuple[int], np.dtype[np.int64]]
    Numbers = np.ndarray[tuple[int], np.dtype[np.float64]]


def narrowest(samples: int, first: int, last: int) -> int:
    """Width of the narrowest stretches that are worth their room.

    Args:
        samples: How many samples a series has.
        first: Time of the first, in microseconds.
        last: Time of the last.

    Returns:
        Microseconds; 0 for a series that is read as it stands.

    >>> narrowest(86_400, 0, 86_399_000_000), narrowest(10, 0, 9_000_000)
    (60000000, 0)
    """
    if samples < LONG:
        return 0
    span = last - first
    worth = (width for width in WIDTHS if samples * width >= LEAST_SAMPLES * span)
    width = next(worth, 0)
    return width if span >= LEAST_STRETCHES * width else 0


@dataclass(frozen=True)
class Stretches:
    """Times of samples in order, parted.

    Args:
        codes: Number of the series each belongs to, shape (T,), ascending.
        times: Microseconds since 1970, shape (T,), ascending within a series.
        widths: Width of the stretches by series, shape (S,), microseconds; 0 for none.
    """

    codes: "np.ndarray[tuple[int], np.dtype[np.uint16]]"
    times: "Whole"
    widths: "Whole"

    @cached_property
    def _buckets(self) -> "Whole":
        """Start of the stretch of each sample."""
        import numpy as np

        # Where there are no stretches, the width does not matter.
        width = np.maximum(self.widths, 1)[self.codes]
        since: Whole = self.times - ORIGIN_MICROSECONDS
        return self.times - since % width

    @cached_property
    def _numbers(self) -> "Whole":
        """Number of the stretch of each sample, from 0; -1 for none."""
        import numpy as np

        codes, buckets = self.codes, self._buckets
        new = (codes[1:] != codes[:-1]) | (buckets[1:] != buckets[:-1])
        numbers = np.concatenate([[0], np.cumsum(new)])
        return np.where(self.widths[codes] > 0, numbers, -1)

    def summed(self, values: "Numbers") -> "dict[str, np.ndarray]":
        """Sum up one value for each of the times.

        Args:
            values: The samples, shape (T,); NaN is a gap.

        Returns:
            A row a stretch with samples: ``code``, and the columns of rollups from ``width`` on,
            times in microseconds.
        """
        import numpy as np

        kept = (self._numbers >= 0) & ~np.isnan(values)
        every: Any = slice(None) if kept.all() else kept
        codes, times, values = self.codes[every], self.times[every], values[every]
        starts = np.flatnonzero(np.diff(self._numbers[every], prepend=-1))
        counts = np.diff(starts, append=len(values))
        ends = starts + counts - 1
        found = {
            "code": codes[starts],
            "width": self.widths[codes[starts]],
            "bucket": self._buckets[every][starts],
            "first_at": times[starts],
            "first": values[starts],
            "last_at": times[ends],
            "last": values[ends],
            "total": np.add.reduceat(values, starts),
            "samples": counts,
        }
        for name, extreme in (("low", np.minimum), ("high", np.maximum)):
            found[name] = extreme.reduceat(values, starts)
            hits = np.flatnonzero(values == np.repeat(found[name], counts))
            found[f"{name}_at"] = times[hits[np.searchsorted(hits, starts)]]
        return found
