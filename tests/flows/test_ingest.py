"""Loading files: counts add up, bad rows are named, and a load lands whole or not at all."""

import gzip
import json
import time
from pathlib import Path

import pandas as pd
import pytest

from lab.core.errors import BadInput, NotFound
from lab.core.jobs import Jobs, result_of
from lab.core.progress import Progress, drain
from lab.core.workspace import Workspace
from lab.data.catalog import card
from lab.flows import ingest as ingest_module
from lab.flows.ingest import LoadSummary, ingest
from tests.data.corpus import CORPUS, Bad

METRICS = (
    "time,host,cpu,memory\n"
    "2026-01-01T00:00:00Z,a,0.5,100\n"
    "2026-01-01T00:01:00Z,a,0.6,\n"
    "2026-01-01T00:00:00Z,b,0.7,300\n"
)


def put(tmp_path: Path, name: str, text: str | bytes) -> Path:
    path = tmp_path / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def add_up(summary: LoadSummary) -> None:
    assert summary.rows_read == summary.rows_loaded + summary.rows_rejected
    assert summary.physical_lines == sum(summary.lines.values())


@pytest.mark.parametrize("bad", CORPUS, ids=lambda bad: bad.name)
def test_bad_file_is_refused_or_its_rows_are_named(ws: Workspace, tmp_path: Path, bad: Bad) -> None:
    path = put(tmp_path, bad.name, bad.content())
    if bad.error:
        with pytest.raises(BadInput, match=bad.error) as refused:
            drain(ingest(ws, path, bad.mapping))
        assert refused.value.hint
        assert not ws.database.exists() or not ws.store.has("loads")
        return
    summary = drain(ingest(ws, path, bad.mapping))
    assert (summary.rows_loaded, summary.rows_rejected) == (bad.loaded, bad.rejected)
    add_up(summary)
    rejects = ws.store.read("SELECT DISTINCT line, reason FROM rejects ORDER BY line")
    assert tuple(rejects["line"].unique()) == bad.lines
    if bad.reason:
        assert rejects["reason"].str.contains(bad.reason, regex=False).any(), rejects


def test_wide_metrics_become_series_with_sorted_labels(ws: Workspace, tmp_path: Path) -> None:
    summary = drain(ingest(ws, put(tmp_path, "metrics.csv", METRICS)))
    assert (summary.kind, summary.dataset) == ("metrics", "metrics")
    assert (summary.rows_loaded, summary.values, summary.series) == (3, 5, 4)
    assert summary.start == "2026-01-01T00:00:00+00:00"
    frame = ws.store.read("FROM observations ORDER BY series_id, timestamp")
    assert list(frame["series_id"].unique()) == [
        'cpu{host="a"}', 'cpu{host="b"}', 'memory{host="a"}', 'memory{host="b"}',
    ]  # fmt: skip
    assert frame["value"].tolist() == [0.5, 0.6, 0.7, 100.0, 300.0]
    assert str(frame["timestamp"].dt.tz) in ("UTC", "Etc/UTC")
    labels = ws.store.rows("SELECT labels FROM series WHERE metric = 'cpu' ORDER BY series_id")
    assert json.loads(labels[0][0]) == {"host": "a"}


def test_long_metrics_are_recognised(ws: Workspace, tmp_path: Path) -> None:
    text = "timestamp,metric,host,value\n" + "".join(
        f"{1767225600 + 60 * i},{m},a,{i}\n" for i in range(3) for m in ("cpu", "mem")
    )
    summary = drain(ingest(ws, put(tmp_path, "long.csv", text)))
    assert summary.mapping["metric_column"] == "metric"
    assert summary.start == "2026-01-01T00:00:00+00:00"
    found = ws.store.rows("SELECT series_id, count(*) FROM observations GROUP BY 1 ORDER BY 1")
    assert found == [('cpu{host="a"}', 3), ('mem{host="a"}', 3)]


