"""A table or a staged load held to a contract, promise by promise."""

import hashlib
import uuid
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING

from lab.core.schemas import QUALITY_RESULTS
from lab.core.sql import write_rows
from lab.core.words import counted
from lab.data.quality.contract import Contract
from lab.data.quality.findings import ORDER, Finding, QualityReport, judged, worst
from lab.data.quality.reading import as_yaml
from lab.data.quality.rows import judge_rows
from lab.data.quality.whole import Relation, column_findings, table_findings

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

WORDS = {"pass": "keeps", "warn": "keeps, with warnings,", "fail": "breaks"}


def judge(
    relation: Relation,
    contract: Contract,
    now: datetime,
    *,
    handled: bool = False,
    sink: "Callable[[pd.DataFrame], None] | None" = None,
    more: Callable[[Relation], Sequence[Finding]] = lambda _: (),
) -> tuple[tuple[Finding, ...], int, int]:
    """Hold rows to a contract: first each cell, then what is left as a whole.

    Args:
        relation: The rows; after ``sink`` took bad ones away, its SQL gives those that are left.
        contract: What they promise.
        now: The time freshness is measured from.
        handled: Whether bad rows are turned away; they then only warn.
        sink: Takes the bad cells.
        more: Further findings about the rows that are left, such as drift.

    Returns:
        Findings, the worst first; rows checked; and rows that break a promise about cells.
    """
    rows = int(relation.numbers("count(*)")[0])
    cells, bad = judge_rows(relation, contract, handled, sink)
    found = [*column_findings(relation, contract), *cells]
    found += table_findings(relation, contract, now)
    if contract.most_bad < 1:
        share = bad / max(rows, 1)
        found.append(Finding("", "most_bad", f"{contract.most_bad:.1%} bad rows at most",
                             f"{share:.1%} ({counted(bad, 'row')})",
                             judged(share <= contract.most_bad, contract.policy)))  # fmt: skip
    found += more(relation)
    return tuple(sorted(found, key=lambda one: ORDER.index(one.verdict))), rows, bad


def report(
    contract: Contract,
    outcome: tuple[tuple[Finding, ...], int, int],
    now: datetime,
    load_id: str = "",
) -> QualityReport:
    """Put findings together.

    Args:
        contract: What was promised.
        outcome: From ``judge``.
        now: When, with a zone.
        load_id: The load it belongs to.
    """
    findings, rows, bad = outcome
    verdict = worst(findings)
    broken = sum(one.verdict != "pass" for one in findings)
    away = f" {counted(bad, 'bad row')}{' turned away' if load_id else ''}." if bad else ""
    return QualityReport(
        quality_id=uuid.uuid4().hex[:12],
        dataset=contract.dataset,
        load_id=load_id,
        checked_at=now.isoformat(),
        contract=fingerprint(contract),
        rows=rows,
        bad_rows=bad,
        verdict=verdict,
        sentence=f"{contract.dataset} {WORDS[verdict]} its contract: {len(findings) - broken} of "
        f"{counted(len(findings), 'promise')} kept on {counted(rows, 'row')}.{away}",
        findings=findings,
    )


def fingerprint(contract: Contract) -> str:
    """First digits of the hash of what a contract says, however it is written."""
    return hashlib.sha256(as_yaml(contract).encode()).hexdigest()[:12]


def land_report(connection: "duckdb.DuckDBPyConnection", found: QualityReport) -> None:
    """Write a report to ``quality_results``, inside a transaction that is open."""
    import pandas as pd

    shared = {
        "quality_id": found.quality_id,
        "checked_at": datetime.fromisoformat(found.checked_at),
        "dataset": found.dataset,
        "load_id": found.load_id,
        "contract": found.contract,
        "rows": found.rows,
        "rows_bad_in_all": found.bad_rows,
    }
    rows = [{**shared, **asdict(one), "position": i} for i, one in enumerate(found.findings)]
    frame = pd.DataFrame(rows).rename(columns={"column": "column_name", "name": "promise"})
    write_rows(connection, QUALITY_RESULTS.name, frame)
