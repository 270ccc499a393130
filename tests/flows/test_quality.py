"""Contracts at work: bad rows are turned away with line and reason, a broken table stops a load."""

import json
from pathlib import Path

import pandas as pd
import pytest

from lab.core.errors import BadInput, NotFound
from lab.core.progress import drain
from lab.core.workspace import Workspace
from lab.data.quality.whole import LINE
from lab.flows import snapshot
from lab.flows.contracts import contract, find_contract, keep_contract, suggest_contract
from lab.flows.ingest import ingest
from lab.flows.quality import check_quality
from lab.flows.quality_rows import MOST_ROWS, _sample, table_relation
from lab.flows.quality_view import bad_rows

TEXT = "sku,store,price\nAB-1,Park,1.5\nab-2,Park,2\nAB-3,Mars,3\nAB-4,Market,-4\nAB-5,Market,x\n"
CONTRACT = """
dataset: goods
columns:
  sku: {type: text, required: true, pattern: "[A-Z]{2}-[0-9]+"}
  store: {type: text, only: [Park, Market]}
  price: {type: number, least: 0}
unique: [[sku]]
"""


@pytest.fixture
def goods(tmp_path: Path) -> Path:
    path = tmp_path / "goods.csv"
    path.write_text(TEXT)
    return path


def put(tmp_path: Path, text: str) -> str:
    path = tmp_path / "contract.yaml"
    path.write_text(text)
    return str(path)


def load(ws: Workspace, path: Path, **more):
    return drain(ingest(ws, path, {"kind": "table", "types": {"price": "number"}}, **more))


def test_bad_rows_are_turned_away_and_good_ones_land(
    ws: Workspace, goods: Path, tmp_path: Path
) -> None:
    done = load(ws, goods, contract=put(tmp_path, CONTRACT))
    assert (done.rows_read, done.rows_loaded, done.rows_rejected) == (5, 1, 4)
    assert "3 bad rows turned away" in done.quality
    assert ws.store.rows("SELECT sku FROM goods") == [("AB-1",)]
    rejects = ws.store.rows("SELECT line, column_name, reason, text FROM rejects ORDER BY line")
    assert rejects == [
        (3, "sku", "sku: ab-2 is not written as [A-Z]{2}-[0-9]+", "ab-2,Park,2"),
        (4, "store", "store: Mars is not one of Park, Market", "AB-3,Mars,3"),
        (5, "price", "price: -4.0 is less than 0", "AB-4,Market,-4"),
        (6, "price", "price: x is not a number", "AB-5,Market,x"),
    ]
    kept = ws.store.read("FROM quality_results ORDER BY position")
    assert set(kept["load_id"]) == {done.load_id}
    assert kept.loc[kept["verdict"] == "warn", "column_name"].tolist() == ["sku", "store", "price"]
    assert kept["rows"].tolist() == [4] * len(kept)


def test_the_kept_contract_holds_every_load_and_the_same_load_gives_the_same_table(
    ws: Workspace, goods: Path
) -> None:
    keep_contract(ws, "goods", CONTRACT)
    first, second = load(ws, goods), load(ws, goods)
    assert first.content_hash == second.content_hash
    assert first.rows_loaded == 1
    assert ws.store.rows("SELECT count(DISTINCT load_id) FROM quality_results") == [(2,)]
    contract(ws, "goods", remove=True)
    assert load(ws, goods).rows_loaded == 4


@pytest.mark.parametrize(
    "broken", ["rows: {least: 2}", "most_bad: 0.5", "extra_columns: false\nunique: [[sku]]"]
)
def test_a_broken_table_stops_the_load_and_says_why(
    ws: Workspace, goods: Path, tmp_path: Path, broken: str
) -> None:
    text = CONTRACT.replace("unique: [[sku]]", broken)
    text = (
        text.replace("  store: {type: text, only: [Park, Market]}\n", "")
        if "extra" in text
        else text
    )
    with pytest.raises(BadInput, match="breaks its contract") as refused:
        load(ws, goods, contract=put(tmp_path, text))
    assert "Nothing was loaded" in refused.value.hint
    assert not ws.store.has("goods")
    assert not ws.store.has("loads")
    assert ws.store.rows("SELECT count(*) FROM quality_results WHERE verdict = 'fail'") == [(1,)]
    done = load(ws, goods, contract=put(tmp_path, f"policy: warn{text}"))
    assert "with warnings" in done.quality
    assert ws.store.has("goods")


