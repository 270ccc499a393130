"""Rows land whole or not at all, under one contract, one writer at a time in each thread."""

from concurrent.futures import ThreadPoolExecutor

import duckdb
import pandas as pd
import pytest

from lab.core.errors import BadInput, Busy, Unavailable
from lab.core.sql import quoted


def toy(*ids, word="x"):
    return pd.DataFrame({"id": list(ids), "word": [word] * len(ids)})


def ids(store, table="t"):
    return [row[0] for row in store.rows(f"SELECT id FROM {table} ORDER BY id")]


def attempt(**more):
    row = {
        "event_id": "e1", "happened_at": pd.Timestamp("2026-01-01", tz="UTC"), "learner": "ann",
        "exercise": "x", "seed": 1, "event": "started",
    }  # fmt: skip
    return pd.DataFrame([row | more])


def test_replace_append_and_upsert(ws):
    store = ws.store
    assert store.write("t", toy(1, 2)) == 2
    assert store.write("t", toy(3), mode="append") == 1
    assert ids(store) == [1, 2, 3]
    store.write("t", toy(3, 4, word="new"), mode="upsert", key=["id"])
    assert store.rows("SELECT id, word FROM t ORDER BY id") == [
        (1, "x"), (2, "x"), (3, "new"), (4, "new")]  # fmt: skip
    store.write("t", toy(9))
    assert ids(store) == [9]


def test_replace_may_change_the_columns(ws):
    ws.store.write("t", toy(1))
    ws.store.write("t", pd.DataFrame({"other": [1.5]}))
    assert ws.store.tables()[0].columns == (("other", "DOUBLE"),)


def test_upsert_needs_a_key_and_counts_empty_ones_as_equal(ws):
    with pytest.raises(BadInput, match="Table t has no key to update by"):
        ws.store.write("t", toy(1), mode="upsert")
    empty = pd.DataFrame({"id": [None], "word": ["old"]})
    ws.store.write("t", empty)
    ws.store.write("t", empty.assign(word="new"), mode="upsert", key=["id"])
    assert ws.store.rows("SELECT word FROM t") == [("new",)]


def test_columns_land_by_name_not_by_place(ws):
    ws.store.write("t", toy(1))
    ws.store.write("t", toy(2)[["word", "id"]], mode="append")
    assert ids(ws.store) == [1, 2]


def test_a_declared_table_is_made_as_declared_and_its_key_used(ws):
    ws.store.write("attempts", attempt(), mode="append")
    kinds = dict(ws.store.tables()[0].columns)
    assert kinds["happened_at"] == "TIMESTAMP WITH TIME ZONE"
    ws.store.write("attempts", attempt(event="solved"), mode="upsert")
    assert ws.store.rows("SELECT event, passed FROM attempts") == [("solved", None)]


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        (attempt(colour="red"), "has no column 'colour'"),
        (attempt(learner=None), "'learner' of table attempts may not be empty"),
        (pd.concat([attempt(), attempt()]), "repeat the key"),
        (attempt(seed="many"), "lab.duckdb: "),
    ],
)
def test_rows_that_break_the_contract_leave_everything_as_it_was(ws, frame, words):
    ws.store.write("attempts", attempt(), mode="append")
    before = ws.version()
    for mode in ("replace", "append", "upsert"):
        with pytest.raises(BadInput, match=words):
            ws.store.write("attempts", frame, mode=mode)
    assert ws.store.rows("SELECT count(*) FROM attempts") == [(1,)]
    assert ws.version() == before


def test_an_error_halfway_undoes_all_of_it(ws):
    ws.store.write("t", toy(1))

    def work(connection):
        connection.execute("DELETE FROM t")
        connection.execute("CREATE TABLE half (x INT)")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        ws.store.change(work)
    assert ids(ws.store) == [1]
    assert not ws.store.has("half")


def test_a_table_name_that_is_no_identifier_is_refused(ws):
    with pytest.raises(BadInput, match="Table name 't; DROP TABLE x' cannot be used"):
        ws.store.write("t; DROP TABLE x", toy(1))


@pytest.mark.parametrize("name", ["select", 'a"b', "Ünï", "a b", "x; DROP TABLE t"])
def test_column_names_of_all_sorts_survive(ws, name):
    ws.store.write("t", pd.DataFrame({"id": [1], name: [2]}))
    ws.store.write("t", pd.DataFrame({"id": [1], name: [3]}), mode="upsert", key=["id", name])
    assert [column for column, _ in ws.store.tables()[0].columns] == ["id", name]
    assert ws.store.rows(f"SELECT sum({quoted(name)}) FROM t") == [(5,)]


def test_parameters_are_values(ws):
    ws.store.execute("CREATE TABLE t (x VARCHAR)")
    ws.store.execute("INSERT INTO t VALUES (?)", ["'; DROP TABLE t; --"])
    assert ws.store.read("FROM t WHERE x LIKE $start", {"start": "';%"})["x"].tolist() == [
        "'; DROP TABLE t; --"
    ]


