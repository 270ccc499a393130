"""The promises a table makes as a whole, checked in SQL: columns, completeness, keys, age, size."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, get_args

from lab.core.sql import is_number, is_time, quoted
from lab.core.words import counted, grouped
from lab.data.quality.contract import Contract, Freshness, Kind
from lab.data.quality.findings import Finding, judged
from lab.data.quality.repeats import repeats

if TYPE_CHECKING:
    import duckdb

DAY = 86_400
# How a relation calls its rows' numbers: no column of a person's is called like this.
LINE = quoted("lab: line")


@dataclass(frozen=True)
class Relation:
    """Rows to check.

    Args:
        connection: Where they can be read.
        sql: SQL of a relation that numbers its rows in the column ``LINE``.
        types: DuckDB types of its other columns, by name.
    """

    connection: "duckdb.DuckDBPyConnection"
    sql: str
    types: Mapping[str, str]

    @classmethod
    def of(
        cls, connection: "duckdb.DuckDBPyConnection", source: str, line: str, columns: str = "*"
    ) -> "Relation":
        """Describe rows.

        Args:
            connection: Where they can be read.
            source: SQL of where they come from.
            line: SQL of their number, each a different one.
            columns: SQL of their columns.
        """
        types = connection.execute(f"DESCRIBE SELECT {columns} FROM {source}").fetchall()
        sql = f"SELECT {line} AS {LINE}, {columns} FROM {source}"
        return cls(connection, sql, {str(row[0]): str(row[1]) for row in types})

    def numbers(self, select: str, where: str = "true") -> list[float]:
        """One row of numbers over all rows for which some SQL holds."""
        sql = f"SELECT {select} FROM ({self.sql}) WHERE {where}"
        row = self.connection.execute(sql).fetchall()[0]
        return [float(value or 0) for value in row]


def fits(kind: Kind, type_: str) -> bool:
    """Whether a DuckDB type holds what a contract calls a kind.

    >>> fits("integer", "BIGINT"), fits("number", "BIGINT"), fits("integer", "DOUBLE")
    (True, True, False)
    """
    if kind == "integer":
        return is_number(type_) and type_.endswith(("INT", "INTEGER"))
    if kind == "number":
        return is_number(type_)
    if kind == "time":
        return is_time(type_)
    return type_ == {"text": "VARCHAR", "boolean": "BOOLEAN", "date": "DATE"}[kind]


def kind_of(type_: str) -> Kind | None:
    """What a contract calls a DuckDB type; ``None`` where it has no word for it.

    >>> kind_of("DECIMAL(9,2)"), kind_of("DATE"), kind_of("VARCHAR[]")
    ('number', 'date', None)
    """
    return next((kind for kind in get_args(Kind) if fits(kind, type_)), None)


def column_findings(relation: Relation, contract: Contract) -> list[Finding]:
    """Whether every column is there with its type, and no other where none is allowed."""
    found = []
    for name, column in contract.columns.items():
        there = relation.types.get(name)
        kept = there is not None and fits(column.type, there)
        called = column.type if kept else kind_of(there or "") or (there or "").lower()
        words = f"column of {called}" if called else "no such column"
        found.append(Finding(name, "type", f"column of {column.type}", words,
                             judged(kept, contract.policy)))  # fmt: skip
    if not contract.extra_columns:
        extra = [name for name in relation.types if name not in contract.columns]
        found.append(Finding("", "extra", "no other column", ", ".join(extra) or "none",
                             judged(not extra, contract.policy)))  # fmt: skip
    return found


def table_findings(relation: Relation, contract: Contract, now: datetime) -> list[Finding]:
    """Completeness, uniqueness, number of rows and freshness.

    Args:
        relation: The rows that count.
        contract: What they promise.
        now: The time freshness is measured from, with a zone.
    """
    rows = int(relation.numbers("count(*)")[0])
    found = [_size(contract, rows)]
    found += _complete(relation, contract, rows)
    found += [_unique(relation, contract, group) for group in contract.unique]
    if contract.freshness:
        found.append(_fresh(relation, contract, contract.freshness, now))
    return found


def _size(contract: Contract, rows: int) -> Finding:
    least, most = contract.rows.least, contract.rows.most
    expected = f"{counted(least, 'row')} or more" + (f", at most {grouped(most)}" if most else "")
    kept = rows >= least and (most is None or rows <= most)
    return Finding("", "rows", expected, counted(rows, "row"), judged(kept, contract.policy))


def _complete(relation: Relation, contract: Contract, rows: int) -> list[Finding]:
    asked = {n: c.complete for n, c in contract.columns.items() if c.complete}
    asked = {name: share for name, share in asked.items() if name in relation.types}
    if not asked:
        return []
    counts = relation.numbers(", ".join(f"count({quoted(name)})" for name in asked))
    found = []
    for (name, share), filled in zip(asked.items(), counts, strict=True):
        kept = filled >= share * rows
        words = f"{filled / max(rows, 1):.1%} filled"
        found.append(Finding(name, "complete", f"{share:.1%} filled or more", words,
                             judged(kept, contract.policy)))  # fmt: skip
    return found


def _unique(relation: Relation, contract: Contract, group: tuple[str, ...]) -> Finding:
    where, named = "", ", ".join(group)
    if missing := [name for name in group if name not in relation.types]:
        return Finding(missing[0], "unique", f"{named} never repeats", "no such column",
                       judged(False, contract.policy))  # fmt: skip
    found = repeats(relation, group)
    if found.rows:
        where = f"; the first repeats row {grouped(found.first)}"
    words = f"{counted(found.rows, 'repeated row')}{where}"
    return Finding("", "unique", f"{named} never repeats", words,
                   judged(not found.rows, contract.policy))  # fmt: skip


def _fresh(relation: Relation, contract: Contract, mark: Freshness, now: datetime) -> Finding:
    name, limit = mark.column, mark.within_days
    expected = f"newest at most {limit:g} days old"
    if name not in relation.types or not is_time(relation.types[name]):
        return Finding(name, "fresh", expected, "no days or times", judged(False, contract.policy))
    newest = relation.connection.execute(
        f"SELECT epoch(max({quoted(name)})) FROM ({relation.sql})"
    ).fetchall()[0][0]
    if newest is None:
        return Finding(name, "fresh", expected, "no value", judged(False, contract.policy))
    age = (now.timestamp() - float(newest)) / DAY
    written = datetime.fromtimestamp(float(newest), UTC).strftime("%Y-%m-%d %H:%M")
    words = f"newest {written} UTC, {grouped(max(age, 0), '.1f')} days old"
    return Finding(name, "fresh", expected, words,
                   judged(age <= limit, contract.policy))  # fmt: skip
