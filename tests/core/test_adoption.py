"""Taking over a file: everything else stays, strange or large databases are left alone."""

from pathlib import Path

import duckdb
import pytest

from lab.core.adoption import adopt
from lab.core.workspace import Workspace


def nothing(connection: duckdb.DuckDBPyConnection) -> None:
    """No more work."""


def stage(path: Path, rows: int = 10_000) -> None:
    with duckdb.connect(str(path)) as connection:
        connection.execute(f"CREATE TABLE big AS SELECT i, i AS j FROM range({rows}) r(i)")


def taken_over(ws: Workspace, rows: int = 10_000) -> bool:
    with ws.store.stage() as path:
        stage(path, rows)
        done = adopt(ws.store, path, "big", nothing, nothing)
        assert path.exists() != done
    return done


def test_all_else_is_kept(ws: Workspace) -> None:
    ws.store.execute('CREATE TABLE "o k" ("a b" INTEGER NOT NULL)')
    ws.store.execute('INSERT INTO "o k" VALUES (1), (2)')
    ws.store.execute("CREATE TABLE big AS SELECT 'old' AS x")
    ws.store.execute('CREATE VIEW seen AS SELECT sum("a b") AS s FROM "o k"')
    assert taken_over(ws)
    assert ws.store.rows("SELECT count(*) FROM big") == [(10_000,)]
    assert ws.store.rows("FROM seen") == [(3,)]
    with pytest.raises(Exception, match="NOT NULL"):
        ws.store.execute('INSERT INTO "o k" VALUES (NULL)')


def test_into_a_fresh_workspace(ws: Workspace) -> None:
    assert taken_over(ws)
    assert [(one.name, one.rows) for one in ws.store.tables()] == [("big", 10_000)]


def test_a_large_rest_is_not_copied(ws: Workspace) -> None:
    ws.store.execute("CREATE TABLE rest AS SELECT i FROM range(5000) r(i)")
    assert not taken_over(ws)
    assert [one.name for one in ws.store.tables()] == ["rest"]


def test_what_cannot_be_copied_stays_where_it_is(ws: Workspace) -> None:
    ws.store.execute("CREATE SEQUENCE s")
    assert not taken_over(ws)
    assert ws.store.rows("SELECT nextval('s')") == [(1,)]


def test_a_failure_changes_nothing(ws: Workspace) -> None:
    ws.store.execute("CREATE TABLE small AS SELECT 1 AS a")

    def fail(connection: duckdb.DuckDBPyConnection) -> None:
        raise RuntimeError("stop")

    with ws.store.stage() as path:
        stage(path)
        with pytest.raises(RuntimeError):
            adopt(ws.store, path, "big", nothing, fail)
    assert [one.name for one in ws.store.tables()] == ["small"]
    assert not list(ws.staging.glob("*.duckdb"))
