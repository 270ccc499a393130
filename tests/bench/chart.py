"""Charts at scale: a series of ten million samples beside one of ten thousand.

Run it with ``.venv/bin/python -m tests.bench.chart``. Timed is what the page does for a picture:
the query and the figure as JSON, for all of the series and for a window that was marked in it;
also once, for the first look after a load, with the summing up.
"""

import statistics
import tempfile
import time
from pathlib import Path

from lab.core.workspace import Workspace, open_workspace
from lab.flows.picture import picture
from lab.plots.explore import series_chart
from tests.bench.measure import record, row

COMMAND = ".venv/bin/python -m tests.bench.chart"
SIZES = {"small": 10_000, "large": 10_000_000}
ROUNDS = 15
SERIES = 'load{instance="a"}'


def fill(ws: Workspace) -> None:
    """One series in each data set, a sample a second, noisy on a daily rhythm."""
    for dataset, samples in SIZES.items():
        ws.store.execute(
            "CREATE TABLE IF NOT EXISTS observations (dataset VARCHAR, timestamp TIMESTAMPTZ, "
            "series_id VARCHAR, value DOUBLE)"
        )
        ws.store.execute(
            "INSERT INTO observations SELECT $1, TIMESTAMPTZ '2026-01-01 00:00Z' + "
            "to_seconds(i), $2, sin(i / 13751.0) + (hash(i) % 1000) / 2000.0 "
            "FROM range($3) r(i)",
            [dataset, SERIES, samples],
        )


def seconds(ws: Workspace, dataset: str, part: bool) -> float:
    """Time of one picture."""
    from datetime import UTC, datetime, timedelta

    first = datetime(2026, 1, 1, tzinfo=UTC)
    whole = timedelta(seconds=SIZES[dataset])
    window = (first + whole / 3, first + whole / 2) if part else None
    began = time.perf_counter()
    series_chart(picture(ws, dataset, (SERIES,), window), {}, "load").to_json()
    return time.perf_counter() - began


def main() -> None:
    """Measure in turn and write it down."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        ws = open_workspace(Path(name) / "w")
        fill(ws)
        first = {dataset: seconds(ws, dataset, False) for dataset in SIZES}
        rows = []
        for title, part in (("all of it", False), ("a sixth of it", True)):
            taken: dict[str, list[float]] = {dataset: [] for dataset in SIZES}
            for _ in range(ROUNDS):
                for dataset, found in taken.items():
                    found.append(seconds(ws, dataset, part))
            ours, theirs = (statistics.median(taken[d]) for d in ("large", "small"))
            rows.append(row(f"10,000,000 samples, {title}", ours, "10,000 samples", theirs))
        rows.append(row("first look after a load", first["large"], "10,000 samples",
                        first["small"]))  # fmt: skip
        record("Charts", COMMAND, rows)


if __name__ == "__main__":
    main()
