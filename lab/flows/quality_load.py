"""A load held to its contract while it is staged: bad rows are turned away, the rest is judged."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from lab.core.errors import BadInput
from lab.core.workspace import Workspace
from lab.data.mapping import Mapping
from lab.data.source import Source
from lab.flows.load_report import LoadSummary
from lab.flows.quality_rows import drift_findings, drift_reference

if TYPE_CHECKING:
    import duckdb

    from lab.data.quality.contract import Contract
    from lab.data.quality.findings import Finding, QualityReport


@dataclass
class Held:
    """One load and its contract, step by step.

    Args:
        ws: The workspace.
        connection: The private database of the load.
        source: The file.
        mapping: The mapping used.
        contract: What the rows promise.
    """

    ws: Workspace
    connection: "duckdb.DuckDBPyConnection"
    source: Source
    mapping: Mapping
    contract: "Contract"
    _outcome: "tuple[tuple[Finding, ...], int, int]" = field(init=False)
    _report: "QualityReport" = field(init=False)

    def check(self) -> bool:
        """Judge the typed rows; bad ones join the rejects.

        Returns:
            Whether it was done; when not, the file must be read carefully.
        """
        from lab.data.quality.staged import judge_staged

        reference = drift_reference(self.ws, self.contract)
        outcome = judge_staged(
            self.connection, self.source, self.mapping, self.contract, datetime.now(UTC),
            lambda rows: drift_findings(reference, rows, self.contract),
        )  # fmt: skip
        if outcome is not None:
            self._outcome = outcome
        return outcome is not None

    def judged(self, summary: LoadSummary) -> LoadSummary:
        """Let the load go on, or stop it and keep the report that says why.

        Raises:
            BadInput: The contract blocks the load.
        """
        from lab.data.quality.findings import told
        from lab.data.quality.judging import land_report, report

        found = report(self.contract, self._outcome, datetime.now(UTC), summary.load_id)
        self._report = found
        if found.ok:
            return replace(summary, quality=found.sentence)
        self.ws.store.change(lambda connection: land_report(connection, found))
        broken = [one for one in found.findings if one.verdict == "fail"]
        raise BadInput(
            f"{found.sentence} {told(broken)}.",
            "Nothing was loaded. Mend the file, or let the contract warn instead (Check quality).",
        )

    def land(self, shared: "duckdb.DuckDBPyConnection") -> None:
        """Write the report in the transaction of the load."""
        from lab.data.quality.judging import land_report

        land_report(shared, self._report)
