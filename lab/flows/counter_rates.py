"""Counters as growth: what a process has counted so far says nothing until it is differenced."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

# Endings that Prometheus' naming conventions keep for what only grows.
ENDINGS = ("_total", "_bucket", "_sum", "_count")
FALLS_AT_MOST = 0.01  # of all steps: a counter falls when its process begins again


def with_rates(frame: "pd.DataFrame") -> "pd.DataFrame":
    """Replace counters by their growth per second.

    A series is a counter if its name ends as counters do and it hardly ever falls. After a fall
    it has grown from zero, as in Prometheus' ``rate``; next to a gap its growth is not known.

    Args:
        frame: Table (n, series) on a regular grid of time; columns are series ids.

    Returns:
        The same table with counters replaced; their first row is empty.

    >>> import pandas as pd
    >>> times = pd.date_range("2026-03-02", periods=4, freq="60s")
    >>> with_rates(pd.DataFrame({"a_total{}": [60.0, 120, 180, 300]}, times))["a_total{}"].tolist()
    [nan, 1.0, 1.0, 2.0]
    """
    named = [name for name in frame.columns if str(name).partition("{")[0].endswith(ENDINGS)]
    if not named or len(frame) < 2:
        return frame
    grown = frame[named].diff()
    fell = grown < 0
    counters = fell.mean() <= FALLS_AT_MOST
    seconds = (frame.index[1] - frame.index[0]).total_seconds()
    rates = grown.mask(fell, frame[named]) / seconds
    return frame.assign(**{name: rates[name] for name in counters.index[counters]})
