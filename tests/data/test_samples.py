"""Wide rows become the samples that a plain loop makes of them, in whatever blocks they come."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lab.core.progress import drain
from lab.core.schemas import series_id
from lab.core.workspace import Workspace
from lab.data import samples
from lab.data.rollups import LONG, sum_up
from lab.flows.ingest import ingest

START = pd.Timestamp("2026-01-01T00:00:07Z")


def wide(hosts: int, moments: int) -> pd.DataFrame:
    """Rows in no order, with gaps, and a host without a name."""
    rng = np.random.default_rng(3)
    rows = hosts * moments
    frame = pd.DataFrame({
        "time": np.repeat(pd.date_range(START, periods=moments, freq="1s"), hosts),
        "host": [None, *(f"h{i}" for i in range(1, hosts))] * moments,
        "cpu": rng.normal(size=rows).round(4),
        "jobs": rng.integers(0, 50, rows),
    })  # fmt: skip
    frame["cpu"] = frame["cpu"].where(rng.random(rows) > 0.1)
    frame["jobs"] = frame["jobs"].astype("Int64").where(rng.random(rows) > 0.2)
    return frame.sample(frac=1, random_state=3)


def slowly(frame: pd.DataFrame) -> list[tuple[pd.Timestamp, str, float]]:
    found = []
    for row in frame.itertuples():
        labels = {} if pd.isna(row.host) else {"host": row.host}
        for metric in ("cpu", "jobs"):
            value = getattr(row, metric)
            if not pd.isna(value):
                found.append((row.time, series_id(metric, labels), float(value)))
    return sorted(found)


def runs(ws: Workspace) -> int:
    """How often the next sample, as it lies, is not later in the same series."""
    return int(ws.store.rows(
        "SELECT count(*) FROM (SELECT series_id = lag(series_id) OVER (ORDER BY rowid) "
        "AND timestamp > lag(timestamp) OVER (ORDER BY rowid) AS next FROM observations) "
        "WHERE next IS NOT true"
    )[0][0])  # fmt: skip


@pytest.mark.parametrize("cells", [samples.BLOCK_CELLS, 400])
def test_as_a_loop_would(
    ws: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cells: int
) -> None:
    monkeypatch.setattr(samples, "BLOCK_CELLS", cells)
    monkeypatch.setattr(samples, "BATCH_ROWS", 64)
    frame = wide(3, 300)
    frame.to_csv(tmp_path / "m.csv", index=False)
    done = drain(ingest(ws, tmp_path / "m.csv", {"kind": "metrics", "dataset": "m"}))
    expected = slowly(frame)
    stored = ws.store.read(
        "SELECT timestamp, series_id, value FROM observations ORDER BY timestamp, series_id"
    )
    assert list(stored.itertuples(index=False, name=None)) == expected
    assert (done.values, done.series) == (len(expected), 6)
    if cells > len(frame):
        assert runs(ws) == 6, "a series lies together, in the order of time"


def test_long_series_are_summed_up_as_a_chart_would(
    ws: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(samples, "BLOCK_CELLS", 50_000)
    wide(2, 2 * LONG + 5_000).to_csv(tmp_path / "m.csv", index=False)
    drain(ingest(ws, tmp_path / "m.csv", {"kind": "metrics", "dataset": "m"}))
    query = "FROM observation_rollups ORDER BY series_id, width, bucket"
    landed = ws.store.read(query)
    ws.store.change(lambda connection: sum_up(connection, "m"))
    again = ws.store.read(query)
    assert landed["width"].unique().tolist() == [0, 60_000_000]
    ties = ["low_at", "high_at"]  # of equal samples, either may be told
    pd.testing.assert_frame_equal(landed.drop(columns=ties), again.drop(columns=ties))