def test_times_are_utc(ws):
    ws.store.write(
        "t", pd.DataFrame({"moment": [pd.Timestamp("2026-07-01T12:00", tz="Asia/Tokyo")]})
    )
    assert ws.store.rows("SELECT CAST(moment AS VARCHAR) FROM t") == [("2026-07-01 03:00:00+00",)]


def test_tables_has_and_an_empty_store(ws):
    assert not ws.store.has("t")
    assert ws.version() == ""
    assert ws.store.tables() == []
    ws.store.write("t", toy(1, 2))
    (info,) = ws.store.tables()
    assert (info.name, info.rows, info.columns) == ("t", 2, (("id", "BIGINT"), ("word", "VARCHAR")))
    assert ws.store.has("t")
    assert not ws.store.has("T2")


def test_the_version_changes_on_write_and_not_on_read(ws):
    seen = set()
    for number in range(5):
        ws.store.write("t", toy(number), mode="append")
        seen.add(ws.version())
        ws.store.read("FROM t")
        ws.store.tables()
        assert ws.store.has("t")
        assert ws.version() in seen
        assert len(seen) == number + 1


def test_wrong_sql_of_ours_is_not_blamed_on_the_data(ws):
    with pytest.raises(duckdb.Error):
        ws.store.read("SELEC 1")


def test_a_file_that_is_no_database_is_named(ws):
    ws.database.write_bytes(b"not a database" * 1000)
    with pytest.raises(Unavailable, match=r"lab.duckdb cannot be opened: .* Restore it"):
        ws.store.tables()


def test_eight_threads_never_see_each_others_rows(ws):
    """One connection shared by threads mixes up their rows; ours are never shared."""
    ws.store.write("t", pd.DataFrame({"id": range(8), "word": [f"w{i}" for i in range(8)]}))

    def ask(number):
        wrong = 0
        for _ in range(100):
            found = ws.store.rows("SELECT id, word FROM t WHERE id = ?", [number])
            wrong += found != [(number, f"w{number}")]
        return wrong

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(ask, range(8))) == 0


def test_threads_that_write_the_same_row_all_get_their_turn(ws):
    ws.store.execute("CREATE TABLE counter AS SELECT 0 AS n")

    def add(_):
        for _ in range(10):
            ws.store.execute("UPDATE counter SET n = n + 1")

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(add, range(4)))
    assert ws.store.rows("FROM counter") == [(40,)]


def test_a_change_that_always_collides_gives_up_in_words(ws):
    from dataclasses import replace

    store = replace(ws.store, wait_seconds=0.2)

    def collide(_):
        raise duckdb.TransactionException("Conflict on update!")

    with pytest.raises(Busy, match="changed by someone else"):
        store.change(collide)


def stage(ws, path, **tables):
    with duckdb.connect(str(path)) as connection:
        for name, frame in tables.items():
            connection.register("frame", frame)
            connection.execute(f"CREATE TABLE {name} AS FROM frame")


def test_a_staged_load_lands_as_one(ws):
    ws.store.write("a", toy(1))
    with ws.store.stage() as path:
        stage(ws, path, a=toy(2), b=toy(3))
        assert ids(ws.store, "a") == [1]  # nothing yet
        ws.store.publish(
            path,
            {"a": "append", "b": "replace"},
            also=lambda connection: connection.execute("CREATE TABLE note AS SELECT 1 AS x"),
        )
    assert ids(ws.store, "a") == [1, 2]
    assert ids(ws.store, "b") == [3]
    assert ws.store.has("note")
    assert list(ws.staging.iterdir()) == []


def test_a_publish_that_fails_leaves_nothing(ws):
    ws.store.write("a", toy(1))

    def fail(_):
        raise ZeroDivisionError

    with ws.store.stage() as path:
        stage(ws, path, a=toy(2), b=toy(3))
        with pytest.raises(ZeroDivisionError):
            ws.store.publish(path, {"a": "replace", "b": "replace"}, also=fail)
    assert ids(ws.store, "a") == [1]
    assert not ws.store.has("b")
    assert list(ws.staging.iterdir()) == []


def test_staging_works_below_a_folder_with_a_quote(tmp_path):
    from lab.core.workspace import open_workspace

    store = open_workspace(tmp_path / "O'Brien").store
    with store.stage() as path:
        stage(None, path, a=toy(2))
        store.publish(path, {"a": "replace"})
    assert ids(store, "a") == [2]


def test_sweep_removes_orphans_only(ws):
    orphan = ws.staging / "orphan.duckdb"
    for leftover in (orphan, ws.staging / "orphan.duckdb.wal", ws.staging / "orphan.lock"):
        leftover.touch()
    for spilled in ("orphan.spill", "lab.spill"):
        (ws.staging / spilled).mkdir()
        (ws.staging / spilled / "rows").touch()
    with ws.store.stage() as held:
        stage(ws, held, a=toy(1))
        assert ws.store.sweep() == 1
        assert not orphan.exists()
        ws.store.publish(held, {"a": "replace"})
    assert ids(ws.store, "a") == [1]
    assert list(ws.staging.iterdir()) == []


def test_sweep_leaves_what_an_open_connection_spills(ws):
    spilled = ws.staging / "lab.spill"
    spilled.mkdir()
    with ws.store.connect():
        ws.store.sweep()
        assert spilled.exists()
