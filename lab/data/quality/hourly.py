"""What streams showed of their contracts, hour by hour, however fast their batches come.

A check for each batch would flood the history: a hundred batches a second with twenty promises
are seven million rows an hour. So all batches of a stream that land in the same hour (UTC) under
the same contract are one check, which grows in the transactions that land their rows: it counts
each row once, as the table does.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from lab.core.schemas import QUALITY_RESULTS
from lab.data.quality.contract import Contract
from lab.data.quality.findings import ORDER, Finding
from lab.data.quality.judging import fingerprint, land_report, report
from lab.data.quality.streamed import LAST, bad_words

if TYPE_CHECKING:
    import duckdb


def note_batch(
    connection: "duckdb.DuckDBPyConnection",
    contract: Contract,
    load_id: str,
    found: tuple[Sequence[Finding], int, int],
    now: datetime,
) -> None:
    """Add a batch to the check of its hour, inside a transaction that is open.

    Args:
        connection: Where ``quality_results`` is.
        contract: What was promised.
        load_id: Under which id the stream stands in ``loads``.
        found: Findings about the batch, rows checked and rows that break a promise.
        now: When, with a zone.
    """
    connection.execute(QUALITY_RESULTS.ddl())
    findings, rows, bad = found
    hour = now.replace(minute=0, second=0, microsecond=0).isoformat()
    check = hashlib.sha256(f"{load_id} {fingerprint(contract)} {hour}".encode()).hexdigest()[:12]
    known = connection.execute(
        "UPDATE quality_results SET checked_at = $2, rows = rows + $3, "
        "rows_bad_in_all = rows_bad_in_all + $4 WHERE quality_id = $1",
        [check, now, rows, bad],
    ).fetchall()[0][0]
    if not known:
        made = report(contract, (tuple(findings), rows, bad), now, load_id)
        land_report(connection, replace(made, quality_id=check))
        return
    for one in findings:
        if one.verdict != "pass":
            _add(connection, check, one)


def _add(connection: "duckdb.DuckDBPyConnection", check: str, finding: Finding) -> None:
    """Add a promise that a batch broke to what the hour showed of it."""
    same = "quality_id = ? AND column_name = ? AND promise = ?"
    place = [check, finding.column, finding.name]
    before, verdict = connection.execute(
        f"SELECT bad_rows, verdict FROM quality_results WHERE {same}", place
    ).fetchall()[0]
    rows, found = int(before) + finding.bad_rows, finding.found
    if finding.bad_rows:
        found = bad_words(rows, found.partition(LAST)[2])
    worse = min(verdict, finding.verdict, key=ORDER.index)
    connection.execute(
        f"UPDATE quality_results SET bad_rows = ?, found = ?, verdict = ? WHERE {same}",
        [rows, found, worse, *place],
    )
