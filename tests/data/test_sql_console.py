"""The SQL box: everything that is not reading its own tables is refused and changes nothing."""

import hashlib
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from lab.core.errors import BadInput, LabError, NotFound, Unavailable
from lab.core.workspace import Workspace, open_workspace
from lab.data.sql_console import WORKER, run_sql
from tests.data.sql_refused import REFUSED


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A workspace with a table, where even a busy machine answers in time."""
    ws = open_workspace(tmp_path_factory.mktemp("sql") / "workspace")
    ws = replace(ws, settings=replace(ws.settings, sql_timeout_seconds=120.0))
    ws.store.write("t", pd.DataFrame({"a": [1, 2, 3]}))
    return ws


@pytest.fixture
def hurried(place: Workspace) -> Workspace:
    """The same for queries without an end."""
    return replace(place, settings=replace(place.settings, sql_timeout_seconds=4.0))


@pytest.fixture(scope="module")
def outside(place: Workspace) -> dict[str, str]:
    """Files around it that a query might reach for."""
    import duckdb

    root = place.root.parent
    (root / "secret.csv").write_text("word\nxyzzy\n", encoding="utf-8")
    with duckdb.connect(str(root / "other.duckdb")) as other:
        other.execute("CREATE TABLE t AS SELECT 'xyzzy' AS word")
    return {"db": str(place.database), "out": str(root / "written"),
            "csv": str(root / "secret.csv"), "other": str(root / "other.duckdb")}  # fmt: skip


def fingerprint(root: Path) -> dict[str, str]:
    return {
        str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }


def test_the_list_covers_the_classes() -> None:
    assert len(REFUSED) >= 60


@pytest.mark.parametrize("statement", REFUSED, ids=range(len(REFUSED)))
def test_refused_and_nothing_changed(
    place: Workspace, outside: dict[str, str], statement: str
) -> None:
    before = fingerprint(place.root.parent)
    with pytest.raises(LabError) as refused:
        run_sql(place, statement.format(**outside))
    assert refused.value.hint
    assert "xyzzy" not in str(refused.value)
    assert fingerprint(place.root.parent) == before


def test_it_still_answers_afterwards(place: Workspace) -> None:
    assert run_sql(place, "SELECT sum(a) AS total FROM t").rows == ((6,),)
    assert place.store.rows("SELECT count(*) FROM t") == [(3,)]


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM t;",
        "FROM t",
        "-- a note\nSELECT a FROM t -- and another",
        "WITH x AS (SELECT a FROM t) SELECT * FROM x",
        "VALUES (1), (2)",
        "SUMMARIZE t",
        "SELECT a / 2 AS half, a // 2 AS whole, '/etc/passwd' AS text FROM t",
        "SELECT 'read_blob(1)' AS \"a/b\" FROM t",
        "DESCRIBE t",
        "SELECT * FROM (SUMMARIZE t)",
        "SHOW TABLES",
        "SELECT a FROM t UNION ALL SELECT a FROM t",
        "PIVOT t ON a IN (1, 2) USING count(*)",
        "SELECT a, row_number() OVER (ORDER BY a) FROM t QUALIFY a > 1",
        "SELECT a / 2, a // 2 FROM t",
    ],
)
def test_reading_works(place: Workspace, statement: str) -> None:
    result = run_sql(place, statement)
    assert result.columns
    assert list(result.frame().columns)


def test_rows_are_cut_and_it_says_so(place: Workspace) -> None:
    result = run_sql(place, "SELECT * FROM range(100)", limit=10)
    assert (len(result.rows), result.truncated) == (10, True)
    exact = run_sql(place, "SELECT * FROM range(10)", limit=10)
    assert (len(exact.rows), exact.truncated) == (10, False)
    assert len(run_sql(place, "SELECT * FROM range(100)", limit=10**9).rows) == 100


def test_order_of_the_query_is_kept(place: Workspace) -> None:
    rows = run_sql(place, "SELECT a FROM t ORDER BY a DESC").rows
    assert rows == ((3,), (2,), (1,))


def test_types_survive_the_way(place: Workspace) -> None:
    frame = run_sql(
        place,
        "SELECT 1 AS i, 1.5::DECIMAL(4, 2) AS d, 'nan'::DOUBLE AS n, true AS b, NULL AS z, "
        "DATE '2026-01-02' AS day, TIMESTAMPTZ '2026-01-02 03:04:05+02' AS at, [1, 2] AS l, "
        "'é' AS s, 1 AS i",
    ).frame()
    assert list(frame.columns) == ["i", "d", "n", "b", "z", "day", "at", "l", "s", "i_1"]
    assert frame["d"][0] == 1.5
    assert frame["at"][0] == pd.Timestamp("2026-01-02T01:04:05Z")
    assert frame["day"][0] == pd.Timestamp("2026-01-02")
    assert frame["s"][0] == "é"


def test_wide_output_is_bounded(place: Workspace) -> None:
    result = run_sql(place, "SELECT repeat('x', 15000) FROM range(10000)")
    assert result.truncated
    assert sum(len(row[0]) for row in result.rows) < 40_000_000


def test_plan_is_an_option_of_its_own(place: Workspace) -> None:
    plan = run_sql(place, "SELECT a FROM t WHERE a > 1", explain=True)
    assert plan.columns[1][0] == "explain_value"
    with pytest.raises(BadInput):
        run_sql(place, "DROP TABLE t", explain=True)
    assert place.store.has("t")


def test_endless_query_is_ended(hurried: Workspace) -> None:
    with pytest.raises(Unavailable, match=r"longer than 4 seconds"):
        run_sql(
            hurried, "SELECT sum(a.range * b.range % 7) FROM range(10000000) a, range(10000000) b"
        )
    assert not children()


def test_one_endless_expression_is_ended(hurried: Workspace) -> None:
    # No operator boundary comes, so only the kill from outside helps.
    sql = "SELECT list_sum(list_transform(range(30000000), lambda x: list_sum(range(x % 100))))"
    with pytest.raises(Unavailable):
        run_sql(hurried, sql)
    assert not children()


def test_wrong_names_get_near_ones(place: Workspace) -> None:
    place.store.write("observations_daily", pd.DataFrame({"value": [1]}))
    with pytest.raises(BadInput, match="Did you mean observations_daily"):
        run_sql(place, "SELECT * FROM observation_daily")
    with pytest.raises(BadInput, match="value"):
        run_sql(place, "SELECT valeu FROM observations_daily")


def test_nothing_loaded_names_the_next_step(ws: Workspace) -> None:
    with pytest.raises(NotFound, match="no tables yet"):
        run_sql(ws, "SELECT 1")


def test_it_waits_for_a_short_write(place: Workspace) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", "import duckdb, sys, time; c = duckdb.connect(sys.argv[1]); "
         "print('held', flush=True); time.sleep(1)", str(place.database)],
        stdout=subprocess.PIPE,
    )  # fmt: skip
    assert holder.stdout is not None
    holder.stdout.readline()
    assert run_sql(place, "SELECT count(*) FROM t").rows == ((3,),)
    holder.communicate()


def test_it_reads_what_a_killed_writer_left(ws: Workspace) -> None:
    code = (
        "import duckdb, os, sys; c = duckdb.connect(sys.argv[1]); "
        "c.execute('CREATE TABLE t AS SELECT 1 AS a'); os._exit(9)"
    )
    subprocess.run([sys.executable, "-c", code, str(ws.database)], check=False)
    assert run_sql(ws, "SELECT * FROM t").rows == ((1,),)


def test_child_has_no_environment_of_ours(
    place: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAB_SECRET_FOR_TEST", "xyzzy")
    seen: list[dict[str, str]] = []
    real = subprocess.Popen
    monkeypatch.setattr(
        subprocess, "Popen", lambda *args, **kw: (seen.append(kw["env"]), real(*args, **kw))[1]
    )
    run_sql(place, "SELECT 1")
    assert set(seen[0]) == {"PATH", "PYTHONIOENCODING"}


def test_missing_bounds_are_named(place: Workspace, tmp_path: Path) -> None:
    (tmp_path / "resource.py").write_text("raise ImportError('as on Windows')", encoding="utf-8")
    folders = [str(WORKER.parent), str(tmp_path)]
    code = (
        f"import sys; sys.path[:0] = {folders[::-1]!r}; "
        "import sql_worker; print(sql_worker.limit(512, 5))"
    )
    found = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout
    assert "memory of the process" in found
    assert run_sql(place, "SELECT 1").missing_bounds == ()


def children() -> list[int]:
    import psutil

    return [
        child.pid
        for child in psutil.Process(os.getpid()).children(recursive=True)
        if child.status() != psutil.STATUS_ZOMBIE and "sql_worker" in " ".join(child.cmdline())
    ]