def test_naive_times_are_meant_in_the_zone_that_was_said(ws: Workspace, tmp_path: Path) -> None:
    path = put(tmp_path, "m.csv", "time,cpu\n2026-07-01 12:00,1\n2026-07-01 12:01,2\n")
    with pytest.raises(BadInput, match="no time zone") as refused:
        drain(ingest(ws, path))
    assert "timezone" in refused.value.hint
    with pytest.raises(NotFound, match="Did you mean"):
        drain(ingest(ws, path, {"timezone": "Europe/Lodon"}))
    summary = drain(ingest(ws, path, {"timezone": "America/New_York"}))
    assert summary.start == "2026-07-01T16:00:00+00:00"


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Kolkata"])
def test_machine_zone_changes_nothing(
    ws: Workspace, tmp_path: Path, zone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = put(tmp_path, "metrics.csv", METRICS)
    here = drain(ingest(ws, path))
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        there = drain(ingest(ws, path))
    finally:
        monkeypatch.undo()
        time.tzset()
    assert (there.content_hash, there.start) == (here.content_hash, here.start)


def test_hash_does_not_depend_on_order_and_loading_twice_changes_nothing(
    ws: Workspace, tmp_path: Path
) -> None:
    header, *rows = METRICS.splitlines(keepends=True)
    first = drain(ingest(ws, put(tmp_path, "a.csv", METRICS), {"dataset": "m"}))
    before = ws.store.read("FROM observations ORDER BY ALL")
    mixed = header + "".join(reversed(rows))
    again = drain(ingest(ws, put(tmp_path, "b.csv", mixed), {"dataset": "m"}))
    assert again.content_hash == first.content_hash
    pd.testing.assert_frame_equal(ws.store.read("FROM observations ORDER BY ALL"), before)
    other = METRICS.replace("0.7", "0.70001")
    changed = drain(ingest(ws, put(tmp_path, "c.csv", other), {"dataset": "m"}))
    assert changed.content_hash != first.content_hash


def test_same_rows_give_the_same_hash_in_every_format(ws: Workspace, tmp_path: Path) -> None:
    frame = pd.DataFrame({"id": [1, 2, 3], "size": [0.1, 2.5, 1e-300], "name": ["a", None, "ü"]})
    frame.to_csv(tmp_path / "a.csv", index=False)
    frame.to_parquet(tmp_path / "a.parquet")
    frame.to_json(tmp_path / "a.jsonl", orient="records", lines=True, double_precision=15)
    (tmp_path / "a.tsv.gz").write_bytes(gzip.compress(frame.to_csv(index=False, sep="\t").encode()))
    frame.loc[2, "size"] = 1e-300
    names = ["a.csv", "a.parquet", "a.tsv.gz"]
    hashes = {drain(ingest(ws, tmp_path / name)).content_hash for name in names}
    assert len(hashes) == 1
    read = drain(ingest(ws, tmp_path / "a.jsonl"))
    assert read.rows_loaded == 3


def test_rows_are_added_by_key(ws: Workspace, tmp_path: Path) -> None:
    first = put(tmp_path, "first.csv", "id,name\n1,one\n2,two\n")
    second = put(tmp_path, "second.csv", "id,name\n2,zwei\n3,drei\n")
    drain(ingest(ws, first, {"dataset": "words", "key": ["id"]}))
    with pytest.raises(BadInput, match="only by a key"):
        drain(ingest(ws, second, {"dataset": "words"}, mode="add"))
    drain(ingest(ws, second, {"dataset": "words", "key": ["id"]}, mode="add"))
    assert ws.store.rows("FROM words ORDER BY id") == [(1, "one"), (2, "zwei"), (3, "drei")]
    third = put(tmp_path, "third.csv", "id,word\n4,vier\n")
    with pytest.raises(BadInput, match="other columns"):
        drain(ingest(ws, third, {"dataset": "words", "key": ["id"]}, mode="add"))


def test_table_of_the_lab_is_not_overwritten(ws: Workspace, tmp_path: Path) -> None:
    path = put(tmp_path, "x.csv", "id,name\n1,one\n")
    for name in ("loads", "attempts", "actions"):
        with pytest.raises(BadInput, match="kept by the lab"):
            drain(ingest(ws, path, {"dataset": name}))
    ws.store.execute("CREATE TABLE mine AS SELECT 1 AS a")
    with pytest.raises(BadInput, match="not loaded from a file"):
        drain(ingest(ws, path, {"dataset": "mine"}))
    assert ws.store.rows("FROM mine") == [(1,)]


def test_own_sales_must_fit_the_declared_table(ws: Workspace, tmp_path: Path) -> None:
    path = put(tmp_path, "x.csv", "date,store,amount\n2026-01-01,a,3\n")
    with pytest.raises(BadInput, match="its own columns"):
        drain(ingest(ws, path, {"dataset": "sales"}))


def test_what_other_loads_left_stays_when_a_large_one_takes_its_file_over(
    ws: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = []
    adopt = ingest_module.adopt_load
    monkeypatch.setattr(
        ingest_module, "adopt_load", lambda *given: taken.append(adopt(*given)) or taken[-1]
    )
    bad = "2026-01-01T00:02:00Z,b\n"
    small = put(tmp_path, "small.csv", METRICS + bad)
    drain(ingest(ws, small, {"dataset": "small"}))
    rows = (f"2026-01-01T00:00:{i % 60:02d}Z,h{i // 60},{i},{-i}\n" for i in range(3_000))
    large = put(tmp_path, "large.csv", METRICS.splitlines()[0] + "\n" + "".join(rows) + bad)
    for _ in range(2):
        drain(ingest(ws, large, {"dataset": "large"}))
    drain(ingest(ws, small, {"dataset": "small"}))
    assert taken == [True, True, True, False]
    assert ws.store.rows(
        "SELECT dataset, count(*), (SELECT count(*) FROM series s WHERE s.dataset = o.dataset), "
        "(SELECT sum(samples) FROM observation_rollups r WHERE r.dataset = o.dataset "
        "AND width = 0 AND series_id <> '') FROM observations o GROUP BY 1 ORDER BY 1"
    ) == [("large", 6_000, 100, 6_000), ("small", 5, 4, 5)]
    assert ws.store.rows("SELECT count(*), count(DISTINCT load_id) FROM rejects") == [(4, 4)]
    names = {info.name for info in ws.store.tables()}
    assert names == {"incidents", "loads", "observation_rollups", "observations", "rejects",
                     "series"}  # fmt: skip


def test_bundled_metrics_come_with_their_incidents(ws: Workspace) -> None:
    summary = drain(ingest(ws, "host_metrics"))
    assert (summary.rows_loaded, summary.values, summary.series) == (201_600, 1_008_000, 50)
    assert summary.incidents == 16
    again = drain(ingest(ws, "host_metrics"))
    assert again.content_hash == summary.content_hash
    counts = ws.store.rows(
        "SELECT (SELECT count(*) FROM observations), (SELECT count(*) FROM incidents), "
        "(SELECT count(*) FROM series), (SELECT count(*) FROM loads)"
    )
    assert counts == [(1_008_000, 16, 50, 2)]
    import pyarrow.parquet as pq

    frame = pq.read_table(card("host_metrics").path).to_pandas()
    one = frame[frame["instance"] == "host-04"].sort_values("timestamp")["node_load1"]
    stored = ws.store.read(
        "SELECT value FROM observations WHERE series_id = "
        '\'node_load1{instance="host-04",job="node"}\' ORDER BY timestamp'
    )["value"]
    assert stored.tolist() == one.tolist()


def test_bundled_sales_land_in_the_declared_table(ws: Workspace) -> None:
    summary = drain(ingest(ws, "shop_sales"))
    assert (summary.dataset, summary.rows_loaded, summary.rows_rejected) == ("sales", 32_880, 0)
    add_up(summary)


def test_unknown_name_lists_what_there_is(ws: Workspace) -> None:
    with pytest.raises(NotFound, match="host_metrics"):
        drain(ingest(ws, "host_metric"))


def test_row_that_is_unaccounted_for_blocks(
    ws: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from lab.data.source import Source

    monkeypatch.setattr(Source, "physical_lines", lambda _: 6)
    with pytest.raises(BadInput, match="6 lines, but 5 were read"):
        drain(ingest(ws, put(tmp_path, "m.csv", METRICS + "\n")))
    assert not ws.database.exists() or not ws.store.has("observations")


def test_it_runs_as_a_job(ws: Workspace, tmp_path: Path) -> None:
    path = put(tmp_path, "metrics.csv", METRICS)
    jobs = Jobs(ws)
    job = jobs.submit("lab.flows.ingest:ingest", label="Load", source=str(path), name="my file")
    result = result_of(jobs.wait(job.id))
    assert (result["rows_loaded"], result["source"]) == (3, "my file")
    assert ws.store.rows("SELECT count(*) FROM observations") == [(5,)]


def test_a_file_that_changes_while_it_is_read_is_refused(ws: Workspace, tmp_path: Path) -> None:
    path = put(tmp_path, "grows.csv", "id,name\n1,one\n2,two\n")

    def grow(step: Progress) -> None:
        if "Reading" in step.message:
            with path.open("a") as stream:
                stream.write("3,three\n")

    with pytest.raises(BadInput, match="changed while it was read"):
        drain(ingest(ws, path), grow)
    assert not ws.store.has("grows")
    assert not list(ws.staging.glob("*.duckdb"))
