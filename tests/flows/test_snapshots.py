"""Snapshots: named by content, kept once, read-only, and tidied only when nothing needs them."""

import hashlib

import pandas as pd
import pytest

from lab.core.errors import BadInput, NotFound
from lab.core.workspace import Workspace
from lab.flows.contracts import keep_contract
from lab.flows.snapshot import take
from lab.flows.snapshots import load_snapshot, prune_snapshots, snapshot, snapshots
from lab.mlops.tracking import track

ROWS = pd.DataFrame(
    {
        "day": pd.to_datetime(["2026-01-02", "2026-01-01", None]),
        "at": pd.to_datetime(["2026-01-02", "2026-01-01", None], utc=True),
        "n": pd.array([2, None, 1], dtype="Int64"),
        "x": [0.5, float("nan"), 1.5],
        "s": ["b", "a", None],
        "b": [True, False, True],
    }
)


def test_the_same_rows_have_one_id_in_any_order(ws: Workspace) -> None:
    ws.store.write("one", ROWS)
    ws.store.write("two", ROWS.iloc[[2, 0, 1]])
    first, second = snapshot(ws, "one"), snapshot(ws, "two")
    assert first == second
    assert first.rows == 3
    assert hashlib.sha256(first.path.read_bytes()).hexdigest() == first.sha256
    assert len(list(ws.snapshots.iterdir())) == 1
    assert not list(ws.staging.iterdir())
    assert first.path.stat().st_mode & 0o222 == 0
    ws.store.write("two", ROWS.assign(x=9.0))
    assert snapshot(ws, "two").sha256 != first.sha256


def test_what_is_kept_comes_back(ws: Workspace) -> None:
    ws.store.write("one", ROWS)
    kept = snapshot(ws, "one")
    ws.store.execute("DROP TABLE one")
    back = load_snapshot(ws, kept.sha256[:8])
    assert back["s"].tolist()[:2] == ["a", "b"]
    assert back["x"].dropna().tolist() == [0.5, 1.5]
    assert str(back["at"].dt.tz) == "UTC"


def test_the_answer_of_a_query_is_kept_in_any_order(ws: Workspace) -> None:
    ws.store.write("one", ROWS)
    up, down = (snapshot(ws, f"SELECT n, s FROM one ORDER BY s {way}") for way in ("ASC", "DESC"))
    assert up == down
    assert up.rows == 3
    with pytest.raises(BadInput):
        snapshot(ws, "DELETE FROM one WHERE true")
    with pytest.raises(NotFound, match="no table named 'nope'"):
        snapshot(ws, "nope")


def test_a_large_table_is_written_in_pieces(ws: Workspace) -> None:
    ws.store.execute("CREATE TABLE big AS SELECT i, i % 7 AS k FROM range(250000) r(i)")
    kept = snapshot(ws, "big")
    assert snapshot(ws, "big") == kept
    assert load_snapshot(ws, kept.sha256)["i"].sum() == sum(range(250_000))


def test_a_changed_file_is_refused(ws: Workspace) -> None:
    kept = take(ws, ROWS)
    kept.path.chmod(0o600)
    kept.path.write_bytes(kept.path.read_bytes() + b"x")
    with pytest.raises(BadInput, match="was changed"):
        load_snapshot(ws, kept.sha256)
    with pytest.raises(NotFound, match="no snapshot"):
        load_snapshot(ws, "0" * 64)
    with pytest.raises(NotFound, match="6 digits"):
        load_snapshot(ws, kept.sha256[:5])


def test_only_what_nothing_refers_to_is_removed_and_only_on_request(ws: Workspace) -> None:
    assert len(snapshots(ws)) == 0
    assert str(prune_snapshots(ws)) == "Every snapshot is referred to."
    by_run, by_contract = take(ws, ROWS), take(ws, ROWS.iloc[:2])
    ws.store.write("one", ROWS)
    unused = snapshot(ws, "SELECT s FROM one")
    with track(ws, "sales", "training") as run:
        run.set_tags({"lab.dataset_sha256": by_run.sha256})
    keep_contract(ws, "one", f"""
dataset: one
columns: {{x: {{type: number}}}}
drift: {{reference: 'snapshot:{by_contract.sha256}', columns: {{x: {{}}}}}}
""")  # fmt: skip
    listed = snapshots(ws).set_index("id")
    assert listed.loc[by_run.sha256, "used_by"].startswith("run ")
    assert listed.loc[by_contract.sha256, "used_by"] == "contract one"
    assert listed.loc[unused.sha256, "used_by"] == ""
    assert listed.loc[unused.sha256, "source"] == "SELECT s FROM one"
    assert listed["rows"].to_dict()[by_contract.sha256] == 2
    seen = prune_snapshots(ws)
    assert (seen.found, seen.removed) == ((unused.sha256,), False)
    assert unused.path.exists()
    assert prune_snapshots(ws, remove=True).removed
    assert not unused.path.exists()
    assert by_run.path.exists()
    assert by_contract.path.exists()