def test_metrics_are_held_to_a_contract_by_the_columns_of_their_file(
    ws: Workspace, tmp_path: Path
) -> None:
    path = tmp_path / "cpu.csv"
    path.write_text("time,host,cpu\n" + "".join(
        f"2026-01-01T00:{i:02}:00Z,a,{i / 10}\n" for i in range(30)))  # fmt: skip
    text = "dataset: cpu\ncolumns: {cpu: {type: number, most: 1}, host: {type: text}}"
    done = drain(ingest(ws, path, contract=put(tmp_path, text)))
    assert (done.kind, done.rows_loaded, done.values) == ("metrics", 11, 11)


def test_a_table_keeps_the_contract_that_is_suggested_from_it(ws: Workspace) -> None:
    drain(ingest(ws, "shop_sales"))
    text = suggest_contract(ws, "sales")
    assert "unique: [[date, store, product]]" in text
    assert (
        "store: {type: text, required: true, only: [Airport, Harbour, Market, Park, Station]}"
        in text
    )
    shown = contract(ws, "sales")
    assert (shown.stored, str(shown)) == (False, text.rstrip())
    keep_contract(ws, "sales", text)
    assert contract(ws, "sales").stored
    found = drain(check_quality(ws, "sales"))
    assert found.ok
    assert found.verdict == "pass"
    assert drain(ingest(ws, "shop_sales")).rows_rejected == 0


def test_a_table_as_it_lies_is_checked_and_left_alone(ws: Workspace, goods: Path, tmp_path) -> None:
    load(ws, goods)
    found = drain(check_quality(ws, "goods", put(tmp_path, CONTRACT)))
    assert (found.verdict, found.ok, found.rows, found.bad_rows) == ("fail", False, 4, 3)
    bad = [one for one in found.findings if one.verdict == "fail"]
    assert [one.name for one in bad] == ["pattern", "only", "least"]
    assert "AB" not in bad[2].found
    assert "line 4" in bad[2].found
    assert ws.store.rows("SELECT count(*) FROM goods") == [(4,)]


