"""The DuckDB file behind short-lived connections.

DuckDB locks its file per process, readers included, and a connection shared by threads mixes
up their rows. So each piece of work opens, works and closes (a few milliseconds), waits a
bounded time for another process to finish, and lands whole or not at all. Whoever opens the file
goes through its gate (``gate``): DuckDB's own lock loses rows when processes hand it over.
"""

import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from lab.core.errors import Busy
from lab.core.gate import gate
from lab.core.opening import open_file, pause
from lab.core.scratch import private_file, spill, sweep
from lab.core.sql import Mode, land, literal, quoted, translated, write_rows

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

T = TypeVar("T")
Params = Sequence[Any] | dict[str, Any] | None


@dataclass(frozen=True)
class TableInfo:
    """A table as the store sees it."""

    name: str
    rows: int
    columns: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Store:
    """Tables in one DuckDB file, shared by app, jobs, command line and notebooks.

    Args:
        path: The DuckDB file; made on first use.
        staging: Folder for half-done writes.
        memory_mb: Memory DuckDB may use.
        wait_seconds: How long to wait while another process holds the file.
    """

    path: Path
    staging: Path
    memory_mb: int = 1024
    wait_seconds: float = 15.0

    @contextmanager
    def connect(self) -> "Iterator[duckdb.DuckDBPyConnection]":
        """Open the file for one piece of work in one thread.

        Yields:
            A connection in UTC, with extension loading off.

        Raises:
            Busy: Another process held the file all the time we waited.
            Unavailable: The file cannot be opened at all.
        """
        entrance = gate(self.path).open(
            self.wait_seconds, lambda: self.opened(self.path), lambda opened: opened.close()
        )
        with entrance as connection:
            yield connection

    @contextmanager
    def lend(self) -> Iterator[None]:
        """Keep out of the file while a child process of ours opens it; it may read, not write.

        Raises:
            Busy: Another process held the file all the time we waited.
        """
        with gate(self.path).lend(self.wait_seconds):
            yield

    @contextmanager
    def transaction(self) -> "Iterator[duckdb.DuckDBPyConnection]":
        """Open the file and make everything done with it one change: all of it or none."""
        with self.connect() as connection, translated(self.path):
            connection.execute("BEGIN")
            try:
                yield connection
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

    def read(self, sql: str, params: Params = None) -> "pd.DataFrame":
        """Run a query of ours and return its rows as a frame."""
        with self.connect() as connection, translated(self.path):
            return connection.execute(sql, params).df()

    def rows(self, sql: str, params: Params = None) -> list[tuple[Any, ...]]:
        """Run a query of ours and return its rows as tuples."""
        with self.connect() as connection, translated(self.path):
            return connection.execute(sql, params).fetchall()

    def execute(self, sql: str, params: Params = None) -> None:
        """Run one statement of ours as one change."""
        self.change(lambda connection: connection.execute(sql, params).fetchall())

    def write(
        self, table: str, frame: "pd.DataFrame", mode: Mode = "replace", key: Sequence[str] = ()
    ) -> int:
        """Land rows in a table, all of them or none.

        Args:
            table: Name; a declared table is checked against its contract first.
            frame: The rows.
            mode: ``replace`` the table, ``append`` to it, or ``upsert`` rows by key.
            key: Columns that identify a row; the declared key when not given.

        Returns:
            Rows written.

        Raises:
            BadInput: The rows break the contract of the table.
            Busy: Another process held the file all the time we waited.
        """
        return self.change(lambda connection: write_rows(connection, table, frame, mode, key))

    def change(self, work: "Callable[[duckdb.DuckDBPyConnection], T]") -> T:
        """Do work in a transaction, again if someone else changed the same rows meanwhile.

        Args:
            work: Called with the connection; must be safe to call again.

        Returns:
            What the work returned.

        Raises:
            Busy: It collided all the time we waited.
        """
        deadline = time.monotonic() + self.wait_seconds
        while True:
            try:
                with self.transaction() as connection:
                    return work(connection)
            except Busy:
                if time.monotonic() > deadline:
                    raise
            pause()

    def stage(self) -> AbstractContextManager[Path]:
        """A path for a private DuckDB file to load into; it is gone at the end.

        Long loads write there without holding the shared file, then ``publish``.
        """
        return private_file(self.staging)

    def publish(
        self,
        staged: Path,
        modes: Mapping[str, Mode],
        also: "Callable[[duckdb.DuckDBPyConnection], None] | None" = None,
    ) -> None:
        """Land every named table of a staged file in one transaction.

        Args:
            staged: A closed DuckDB file made under ``stage``.
            modes: Tables in it and how each lands.
            also: More work for the same transaction.
        """

        def landing(connection: "duckdb.DuckDBPyConnection") -> None:
            connection.execute(f"ATTACH {literal(str(staged))} AS staged (READ_ONLY)")
            try:
                connection.execute("BEGIN")
                try:
                    for table, mode in modes.items():
                        land(connection, table, f"staged.{quoted(table)}", mode)
                    if also is not None:
                        also(connection)
                except BaseException:
                    connection.execute("ROLLBACK")
                    raise
                connection.execute("COMMIT")
            finally:
                connection.execute("DETACH staged")

        with self.connect() as connection, translated(self.path):
            landing(connection)

    def sweep(self) -> int:
        """Remove what killed processes left; returns how many half-done loads there were."""
        spilled = spill(self.staging, self.path)
        if spilled.exists():
            with suppress(Busy), gate(self.path).lend(0):  # busy: somebody may be spilling now
                shutil.rmtree(spilled, ignore_errors=True)
        return sweep(self.staging)

    def tables(self) -> list[TableInfo]:
        """Every table with its row count and columns, by name."""
        with self.connect() as connection, translated(self.path):
            found = connection.execute(
                "SELECT table_name, list({'n': column_name, 't': data_type} ORDER BY column_index)"
                " FROM duckdb_columns() WHERE NOT internal AND schema_name = 'main'"
                " GROUP BY table_name ORDER BY table_name"
            ).fetchall()
            return [
                TableInfo(
                    name,
                    connection.execute(f"SELECT count(*) FROM {quoted(name)}").fetchall()[0][0],
                    tuple((column["n"], column["t"]) for column in columns),
                )
                for name, columns in found
            ]

    def has(self, table: str) -> bool:
        """Whether a table exists."""
        sql = "SELECT count(*) FROM duckdb_tables() WHERE NOT internal AND table_name = ?"
        return self.path.exists() and bool(self.rows(sql, [table])[0][0])

    def opened(self, path: Path) -> "duckdb.DuckDBPyConnection":
        """Open a DuckDB file within the bounds of this store; ``connect`` is for its own file."""
        return open_file(
            path,
            spill(self.staging, path),
            memory_mb=self.memory_mb,
            wait_seconds=self.wait_seconds,
        )
