"""The rows a contract is held against, and those they are compared with."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from lab.core.errors import unknown
from lab.core.sql import quoted, row_id, translated
from lab.core.workspace import Workspace
from lab.data.quality.contract import ColumnDrift, Contract
from lab.data.quality.findings import Finding, judged
from lab.data.quality.whole import LINE, Relation

if TYPE_CHECKING:
    import pandas as pd

MOST_ROWS = 10_000
MOST_HASH = 2**64 - 1
SNAPSHOT = "snapshot:"


@contextmanager
def table_relation(ws: Workspace, table: str) -> Iterator[Relation]:
    """Open a table for checks; its rows are numbered from 1 as they lie.

    Raises:
        NotFound: There is no such table.
    """
    if not ws.store.has(table):
        raise unknown("table", table, [info.name for info in ws.store.tables()])
    with ws.store.connect() as connection, translated(ws.database):
        names = [row[0] for row in connection.execute(f"DESCRIBE {quoted(table)}").fetchall()]
        yield Relation.of(connection, quoted(table), f"{row_id(names)} + 1")


def drift_reference(ws: Workspace, contract: Contract) -> "pd.DataFrame | None":
    """The rows that drift is measured from; ``None`` when the contract says nothing of drift.

    Read before the table is, since the shared file is opened for one piece of work at a time.

    Raises:
        NotFound: The reference is not in the workspace.
    """
    if contract.drift is None:
        return None
    name, columns = contract.drift.reference, list(contract.drift.columns)
    if name.startswith(SNAPSHOT):
        from lab.flows.snapshot import recall

        frame = recall(ws, name.removeprefix(SNAPSHOT))
        for column in columns:
            if column not in frame:
                raise unknown(f"column of {name}", column, frame.columns)
        kept: pd.DataFrame = frame[columns]
        return kept
    with table_relation(ws, name) as relation:
        return _sample(relation, columns)


def drift_findings(
    reference: "pd.DataFrame | None", relation: Relation, contract: Contract
) -> list[Finding]:
    """Whether the columns of a contract still look as they did.

    Args:
        reference: From ``drift_reference``.
        relation: The rows of today.
        contract: Columns, methods and limits.
    """
    if contract.drift is None or reference is None:
        return []
    there = [name for name in contract.drift.columns if name in relation.types]
    current = _sample(relation, there)
    return [
        _drift(reference, current, name, how, contract)
        for name, how in contract.drift.columns.items()
        if name in there
    ]


def _sample(relation: Relation, columns: Sequence[str]) -> "pd.DataFrame":
    for name in columns:
        if name not in relation.types:
            raise unknown("column", name, relation.types)
    names = ", ".join(map(quoted, columns)) or "1"
    # The same rows each time, whatever the order they lie in; far more need not be put in order.
    rows = max(1, int(relation.numbers("count(*)")[0]))
    highest = min(MOST_HASH, MOST_HASH * 2 * MOST_ROWS // rows)
    drawn: pd.DataFrame = relation.connection.sql(
        f"SELECT {names} FROM ({relation.sql}) WHERE hash({LINE}) <= {highest}::UBIGINT "
        f"ORDER BY hash({LINE}) LIMIT {MOST_ROWS}"
    ).df()
    return drawn


def _drift(
    reference: "pd.DataFrame",
    current: "pd.DataFrame",
    name: str,
    how: ColumnDrift,
    contract: Contract,
) -> Finding:
    from lab.mlops.drift import method
    from lab.mlops.drift.columns import Pair, pair
    from lab.mlops.drift.plan import Plan

    chosen = method(how.method)
    limit = chosen.threshold if how.limit is None else how.limit
    expected = f"{chosen.title} {'above' if chosen.p_value_based else 'below'} {limit:g}"
    found = pair(name, reference, current)
    if not isinstance(found, Pair):
        return Finding(name, "drift", expected, f"not compared: {found.reason}", "warn")
    if found.kind not in chosen.kinds:
        return Finding(name, "drift", expected, f"not compared: {found.kind} column", "warn")
    pooled, side, _ = Plan(found, chosen).pooled()
    if chosen.prepare is not None:
        statistic = chosen.prepare(pooled, side)(side)
    else:
        statistic = _p_value(chosen.name, pooled[side], pooled[~side])
    kept = not chosen.drifted(statistic, limit)
    return Finding(name, "drift", expected, f"{statistic:.3g}", judged(kept, contract.policy))


def _p_value(name: str, reference: Any, current: Any) -> float:
    """The p-value of the two tests there are, as Evidently computes them."""
    import numpy as np
    from scipy import stats

    if name == "ks":
        return float(stats.ks_2samp(reference, current).pvalue)
    _, codes = np.unique(np.concatenate([reference, current]), return_inverse=True)
    counts = [np.bincount(part, minlength=codes.max() + 1)
              for part in np.split(codes, [len(reference)])]  # fmt: skip
    expected = counts[0] / len(reference) * len(current)
    with np.errstate(divide="ignore", invalid="ignore"):
        return float(stats.chisquare(counts[1], expected).pvalue)
