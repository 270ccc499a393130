"""What a check of a table against its contract says."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from lab.data.quality.contract import Policy, Verdict

ORDER: tuple[Verdict, ...] = ("fail", "warn", "pass")
TOLD = 3


@dataclass(frozen=True)
class Finding:
    """One promise of a contract and whether it was kept.

    Args:
        column: The column it is about; empty for the table as a whole.
        name: The promise: type, required, least, most, only, pattern, complete, unique, rows,
            most_bad, fresh, drift or extra.
        expected: What was promised, in words.
        found: What was found, in words.
        verdict: pass, warn or fail.
        bad_rows: Rows that break it; 0 for a promise about the table as a whole.
    """

    column: str
    name: str
    expected: str
    found: str
    verdict: Verdict
    bad_rows: int = 0


@dataclass(frozen=True)
class QualityReport:
    """A table held against its contract.

    Args:
        quality_id: Id of the check in table ``quality_results``.
        dataset: The table.
        load_id: The load it belongs to; empty for a check of a table as it lies.
        checked_at: When, ISO 8601 in UTC.
        contract: Hash of the contract's text, first 12 digits.
        rows: Rows checked.
        bad_rows: Rows that break a promise about single cells.
        verdict: The worst of its findings.
        sentence: The verdict in words.
        findings: One per promise, the worst first.
    """

    quality_id: str
    dataset: str
    load_id: str
    checked_at: str
    contract: str
    rows: int
    bad_rows: int
    verdict: Verdict
    sentence: str
    findings: tuple[Finding, ...] = field(default=(), repr=False)

    @property
    def ok(self) -> bool:
        """Whether nothing failed; a warning is no failure."""
        return self.verdict != "fail"


def judged(kept: bool, policy: Policy) -> Verdict:
    """The verdict on one promise.

    >>> judged(True, "block"), judged(False, "block"), judged(False, "warn")
    ('pass', 'fail', 'warn')
    """
    if kept:
        return "pass"
    return "fail" if policy == "block" else "warn"


def told(findings: Sequence[Finding]) -> str:
    """The first few findings in words: what was expected, and what was found."""
    return "; ".join(
        f"{' '.join(filter(None, (one.column, one.name)))}: expected {one.expected}, "
        f"found {one.found}"
        for one in findings[:TOLD]
    )


def worst(findings: Sequence[Finding]) -> Verdict:
    """The worst verdict there is; pass for none."""
    return min((one.verdict for one in findings), key=ORDER.index, default="pass")
