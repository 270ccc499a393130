"""Runs of samples in order are summed up as a search for what belongs together would."""

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from lab.data.rollups import LONG, ORIGIN_MICROSECONDS
from lab.data.stretches import Stretches, narrowest

SECOND = 1_000_000


def slowly(codes: np.ndarray, times: np.ndarray, widths: np.ndarray, values: np.ndarray) -> list:
    """The twin: rows by code and stretch, one sample after the other."""
    found: dict[tuple[int, int], list] = {}
    for code, time, value in zip(codes.tolist(), times.tolist(), values.tolist(), strict=True):
        if not widths[code] or np.isnan(value):
            continue
        bucket = time - (time - ORIGIN_MICROSECONDS) % int(widths[code])
        found.setdefault((code, bucket), []).append((time, value))
    rows = []
    for (code, bucket), samples in found.items():
        low, high = min(v for _, v in samples), max(v for _, v in samples)
        rows.append(
            (code, int(widths[code]), bucket, *samples[0], *samples[-1],
             next(t for t, v in samples if v == low), low,
             next(t for t, v in samples if v == high), high,
             sum(v for _, v in samples), len(samples))
        )  # fmt: skip
    return rows


@given(st.integers(0, 2**32 - 1), st.sampled_from([0, 1, 5, 300]), st.sampled_from([0.0, 0.3, 1.0]))
def test_as_a_search_would(seed: int, rows: int, gaps: float) -> None:
    rng = np.random.default_rng(seed)
    codes = np.sort(rng.integers(0, 3, rows)).astype("uint16")
    times = ORIGIN_MICROSECONDS + rng.integers(-500, 500, rows) * SECOND
    times = times[np.lexsort((times, codes))]
    values = rng.integers(-3, 4, rows).astype(float)
    values[rng.random(rows) < gaps] = np.nan
    widths = rng.choice([0, 60 * SECOND, 600 * SECOND], 3)
    found = Stretches(codes, times, widths).summed(values)
    columns = ["code", "width", "bucket", "first_at", "first", "last_at", "last", "low_at", "low",
               "high_at", "high", "total", "samples"]  # fmt: skip
    assert set(found) == set(columns)
    rows_found = list(zip(*(found[name].tolist() for name in columns), strict=True))
    assert rows_found == slowly(codes, times, widths, values)


def test_the_narrowest_stretches_hold_enough_samples_and_are_enough_themselves() -> None:
    day = pd.Timedelta("1D") // pd.Timedelta("1us")
    assert narrowest(LONG - 1, 0, day) == 0
    assert narrowest(86_400, 0, day - SECOND) == 60 * SECOND
    assert narrowest(LONG, 0, 365 * day) == 86_400 * SECOND
    assert narrowest(LONG, 0, 40_000 * day) == 0
    assert narrowest(LONG, 5, 5) == 0, "all at one moment"
