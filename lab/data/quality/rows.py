"""Rows held to a contract: every bad cell with its row and the reason, chunk by chunk.

Each promise here is about one cell alone, so that rows checked in chunks are judged as if they
had been checked at once, and only rows that may break one need to be looked at.
"""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from lab.core.sql import quoted
from lab.core.words import counted, grouped
from lab.data.quality.cells import RowRule, moment, row_rules
from lab.data.quality.contract import Contract
from lab.data.quality.findings import Finding, judged
from lab.data.quality.suspects import number, suspect
from lab.data.quality.whole import LINE, Relation, fits

if TYPE_CHECKING:
    import pandas as pd
    import pandera.pandas as pa

# Cells looked at together: few enough for memory, enough to outweigh the cost of a piece.
CHUNK_CELLS = 1_000_000
SHOWN_TEXT = 60
WHOLE = ("Int8", "Int16", "Int32", "Int64", "UInt8", "UInt16", "UInt32", "UInt64")


def bad_cells(frame: "pd.DataFrame", rules: list[RowRule]) -> "pd.DataFrame":
    """Hold rows to promises, all of them at once.

    Args:
        frame: Rows with unique numbers as index; columns that are absent are not judged.
        rules: From ``row_rules``.

    Returns:
        One row per broken promise, by line and then in the order of the contract: ``line``,
        ``column_name``, ``rule``, ``reason``.
    """
    import pandas as pd
    import pandera.pandas as pa

    known = [rule for rule in rules if rule.column in frame.columns]
    order = {(rule.column, rule.name): i for i, rule in enumerate(known)}
    columns: dict[str, list[RowRule]] = {}
    for rule in known:
        columns.setdefault(rule.column, []).append(rule)
    schema = pa.DataFrameSchema({name: _column(own) for name, own in columns.items()})
    try:
        schema.validate(frame, lazy=True)
    except pa.errors.SchemaErrors as error:
        cases = error.failure_cases
        names = [_rule_name(check) for check in cases["check"]]
        at = [order[key] for key in zip(cases["column"], names, strict=True)]
        found = pd.DataFrame(
            {
                "line": cases["index"].astype("int64"),
                "column_name": cases["column"],
                "rule": names,
                "reason": [
                    _reason(known[i], case)
                    for i, case in zip(at, _values(frame, cases), strict=True)
                ],
                "at": at,
            }
        )
        return found.sort_values(["line", "at"], ignore_index=True).drop(columns="at")
    return pd.DataFrame(columns=["line", "column_name", "rule", "reason"])


def _values(frame: "pd.DataFrame", cases: "pd.DataFrame") -> "pd.Series[Any]":
    """The cells at fault as their own columns hold them; pandera's list makes them one type."""
    import pandas as pd

    found = pd.Series(None, index=cases.index, dtype="object")
    for column, own in cases.groupby("column"):
        cells = frame[str(column)].loc[own["index"].astype("int64")]
        found.loc[own.index] = cells.astype("object").to_numpy()
    return found


def chunks(
    relation: Relation, columns: list[str], size: int, where: str = "true"
) -> "Iterator[pd.DataFrame]":
    """Rows of a relation in bounded pieces, typed so that a piece never changes a value.

    Args:
        relation: Where they are.
        columns: Columns to read.
        size: Most rows of a piece.
        where: SQL that holds for the rows to read.

    Yields:
        Frames indexed by the number of the row.
    """
    import pandas as pd
    import pyarrow as pa

    # Whole numbers with gaps would become floats, and lose digits, in some chunks only.
    types = {getattr(pa, name.lower())(): pd.api.types.pandas_dtype(name) for name in WHOLE}
    types[pa.bool_()] = pd.BooleanDtype()
    cells = {quoted(name): number(quoted(name), relation.types[name]) for name in columns}
    names = ", ".join([LINE, *(f"{cell} AS {name}" for name, cell in cells.items())])
    ends = f"min({LINE}), max({LINE}), count(*)"
    first, last, count = map(int, relation.numbers(ends, where))
    step = size if count > size else last - first + 1
    for start in range(first, last + 1, step):
        # By ranges, and not one long read: what was found is written down in between.
        rows = relation.connection.sql(
            f"SELECT {names} FROM ({relation.sql}) WHERE ({where}) "
            f"AND {LINE} >= {start} AND {LINE} < {start + step} ORDER BY {LINE}"
        ).to_arrow_table()
        frame = rows.to_pandas(types_mapper=types.get, date_as_object=False)
        yield frame.set_index(frame.pop(frame.columns[0]).astype("int64"))


