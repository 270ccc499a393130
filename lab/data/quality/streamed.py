"""A batch of a stream held to a contract: only what it promises of rows, each for itself."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from lab.core.errors import BadInput
from lab.core.words import counted
from lab.data.quality.contract import Contract
from lab.data.quality.findings import Finding, told
from lab.data.quality.rows import judge_rows
from lab.data.quality.whole import Relation, column_findings

if TYPE_CHECKING:
    import pandas as pd

LAST = "; last: "


@dataclass(frozen=True)
class Judged:
    """What a batch showed.

    Args:
        cells: Number of the row, column and reason of each cell that breaks a promise.
        findings: One per promise about columns and cells.
        rows: Rows checked.
        bad_rows: Rows that break a promise.
    """

    cells: tuple[tuple[int, str, str], ...]
    findings: tuple[Finding, ...]
    rows: int
    bad_rows: int


class OtherColumns(BadInput):
    """The columns are not those of a contract that blocks.

    Args:
        findings: What was promised of the columns, and whether it was kept.
    """

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        wrong = [one for one in findings if one.verdict == "fail"]
        super().__init__(
            f"The table breaks its contract: {told(wrong)}.",
            "Stream into a table with these columns, or change the contract (Check quality).",
        )
        self.findings = findings


def judge_batch(relation: Relation, contract: Contract) -> Judged:
    """Find the cells of a batch that break a promise.

    What a contract promises of a table as a whole, such as how many rows it has or how fresh it
    is, says nothing about one batch of it; a check of the table does.

    Args:
        relation: The rows.
        contract: What they promise.

    Raises:
        OtherColumns: The columns are not those of a contract that blocks.
    """
    columns = tuple(column_findings(relation, contract))
    if any(one.verdict == "fail" for one in columns):
        raise OtherColumns(columns)
    pieces: list[pd.DataFrame] = []
    found, bad = judge_rows(relation, contract, True, pieces.append)
    cells = [cell for piece in pieces for cell in piece.itertuples(index=False, name=None)]
    last = {(column, rule): reason for _, column, rule, reason in cells}
    findings = (_told_last(one, last.get((one.column, one.name), "")) for one in found)
    return Judged(
        tuple((line, column, reason) for line, column, _, reason in cells),
        (*columns, *findings),
        int(relation.numbers("count(*)")[0]),
        bad,
    )


def _told_last(finding: Finding, reason: str) -> Finding:
    """A finding with the last bad cell in words: its row has no number in the table."""
    return replace(finding, found=bad_words(finding.bad_rows, reason)) if reason else finding


def bad_words(rows: int, last: str) -> str:
    """What is said of a promise that rows broke."""
    return f"{counted(rows, 'bad row')}{LAST}{last}"
