"""Hold a table to its contract, and keep what was found."""

from datetime import UTC, datetime

from lab.core.errors import NotFound
from lab.core.progress import Progress, Steps
from lab.core.workspace import Workspace
from lab.data.quality.findings import QualityReport
from lab.flows.contracts import find_contract
from lab.flows.quality_rows import drift_findings, drift_reference, table_relation


def check_quality(ws: Workspace, table: str, file: str = "") -> Steps[QualityReport]:
    """Hold a table as it lies to its contract; nothing in it is changed.

    Args:
        ws: The workspace.
        table: The table.
        file: A YAML file with a contract; the one kept in the workspace when not given.

    Returns:
        What was found; it is in the table ``quality_results``.

    Raises:
        NotFound: There is no such table or file, or no contract for it.
        BadInput: The file holds no contract, or one for another table.
    """
    from lab.data.quality.judging import judge, land_report, report

    promised = find_contract(ws, table, file)
    if promised is None:
        raise NotFound(
            f"There is no contract for table {table!r}.",
            "Keep one first (Check quality, or python -m lab contract), or name a file.",
        )
    now = datetime.now(UTC)
    yield Progress(0, 3, "Reading what it is compared with")
    reference = drift_reference(ws, promised)
    yield Progress(1, 3, f"Checking {table}")
    with table_relation(ws, table) as relation:
        outcome = judge(
            relation, promised, now,
            more=lambda rows: drift_findings(reference, rows, promised),
        )  # fmt: skip
    found = report(promised, outcome, now)
    ws.store.change(lambda connection: land_report(connection, found))
    yield Progress(3, 3, found.sentence)
    return found
