"""Faults over real series with gaps, flat stretches and odd steps: the same promises hold."""

from pathlib import Path

import numpy as np
import pandas as pd

from lab.world.overlay.effects import LAID
from lab.world.overlay.laying import lay
from lab.world.overlay.plan import Series, Window, plan


def test_real_series_change_only_inside_their_windows(shared_data: Path):
    files = sorted((shared_data / "nab" / "data").rglob("*.csv"))
    assert files
    files = files[::3]
    laid = 0
    for file in files:
        table = pd.read_csv(file, parse_dates=["timestamp"]).drop_duplicates("timestamp")
        table["timestamp"] = table["timestamp"].dt.tz_localize("UTC")
        table = table.sort_values("timestamp").assign(series_id="s")
        step = table["timestamp"].diff().median().total_seconds()
        first, last = table["timestamp"].iloc[[0, -1]]
        window = Window(first + (last - first) / 2, last, step)
        planned = plan({"": [Series("s", file.stem)]}, list(LAID), [0.3, 1.0], window)
        changed = lay(table[["series_id", "timestamp", "value"]], planned, step)
        inside = np.zeros(len(changed.samples), dtype=bool)
        for each in changed.overlays:
            inside |= changed.samples["timestamp"].between(each.start, each.end, "left")
        assert inside.all(), file.name
        laid += len(changed.overlays)
    assert laid > 5 * len(files)
