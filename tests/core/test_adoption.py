"""Taking over a file: everything else stays, and strange or large databases are left alone."""

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
    ws.store.execute('CREATE TABLE "o k" ("a b" INTEGER NOT NULL DEFAULT 7, c INTEGER[2])')
    ws.store.execute('INSERT INTO "o k" VALUES (1, [1, 2]), (2, NULL)')
    ws.store.execute("CREATE TABLE big AS SELECT 'old' AS x")
    assert taken_over(ws)
    assert ws.store.rows("SELECT count(*) FROM big") == [(10_000,)]
    assert ws.store.rows('FROM "o k"') == [(1, (1, 2)), (2, None)]
    with pytest.raises(Exception, match="NOT NULL"):
        ws.store.execute('INSERT INTO "o k" VALUES (NULL, NULL)')


def test_into_a_fresh_workspace(ws: Workspace) -> None:
    assert taken_over(ws)
    assert [(one.name, one.rows) for one in ws.store.tables()] == [("big", 10_000)]


def test_the_file_keeps_the_rights_a_person_gave_it(ws: Workspace) -> None:
    ws.store.execute("CREATE TABLE small AS SELECT 1 AS a")
    ws.database.chmod(0o640)
    assert taken_over(ws)
    assert ws.database.stat().st_mode & 0o777 == 0o640


def test_a_large_rest_is_not_copied(ws: Workspace) -> None:
    ws.store.execute("CREATE TABLE rest AS SELECT i FROM range(5000) r(i)")
    assert not taken_over(ws)
    assert [one.name for one in ws.store.tables()] == ["rest"]


@pytest.mark.parametrize(
    ("made", "query", "answer"),
    [
        (["SEQUENCE s"], "SELECT nextval('s')", [(1,)]),
        (["MACRO twice(a) AS 2 * a"], "SELECT twice(4)", [(8,)]),
        (["TYPE mood AS ENUM ('low', 'high')"], "SELECT 'low'::mood", [("low",)]),
        (["SCHEMA other", "VIEW other.seen AS SELECT 5 AS x"], "FROM other.seen", [(5,)]),
        (["TABLE t AS SELECT 1 AS a", "VIEW z AS FROM t", "VIEW b AS FROM z"], "FROM b", [(1,)]),
        (["TABLE t (a INTEGER, b INTEGER AS (a + 1))"], "FROM t", []),
        (["TABLE t (a INTEGER)", "INDEX i ON t (a)"], "SELECT count(*) FROM duckdb_indexes()",
         [(1,)]),
        (["TABLE z (a INTEGER PRIMARY KEY)", "TABLE b (a INTEGER REFERENCES z (a))"], "FROM b", []),
    ],
)  # fmt: skip
def test_what_cannot_be_copied_stays_where_it_is(
    ws: Workspace, made: list[str], query: str, answer: list[tuple[object, ...]]
) -> None:
    for what in made:
        ws.store.execute(f"CREATE {what}")
    assert not taken_over(ws)
    assert ws.store.rows(query) == answer


def test_what_people_wrote_about_a_table_stays(ws: Workspace) -> None:
    ws.store.execute("CREATE TABLE t (a INTEGER)")
    ws.store.execute("COMMENT ON COLUMN t.a IS 'in metres'")
    assert not taken_over(ws)


def test_a_database_that_is_a_link_stays_one(ws: Workspace, tmp_path: Path) -> None:
    ws.store.execute("CREATE TABLE small AS SELECT 1 AS a")
    elsewhere = ws.database.rename(tmp_path / "elsewhere.duckdb")
    ws.database.symlink_to(elsewhere)
    assert not taken_over(ws)
    assert ws.store.rows("FROM small") == [(1,)]


def test_a_failure_changes_nothing(ws: Workspace) -> None:
    ws.store.execute("CREATE TABLE small AS SELECT 1 AS a")

    def fail(connection: duckdb.DuckDBPyConnection) -> None:
        raise RuntimeError("stop")

    with ws.store.stage() as path:
        stage(path)
        with pytest.raises(RuntimeError):
            adopt(ws.store, path, "big", nothing, fail)
    assert [one.name for one in ws.store.tables()] == ["small"]
    assert not list(ws.staging.iterdir())


def test_rows_of_others_in_the_same_table_stay(ws: Workspace) -> None:
    ws.store.execute("CREATE TABLE big AS SELECT i, 0 AS j FROM range(-500, 500) r(i)")
    with ws.store.stage() as path:
        stage(path)
        assert adopt(ws.store, path, "big", nothing, nothing, {"big": "i < 0"})
    assert ws.store.rows("SELECT count(*), min(i), sum(j = 0) FROM big") == [(10_500, -500, 501)]


def test_many_rows_of_others_are_not_copied(ws: Workspace) -> None:
    ws.store.execute("CREATE TABLE big AS SELECT i, 0 AS j FROM range(-5000, 5000) r(i)")
    with ws.store.stage() as path:
        stage(path)
        assert not adopt(ws.store, path, "big", nothing, nothing, {"big": "i < 0"})
    assert ws.store.rows("SELECT count(*), sum(j) FROM big") == [(10_000, 0)]
