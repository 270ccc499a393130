"""The line that stands for all samples: through the four that each column of pixels keeps."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

# A pause this many times longer than usual is a gap: the line stops there.
PAUSE = 10


def outline(columns: "pd.DataFrame") -> "pd.DataFrame":
    """The samples to join, in order of time, with an empty one in every gap.

    Args:
        columns: One series in order of time: ``first_at``, ``first``, ``last_at``, ``last``,
            ``low_at``, ``low``, ``high_at`` and ``high``, times as wall-clock or tz-aware.

    Returns:
        Columns ``timestamp`` and ``value``; where no column holds more than one sample these
        are the samples themselves.
    """
    import numpy as np
    import pandas as pd

    if columns.empty:
        return pd.DataFrame({"timestamp": columns["first_at"], "value": columns["first"]})
    names = ("first", "low", "high", "last")
    times = np.stack([columns[f"{name}_at"].to_numpy("datetime64[us]") for name in names], axis=1)
    values = np.stack([columns[name].to_numpy(np.float64) for name in names], axis=1)
    order = np.argsort(times, axis=1, kind="stable")
    times = np.take_along_axis(times, order, axis=1).ravel()
    values = np.take_along_axis(values, order, axis=1).ravel()
    fresh = np.concatenate([[True], times[1:] != times[:-1]])
    gaps = _gaps(columns["first_at"], columns["last_at"])
    # The empty sample stands at the end of the column before the gap.
    holes = np.flatnonzero(gaps) * 4 + 4
    kept = np.insert(fresh, holes, True)
    times = np.insert(times, holes, times[holes - 1])[kept]
    values = np.insert(values, holes, np.nan)[kept]
    return pd.DataFrame({"timestamp": times, "value": values})


def _gaps(first: "pd.Series", last: "pd.Series") -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
    """Whether a column is followed by a pause; between two columns stands the true step."""
    import numpy as np

    starts, ends = first.to_numpy("datetime64[us]"), last.to_numpy("datetime64[us]")
    pauses = (starts[1:] - ends[:-1]).astype(np.int64)
    if len(pauses) < 2:
        return np.zeros(len(pauses), dtype=np.bool_)
    return np.asarray(pauses > PAUSE * np.median(pauses), dtype=np.bool_)