def test_a_column_may_be_called_line(ws: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "spots.csv"
    path.write_text("line,n\nred,1\n,2\nblue,3\n")
    text = "dataset: spots\ncolumns: {line: {type: text, required: true}}\nunique: [[line]]"
    done = drain(ingest(ws, path, contract=put(tmp_path, text)))
    assert (done.rows_loaded, done.rows_rejected) == (2, 1)
    assert ws.store.rows("SELECT line, reason FROM rejects") == [(3, "line: is empty")]
    assert "line: {type: text, required: true}" in suggest_contract(ws, "spots")
    assert drain(check_quality(ws, "spots", put(tmp_path, text))).ok


def test_columns_may_be_called_as_our_queries_call_theirs(ws: Workspace, tmp_path: Path) -> None:
    names = ["rowid", "line", "reason", "t", "bad"]
    ws.store.write("odd", pd.DataFrame([[7, 7, "a", -1, 0], [7, 7, "b", 2, 0]], columns=names))
    text = "dataset: odd\ncolumns: {t: {type: integer, least: 0}, reason: {type: text}}\n"
    keep_contract(ws, "odd", text)
    found = drain(check_quality(ws, "odd"))
    assert (found.rows, found.bad_rows) == (2, 1)
    shown = bad_rows(ws, "odd", found.quality_id)
    assert shown[["line", "column_name"]].to_numpy().tolist() == [[1, "t"]]
    assert json.loads(shown["text"][0]) == dict(zip(names, [7, 7, "a", -1, 0], strict=True))


def drifting(limit: float, reference: str, method: str = "psi") -> str:
    how = f"{{x: {{method: {method}, limit: {limit}}}, s: {{method: chisquare}}}}"
    return (
        "dataset: now\ncolumns: {x: {type: number}, s: {type: text}}\n"
        f"drift: {{reference: '{reference}', columns: {how}}}"
    )


@pytest.mark.parametrize("method", ["psi", "ks", "wasserstein", "jensenshannon"])
def test_drift_is_a_promise_like_any_other(ws: Workspace, tmp_path: Path, method: str) -> None:
    frame = pd.DataFrame({"x": [i % 50 / 10 for i in range(1000)], "s": ["a", "b"] * 500})
    ws.store.write("before", frame)
    ws.store.write("now", frame)
    kept = snapshot.take(ws, frame)
    limit = 0.05 if method == "ks" else 0.2
    for reference in ("before", f"snapshot:{kept.sha256}"):
        file = put(tmp_path, drifting(limit, reference, method))
        assert drain(check_quality(ws, "now", file)).verdict == "pass"
    ws.store.write("now", frame.assign(x=frame["x"] + 3, s=["a"] * 900 + ["b"] * 100))
    found = drain(check_quality(ws, "now", file))
    assert [one.column for one in found.findings if one.verdict == "fail"] == ["x", "s"]


def test_drift_is_measured_by_the_limit_that_is_said(ws: Workspace, tmp_path: Path) -> None:
    frame = pd.DataFrame({"x": [i % 50 / 10 for i in range(1000)], "s": ["a", "b"] * 500})
    ws.store.write("before", frame)
    ws.store.write("now", frame.assign(x=frame["x"] + 3))
    for limit, verdict in ((0.2, "fail"), (1e6, "pass")):
        file = put(tmp_path, drifting(limit, "before"))
        assert drain(check_quality(ws, "now", file)).verdict == verdict


def test_drift_is_measured_on_the_same_rows_of_a_large_table(ws: Workspace) -> None:
    """Enough of them, and as many as if all had been put in order."""
    ws.store.execute("CREATE TABLE big AS SELECT i AS x FROM range(60000) r(i)")
    with table_relation(ws, "big") as relation:
        drawn = _sample(relation, ["x"])["x"]
        every = relation.connection.execute(
            f"SELECT x FROM ({relation.sql}) ORDER BY hash({LINE}) LIMIT {MOST_ROWS}"
        ).fetchall()
    assert drawn.tolist() == [x for (x,) in every]
    assert len(drawn) == MOST_ROWS


def test_a_method_for_other_columns_and_a_column_that_is_not_there(
    ws: Workspace, tmp_path: Path
) -> None:
    frame = pd.DataFrame({"x": [i % 50 / 10 for i in range(1000)], "s": ["a", "b"] * 500})
    ws.store.write("before", frame)
    ws.store.write("now", frame)
    found = drain(check_quality(ws, "now", put(tmp_path, drifting(0.2, "before", "chisquare"))))
    assert [(one.column, one.found) for one in found.findings if one.verdict == "warn"] == [
        ("x", "not compared: numeric column")]  # fmt: skip
    kept = snapshot.take(ws, frame[["s"]])
    for reference in ("narrow", f"snapshot:{kept.sha256}"):
        ws.store.write("narrow", frame[["s"]])
        with pytest.raises(NotFound, match="no column"):
            drain(check_quality(ws, "now", put(tmp_path, drifting(0.2, reference))))


def test_what_cannot_be_compared_is_a_warning(ws: Workspace, tmp_path: Path) -> None:
    ws.store.write("before", pd.DataFrame({"x": [1.0] * 5, "s": ["a"] * 5}))
    ws.store.write("now", pd.DataFrame({"x": [1.0] * 500, "s": ["a"] * 500}))
    found = drain(check_quality(ws, "now", put(tmp_path, drifting(0.2, "before"))))
    assert found.verdict == "warn"
    assert "not compared" in found.findings[0].found


def test_what_is_wrong_is_said(ws: Workspace, goods: Path, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no contract"):
        drain(check_quality(ws, "goods"))
    with pytest.raises(NotFound, match="no contract"):
        contract(ws, "goods", remove=True)
    with pytest.raises(NotFound, match="no file"):
        contract(ws, "goods", file=str(tmp_path / "none.yaml"))
    with pytest.raises(BadInput, match="for 'goods', not for 'sales'"):
        contract(ws, "sales", file=put(tmp_path, CONTRACT))
    with pytest.raises(BadInput, match="Line 1"):
        contract(ws, "goods", file=put(tmp_path, "nonsense"))
    with pytest.raises(BadInput, match="cannot be used"):
        keep_contract(ws, "../goods", CONTRACT.replace("goods", "../goods"))
    with pytest.raises(NotFound, match="table"):
        contract(ws, "goods")
    (tmp_path / "latin.yaml").write_bytes(b"dataset: \xff")
    with pytest.raises(BadInput, match="UTF-8"):
        contract(ws, "goods", file=str(tmp_path / "latin.yaml"))
    assert find_contract(ws, "goods") is None