def bad_pieces(relation: Relation, contract: Contract, size: int = 0) -> "Iterator[pd.DataFrame]":
    """The cells that break a promise, as the rows are read.

    Args:
        relation: The rows.
        contract: What they promise.
        size: Most rows looked at together; a million cells when not given.

    Yields:
        What ``bad_cells`` gives of each piece that has any.
    """
    rules, conditions = [], []
    for rule in judged_rules(relation, contract):
        condition = suspect(relation.connection, rule, relation.types[rule.column])
        # One question for each: DuckDB answers most from what it knows of whole blocks.
        if relation.numbers("count(*)", condition)[0]:
            rules.append(rule)
            conditions.append(f"({condition})")
    columns = list(dict.fromkeys(rule.column for rule in rules))
    size = size or max(1, CHUNK_CELLS // max(1, len(columns)))
    for frame in chunks(relation, columns, size, " OR ".join(conditions)) if rules else ():
        cells = bad_cells(frame, rules)
        if len(cells):
            yield cells


def judge_rows(
    relation: Relation,
    contract: Contract,
    handled: bool,
    sink: "Callable[[pd.DataFrame], None] | None" = None,
    size: int = 0,
) -> tuple[list[Finding], int]:
    """Hold every row to the promises about single cells.

    Args:
        relation: The rows.
        contract: What they promise.
        handled: Whether bad rows are turned away; they then only warn.
        sink: Called with the bad cells of each piece, as ``bad_cells`` gives them.
        size: Most rows looked at together; a million cells when not given.

    Returns:
        One finding per promise, and how many rows break any.
    """
    counts: dict[tuple[str, str], int] = {}
    first: dict[tuple[str, str], str] = {}
    bad_rows = 0
    for cells in bad_pieces(relation, contract, size):
        bad_rows += cells["line"].nunique()
        for (column, name), group in cells.groupby(["column_name", "rule"]):
            key = (str(column), str(name))
            counts[key] = counts.get(key, 0) + len(group)
            one = group.iloc[0]
            first.setdefault(key, f"{one['reason']} (line {grouped(one['line'])})")
        if sink is not None:
            sink(cells)
    policy = "warn" if handled else contract.policy
    found = []
    for rule in judged_rules(relation, contract):
        key = (rule.column, rule.name)
        count = counts.get(key, 0)
        words = f"{counted(count, 'bad row')}; first: {first[key]}" if count else "every row"
        found.append(Finding(rule.column, rule.name, rule.expected, words,
                             judged(not count, policy), count))  # fmt: skip
    return found, bad_rows


def judged_rules(relation: Relation, contract: Contract) -> list[RowRule]:
    """The promises about cells whose column is there and of the type that was promised."""
    there = {
        name for name, column in contract.columns.items()
        if name in relation.types and fits(column.type, relation.types[name])
    }  # fmt: skip
    return [rule for rule in row_rules(contract) if rule.column in there]


def _column(rules: list[RowRule]) -> "pa.Column":
    import pandera.pandas as pa

    checks = [_check(rule) for rule in rules if rule.name != "required"]
    return pa.Column(None, checks, nullable=all(rule.name != "required" for rule in rules))


def _check(rule: RowRule) -> "pa.Check":
    import pandera.pandas as pa

    def holds(series: "pd.Series[Any]") -> "pd.Series[Any]":
        return _holds(rule, series)

    return pa.Check(holds, name=rule.name, error=rule.name, ignore_na=True)


def _holds(rule: RowRule, series: "pd.Series[Any]") -> "pd.Series[Any]":
    import pandas as pd
    import pyarrow as pa
    import pyarrow.compute as pc

    if rule.name == "only":
        return series.isin(rule.bound)
    if rule.name == "pattern":
        # Google's RE2 and not Python's re: no pattern of a contract can take exponential time.
        texts = pa.array(series, pa.string(), from_pandas=True)
        matched = pc.match_substring_regex(texts, rf"\A(?:{rule.bound})\z")
        return pd.Series(matched.to_pandas().to_numpy(), index=series.index)
    bound = rule.bound
    if isinstance(bound, str):
        bound = pd.Timestamp(moment(bound))
        if getattr(series.dt, "tz", None) is not None:
            bound = bound.tz_localize("UTC")
    return series.ge(bound) if rule.name == "least" else series.le(bound)


def _rule_name(check: str) -> str:
    return "required" if check == "not_nullable" else check


def _reason(rule: RowRule, case: Any) -> str:
    if rule.name == "required":
        return f"{rule.column}: {rule.broken}"
    shown = str(case).removesuffix(" 00:00:00")[:SHOWN_TEXT]
    return f"{rule.column}: {shown} {rule.broken}"
