"""Columns with the type a mapping gives them, and the findings: bad cells and repeated keys."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from lab.core.schemas import TABLES
from lab.core.sql import literal
from lab.data.casts import Cast, cast, zone_count
from lab.data.mapping import Mapping
from lab.data.rules import kept
from lab.data.shortcuts import EXPONENT, FORGIVEN, Plainly, forms, plainly, trial, wide
from lab.data.source import Source

if TYPE_CHECKING:
    import duckdb

Fetch = Callable[[list[int]], None]
# Gives the values of some aggregates in SQL.
Ask = Callable[[str], tuple[Any, ...]]


class TypedColumn(NamedTuple):
    """A column that is read, on its way from text to type.

    Args:
        name: Its name in the file.
        place: Its place in the file, from 0; its text is in ``c<place>``.
        cell: Its typed value and what is wrong with it.
        told: Whether only a cell without a value can be wrong.
        needed: Whether a cell without a value is wrong.
        trial: SQL that is worked out first, once for each cell, as ``t<place>``; may be empty.
        plain: How it is read where its cells are plain, if there is a way.
    """

    name: str
    place: int
    cell: Cast
    told: bool
    needed: bool
    trial: str
    plain: Plainly | None = None

    @property
    def value(self) -> str:
        """Name of the typed column."""
        return f"v{self.place}"

    @property
    def reason(self) -> str:
        """Name of the column with the reasons."""
        return f"r{self.place}"

    @property
    def suspect(self) -> str:
        """SQL for whether a cell is bad, beside its text and its value."""
        wrong = f"({self.cell.reason}) IS NOT NULL"
        if self.told:
            return f"CASE WHEN {self.value} IS NULL THEN {wrong} ELSE false END"
        return wrong


def typed_columns(
    source: Source,
    mapping: Mapping,
    ask: Ask,
    odd: str = FORGIVEN + EXPONENT,
    *,
    plain: bool = False,
) -> list[TypedColumn]:
    """How every column that is read becomes typed.

    Args:
        source: The file.
        mapping: A checked mapping.
        ask: Answers a question about some of its rows as text.
        odd: Which of the characters that DuckDB forgives in a number may stand in a cell.
        plain: Whether columns may also be read plainly.
    """
    required, found, forms_read = _required(mapping), list[TypedColumn](), dict[str, str]()
    for name in mapping.used:
        place, kind = source.columns.index(name), mapping.types[name]
        text, zone = f"c{place}", mapping.timezone or "UTC"
        own = kind == "time" and _mostly_zoned(ask, text)
        one = cast(text, kind, zone=zone, zoned=own, odd=odd, tried=f"t{place}")
        ruled = name in mapping.rules
        if ruled:
            one = kept(one, mapping.rules[name], text)
        needed = mapping.landed(name) in required
        if needed:
            empty = f"CASE WHEN ({one.value}) IS NULL THEN 'is empty' END"
            one = replace(one, reason=f"coalesce({one.reason}, {empty})")
        way = _plainly(ask, text, kind, zone, own, odd) if plain and not ruled else None
        tried = trial(text, kind, own)
        if way and forms_read.setdefault(way.type, way.form) != way.form:
            way = None  # DuckDB's reader knows one form for all columns
        found.append(TypedColumn(name, place, one, not ruled, needed, tried, way))
    return found


def _mostly_zoned(ask: Ask, column: str) -> bool:
    """Whether most times of a text column carry a zone of their own."""
    zoned, all_of_them = ask(f"{zone_count(column)}, count(nullif(trim({column}), ''))")
    return bool(zoned > all_of_them - zoned)


def _plainly(ask: Ask, column: str, kind: str, zone: str, zoned: bool, odd: str) -> Plainly | None:
    """How a column is read plainly, if the rows that can be asked for let one hope so."""
    form = ""
    if kind == "time" and (zoned or zone == "UTC"):
        counts = ", ".join(f"count(try_strptime({column}, {literal(f)}))" for f in forms(zoned))
        total, *found = ask(f"count({column}), {counts}")
        form = next((f for f, n in zip(forms(zoned), found, strict=True) if n == total), "")
    if kind == "integer" and ask(f"count(*) FILTER ({wide(column)})")[0]:
        return None
    return plainly(column, kind, odd, form)


def tried(columns: list[TypedColumn], relation: str) -> str:
    """SQL for a relation with the trials of its columns beside their text."""
    trials = "".join(f", {one.trial} AS t{one.place}" for one in columns if one.trial)
    return f"(SELECT *{trials} FROM {relation})"


def asking(connection: "duckdb.DuckDBPyConnection", relation: str) -> Ask:
    """How to ask for aggregates over the rows of a relation."""

    def ask(aggregates: str) -> tuple[Any, ...]:
        return connection.execute(f"SELECT {aggregates} FROM {relation}").fetchall()[0]

    return ask


def type_raw(
    connection: "duckdb.DuckDBPyConnection",
    source: Source,
    columns: list[TypedColumn],
    table: str = "typed",
) -> None:
    """Type the rows of table ``raw`` and add every bad cell to ``rejects``.

    Args:
        connection: With ``raw`` and ``rejects``.
        source: The file they came from.
        columns: From ``typed_columns``.
        table: Table to make, with line, values and reasons.
    """
    parts = [f"{one.cell.value} AS {one.value}" for one in columns]
    parts += [f"CAST({one.cell.reason} AS VARCHAR) AS {one.reason}" for one in columns]
    connection.execute(
        f"CREATE TABLE {table} AS SELECT line, {', '.join(parts)} FROM {tried(columns, 'raw')}"
    )
    counts = ", ".join(f"count({one.reason})" for one in columns)
    bad = connection.execute(f"SELECT {counts} FROM {table}").fetchall()[0]
    for one, count in zip(columns, bad, strict=True):
        if count:
            connection.execute(
                f"INSERT INTO rejects SELECT line, ?, ?::VARCHAR || ': ' || {one.reason}, "
                f"left({row_text(source)}, 500) FROM {table} JOIN raw USING (line) "
                f"WHERE {one.reason} IS NOT NULL",
                [one.name, one.name],
            )


def reject_repeats(
    connection: "duckdb.DuckDBPyConnection",
    source: Source,
    mapping: Mapping,
    fetch: Fetch | None = None,
) -> None:
    """Add every row that repeats the key of an earlier one to ``rejects``.

    Args:
        connection: With ``typed``, ``raw`` and ``rejects``.
        source: The file.
        mapping: A checked mapping.
        fetch: Puts lines in ``raw`` that are not there yet.
    """
    key, what = _key(mapping)
    columns = ", ".join(f"v{source.columns.index(name)}" for name in key)
    if not columns:
        return
    # Two passes, so that a file without repeats pays for one small aggregate only.
    connection.execute(
        f"CREATE TABLE twice AS SELECT {columns}, min(line) AS first FROM typed "
        f"WHERE line NOT IN (SELECT line FROM rejects) GROUP BY {columns} HAVING count(*) > 1"
    )
    same = " AND ".join(f"t.{c} IS NOT DISTINCT FROM k.{c}" for c in columns.split(", "))
    connection.execute(
        "CREATE TABLE repeats AS SELECT t.line, k.first "
        f"FROM typed t JOIN twice k ON {same} "
        "WHERE t.line > k.first AND t.line NOT IN (SELECT line FROM rejects)"
    )
    if fetch is not None:
        found = connection.execute("SELECT line FROM repeats ORDER BY line").fetchall()
        fetch([line for (line,) in found])
    said = literal(f"The row repeats {what} of {'line' if source.is_text else 'row'} ")
    connection.execute(
        f"INSERT INTO rejects SELECT line, '', {said} || first, "
        f"left({row_text(source)}, 500) FROM repeats JOIN raw USING (line)"
    )


def row_text(source: Source) -> str:
    """SQL that writes a row of ``raw`` as it stands in the file, as nearly as its cells tell."""
    mark = literal(source.dialect.delimiter if source.is_text else ",")
    cells = ", ".join(f"coalesce(c{i}, '')" for i in range(len(source.columns)))
    return f"concat_ws({mark}, {cells})"


def _required(mapping: Mapping) -> set[str]:
    if mapping.kind == "metrics":
        return {mapping.time_column, mapping.metric_column} - {""}
    declared = TABLES.get(mapping.dataset)
    if declared is None:
        return {mapping.landed(name) for name in mapping.key}
    return {column.name for column in declared.columns if not column.nullable}


def _key(mapping: Mapping) -> tuple[list[str], str]:
    """Columns that make a row unique, and what to call them."""
    if mapping.kind == "metrics":
        key = [mapping.time_column, mapping.metric_column, *mapping.label_columns]
        return [name for name in key if name], "the time and labels"
    declared = TABLES.get(mapping.dataset)
    named = {mapping.landed(name): name for name in mapping.used}
    chosen = [named[name] for name in declared.key] if declared else list(mapping.key)
    return chosen, f"the key ({', '.join(chosen)})"
